#include "platform/soc/observers.h"

#include <algorithm>

namespace flexcim {

std::vector<Interposer*> Observers::chain(const std::string& connection) {
  std::vector<Interposer*> chain;
  if (config_.protocol_checker) {
    checkers_.push_back(std::make_unique<ProtocolChecker>((connection + "_checker").c_str()));
    chain.push_back(checkers_.back().get());
  }
  if (config_.records()) {
    const auto record = [this](const TransactionRecord& each) {
      if (!recording_) return;
      for (const TransactionSink& sink : sinks_) sink(each);
    };
    recorders_.push_back(std::make_unique<TransactionRecorder>(connection.c_str(), record));
    chain.push_back(recorders_.back().get());
  }
  for (std::size_t i = 1; i < chain.size(); ++i) chain[i - 1]->to_target.bind(chain[i]->from_initiator);
  return chain;
}

tlm::tlm_initiator_socket<>& Observers::behind(tlm::tlm_initiator_socket<>& initiator, const std::string& connection) {
  const std::vector<Interposer*> between = chain(connection);
  if (between.empty()) return initiator;
  initiator.bind(between.front()->from_initiator);
  return between.back()->to_target;
}

tlm::tlm_target_socket<>& Observers::before(tlm::tlm_target_socket<>& target, const std::string& connection) {
  const std::vector<Interposer*> between = chain(connection);
  if (between.empty()) return target;
  between.back()->to_target.bind(target);
  return between.front()->from_initiator;
}

sc_core::sc_time Observers::told_up_to() const {
  sc_core::sc_time earliest = sc_core::sc_time_stamp();
  for (const auto& recorder : recorders_) earliest = std::min(earliest, recorder->told_up_to());
  return earliest;
}

std::uint64_t Observers::checked() const {
  std::uint64_t sum = 0;
  for (const auto& checker : checkers_) sum += checker->transactions();
  return sum;
}

}  // namespace flexcim

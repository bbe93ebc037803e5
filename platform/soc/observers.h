// Recorders and protocol checkers between the parts of a SoC, which know nothing of them.
#pragma once

#include "platform/config/observe.h"
#include "platform/debug/machine.h"
#include "tlm/observe/interposer.h"
#include "tlm/observe/protocol_checker.h"
#include "tlm/observe/transaction_recorder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Where nothing is to be observed, sockets are bound to each other directly. Construct it, and ask it for sockets, in
/// the constructor of the SoC, whose children the recorders and checkers become.
class Observers : public debug::TraceSwitch {
 public:
  explicit Observers(const ObserveConfig& config) : config_(config) {}
  Observers(const Observers&) = delete;
  Observers& operator=(const Observers&) = delete;

  /// What to bind to a target in place of `initiator`. `connection` names the recorder, and records by it.
  tlm::tlm_initiator_socket<>& behind(tlm::tlm_initiator_socket<>& initiator, const std::string& connection);
  /// What to bind an initiator to in place of `target`.
  tlm::tlm_target_socket<>& before(tlm::tlm_target_socket<>& target, const std::string& connection);

  /// `sink` gets every transaction from now on; sinks are called in the order in which they were added. Without one
  /// transactions are dropped.
  void add_sink(TransactionSink sink) { sinks_.push_back(std::move(sink)); }
  std::string trace_name() const override { return "transactions"; }
  void record(bool on) override { recording_ = on; }
  /// No transaction that begins before will be told from now on.
  sc_core::sc_time told_up_to() const;
  /// Transactions that checkers have seen; each connection counts.
  std::uint64_t checked() const;

 private:
  /// Recorder and checker of one connection, bound to each other; the first is next to the initiator.
  std::vector<Interposer*> chain(const std::string& connection);

  const ObserveConfig config_;
  std::vector<TransactionSink> sinks_;
  bool recording_ = true;
  std::vector<std::unique_ptr<ProtocolChecker>> checkers_;
  std::vector<std::unique_ptr<TransactionRecorder>> recorders_;
};

}  // namespace flexcim

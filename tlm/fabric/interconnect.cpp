#include "tlm/fabric/interconnect_ports.h"
#include "tlm/fabric/payload_shape.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/fabric/stream_access.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {

Interconnect::Interconnect(const sc_core::sc_module_name& name, const InterconnectParameters& parameters)
    : sc_module(name), timing_(parameters) {
  SC_HAS_PROCESS(Interconnect);
  SC_METHOD(arbitrate);
  sensitive << arbitration_due_;
  dont_initialize();
}

Interconnect::~Interconnect() = default;

tlm::tlm_target_socket<>& Interconnect::add_initiator() {
  initiators_.push_back(std::make_unique<InitiatorPort>(
      fmt::format("{}_initiator_{}", basename(), initiators_.size()).c_str(), *this, initiators_.size()));
  return initiators_.back()->socket;
}

tlm::tlm_initiator_socket<>& Interconnect::add_target(AddressRange range) {
  map_.add(std::move(range));
  targets_.push_back(std::make_unique<TargetPort>(fmt::format("{}_target_{}", basename(), targets_.size()).c_str(),
                                                  *this, targets_.size()));
  return targets_.back()->socket;
}

void Interconnect::b_transport(std::size_t initiator, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  const std::uint64_t address = transaction.get_address();
  const int target = map_.find(address, touched_bytes(transaction));
  if (target == AddressMap::kMiss) {
    transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const bool stream = is_stream(transaction);
  const Picoseconds begin = to_picoseconds(delay);
  const Picoseconds time = stream ? timing_.latency() : timing_.blocking_time(transaction.get_data_length());
  delay = from_picoseconds(begin + time);
  transaction.set_address(address - map_[target].base);
  targets_[static_cast<std::size_t>(target)]->socket->b_transport(transaction, delay);
  transaction.set_address(address);
  if (stream) {
    path_.interrupt();
    delay = from_picoseconds(timing_.streamed(begin + time, to_picoseconds(delay), transaction.get_data_length()));
  }
  if (listener_ != nullptr) {
    const Picoseconds from = now_picoseconds() + begin;
    listener_->on_grant(initiator, static_cast<std::size_t>(target), from,
                        stream ? now_picoseconds() + to_picoseconds(delay) : from + time);
  }
}

unsigned Interconnect::transport_dbg(tlm::tlm_generic_payload& transaction) {
  const std::uint64_t address = transaction.get_address();
  const int target = map_.find(address, 1);
  if (target == AddressMap::kMiss) return 0;
  const AddressRange& range = map_[target];
  const unsigned bytes = transaction.get_data_length();
  transaction.set_address(address - range.base);
  transaction.set_data_length(
      static_cast<unsigned>(std::min<std::uint64_t>(bytes, range.size - (address - range.base))));
  const unsigned done = targets_[static_cast<std::size_t>(target)]->socket->transport_dbg(transaction);
  transaction.set_address(address);
  transaction.set_data_length(bytes);
  return done;
}

bool Interconnect::get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = transaction.get_address();
  const int target = map_.find(address, 1);
  if (target == AddressMap::kMiss) {
    // Nothing there: no DMI for the whole space, which is the least an initiator may assume.
    dmi.init();
    return false;
  }
  const AddressRange& range = map_[target];
  transaction.set_address(address - range.base);
  const bool granted = targets_[static_cast<std::size_t>(target)]->socket->get_direct_mem_ptr(transaction, dmi);
  transaction.set_address(address);
  if (dmi.get_start_address() > range.size - 1) return false;
  dmi.set_end_address(range.base + std::min<std::uint64_t>(dmi.get_end_address(), range.size - 1));
  dmi.set_start_address(range.base + dmi.get_start_address());
  const sc_core::sc_time latency = from_picoseconds(timing_.blocking_time(1));
  dmi.set_read_latency(dmi.get_read_latency() + latency);
  dmi.set_write_latency(dmi.get_write_latency() + latency);
  return granted;
}

void Interconnect::invalidate_direct_mem_ptr(std::size_t target, std::uint64_t first, std::uint64_t last) {
  const AddressRange& range = map_[static_cast<int>(target)];
  if (first > range.size - 1) return;
  for (auto& initiator : initiators_) {
    initiator->socket->invalidate_direct_mem_ptr(range.base + first, range.base + std::min(last, range.size - 1));
  }
}

std::size_t Interconnect::route_of(const tlm::tlm_generic_payload& transaction) const {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (routes_[i].transaction == &transaction) return i;
  }
  SC_REPORT_ERROR(name(), "a response phase of a transaction that is not under way");
  return 0;
}

void Interconnect::arbitrate_at(std::int64_t ps) {
  arbitration_due_.notify(from_picoseconds(std::max<std::int64_t>(0, ps - now_picoseconds())));
}

tlm::tlm_sync_enum Interconnect::forward(std::size_t initiator, tlm::tlm_generic_payload& transaction,
                                         tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  InitiatorPort& from = *initiators_[initiator];
  if (phase == tlm::END_RESP) {
    if (from.responding != &transaction) SC_REPORT_ERROR(name(), "END_RESP without BEGIN_RESP");
    end_response(initiator);
    // The next response begins from the arbitration process: no backward call inside a forward call.
    if (!from.responses.empty()) arbitrate_at(now_picoseconds());
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ || from.request != nullptr) {
    SC_REPORT_ERROR(name(),
                    "BEGIN_REQ before the END_REQ of the request before, or a phase that is not of the base protocol");
    return tlm::TLM_ACCEPTED;
  }
  const std::uint64_t address = transaction.get_address();
  const int target = map_.find(address, touched_bytes(transaction));
  if (target == AddressMap::kMiss) {
    transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  transaction.acquire();
  from.request = &transaction;
  from.request_ps = now_picoseconds() + to_picoseconds(delay);
  from.target = static_cast<std::size_t>(target);
  routes_.push_back({&transaction, initiator, from.target, address});
  arbitrate_at(timing_.granted(from.request_ps, targets_[from.target]->free_ps));
  return tlm::TLM_ACCEPTED;
}

void Interconnect::arbitrate() {
  const std::int64_t now = now_picoseconds();
  std::int64_t next = INT64_MAX;
  for (std::size_t i = 0; i < initiators_.size(); ++i) deliver(i);
  for (std::size_t t = 0; t < targets_.size(); ++t) {
    TargetPort& target = *targets_[t];
    if (target.unaccepted != nullptr) continue;  // END_REQ calls again
    std::size_t chosen = initiators_.size();
    for (std::size_t step = 1; step <= initiators_.size(); ++step) {
      const std::size_t i = (target.last_granted + step) % initiators_.size();
      const InitiatorPort& from = *initiators_[i];
      if (from.request == nullptr || from.target != t) continue;
      const Picoseconds ready = timing_.granted(from.request_ps, target.free_ps);
      if (ready <= now && chosen == initiators_.size()) {
        chosen = i;
      } else {
        next = std::min(next, std::max(ready, timing_.edge_after(now)));
      }
    }
    if (chosen != initiators_.size()) grant(t, chosen);
  }
  if (next != INT64_MAX) arbitrate_at(next);
}

void Interconnect::grant(std::size_t target_number, std::size_t initiator) {
  TargetPort& target = *targets_[target_number];
  InitiatorPort& from = *initiators_[initiator];
  tlm::tlm_generic_payload& transaction = *from.request;
  const Picoseconds occupied = timing_.request_time(transaction.is_write(), transaction.get_data_length());
  path_.interrupt();
  if (listener_ != nullptr) {
    listener_->on_grant(initiator, target_number, now_picoseconds(), now_picoseconds() + occupied);
  }
  target.last_granted = initiator;
  target.free_ps = now_picoseconds() + occupied;
  target.unaccepted = &transaction;
  from.request = nullptr;

  tlm::tlm_phase end = tlm::END_REQ;
  sc_core::sc_time end_delay = from_picoseconds(occupied);
  from.socket->nb_transport_bw(transaction, end, end_delay);

  transaction.set_address(transaction.get_address() - map_[static_cast<int>(target_number)].base);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = from_picoseconds(timing_.to_target(transaction.is_write(), transaction.get_data_length()));
  switch (target.socket->nb_transport_fw(transaction, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      break;
    case tlm::TLM_COMPLETED:
      routes_[route_of(transaction)].target_done = true;
      phase = tlm::BEGIN_RESP;
      [[fallthrough]];
    case tlm::TLM_UPDATED:
      backward(target_number, transaction, phase, delay);
      break;
  }
}

tlm::tlm_sync_enum Interconnect::backward(std::size_t target_number, tlm::tlm_generic_payload& transaction,
                                          tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  TargetPort& target = *targets_[target_number];
  if (target.unaccepted == &transaction) {  // END_REQ, or BEGIN_RESP that implies it
    target.unaccepted = nullptr;
    // The END_REQ of a request that was under way for `latency` says nothing against sending the next one behind it.
    const std::int64_t ended = now_picoseconds() + to_picoseconds(delay) - timing_.latency();
    if (phase == tlm::END_REQ) target.free_ps = std::max(target.free_ps, ended);
    arbitrate_at(timing_.granted(now_picoseconds(), target.free_ps));
  }
  if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
  const Route route = routes_[route_of(transaction)];
  transaction.set_address(route.address);
  InitiatorPort& to = *initiators_[route.initiator];
  to.responses.emplace_back(&transaction, now_picoseconds() + to_picoseconds(delay));
  in_backward_ = &transaction;
  deliver(route.initiator);
  const bool ended = in_backward_ == nullptr;
  in_backward_ = nullptr;
  // Otherwise the target's END_RESP follows on the forward path, when the initiator has ended the response.
  return ended ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void Interconnect::deliver(std::size_t initiator) {
  InitiatorPort& to = *initiators_[initiator];
  while (to.responding == nullptr && !to.responses.empty()) {
    const auto [transaction, ready] = to.responses.front();
    to.responses.pop_front();
    to.responding = transaction;
    const Picoseconds finish = timing_.delivered(std::max(ready, now_picoseconds()), transaction->is_write(),
                                                 transaction->get_data_length(), to.response_free_ps);
    to.response_free_ps = finish;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = from_picoseconds(finish - now_picoseconds());
    const tlm::tlm_sync_enum result = to.socket->nb_transport_bw(*transaction, phase, delay);
    const bool ended = result == tlm::TLM_COMPLETED || (result == tlm::TLM_UPDATED && phase == tlm::END_RESP);
    if (ended && to.responding == transaction) end_response(initiator);
  }
}

void Interconnect::end_response(std::size_t initiator) {
  InitiatorPort& to = *initiators_[initiator];
  tlm::tlm_generic_payload* transaction = to.responding;
  to.responding = nullptr;
  const std::size_t at = route_of(*transaction);
  const Route route = routes_[at];
  routes_.erase(routes_.begin() + static_cast<std::ptrdiff_t>(at));
  if (in_backward_ == transaction) {
    in_backward_ = nullptr;  // backward() tells the target on return
  } else if (!route.target_done) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    targets_[route.target]->socket->nb_transport_fw(*transaction, phase, delay);
  }
  transaction->release();
}

}  // namespace flexcim

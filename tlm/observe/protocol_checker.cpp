#include "tlm/observe/protocol_checker.h"

#include <fmt/format.h>

namespace flexcim {

namespace {

/// Phases beyond the four are of other protocols and may be ignored (15.2.5).
bool of_base_protocol(const tlm::tlm_phase& phase) { return static_cast<unsigned>(phase) <= tlm::END_RESP; }

/// Whether simulated time or delta cycles have passed since its construction.
class Instant {
 public:
  bool passed() const { return sc_core::sc_time_stamp() != time_ || sc_core::sc_delta_count() != delta_; }

 private:
  sc_core::sc_time time_ = sc_core::sc_time_stamp();
  sc_dt::uint64 delta_ = sc_core::sc_delta_count();
};

/// Keeps a payload alive over a call in which it may be freed: the other side can end the transaction there and then.
class Hold {
 public:
  explicit Hold(tlm::tlm_generic_payload& payload) : payload_(payload.has_mm() ? &payload : nullptr) {
    if (payload_ != nullptr) payload_->acquire();
  }
  ~Hold() {
    if (payload_ != nullptr) payload_->release();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  tlm::tlm_generic_payload* payload_;
};

}  // namespace

void ProtocolChecker::violation(const tlm::tlm_generic_payload& t, const char* clause, const std::string& what) {
  violations_.push_back(fmt::format("{} at {}: address {:#x}: {} (IEEE 1666-2011, {})", name(),
                                    sc_core::sc_time_stamp().to_string(), t.get_address(), what, clause));
  SC_REPORT_ERROR(message_type, violations_.back().c_str());
}

RuleBroken ProtocolChecker::broken_by(const tlm::tlm_generic_payload& t) {
  return [this, &t](const char* clause, const std::string& what) { violation(t, clause, what); };
}

// ---- Blocking transport ----

void ProtocolChecker::b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) {
  ++transactions_;
  if (sc_core::sc_get_current_process_handle().proc_kind() == sc_core::SC_METHOD_PROC_) {
    violation(t, "11.1.1", "b_transport called from a method process");
  }
  if (open_.count(&t) != 0) violation(t, "15.2.10", "b_transport of a payload that is under way in nb_transport");
  if (!blocking_.insert(&t).second) violation(t, "15.2.10", "b_transport of a payload that is in b_transport");
  check_begin(t, broken_by(t));
  const PayloadSnapshot begun(t);
  const sc_core::sc_time before = sc_core::sc_time_stamp() + delay;

  Interposer::b_transport(t, delay);

  blocking_.erase(&t);
  if (sc_core::sc_time_stamp() + delay < before) violation(t, "11.1.3", "b_transport returned before it was called");
  if (t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
    violation(t, "14.17", "b_transport returned without a response status");
  }
  begun.check_unchanged(t, broken_by(t));
}

// ---- Non-blocking transport ----

void ProtocolChecker::check_memory(const tlm::tlm_generic_payload& t) {
  if (!t.has_mm()) {
    violation(t, "14.5", "nb_transport of a payload without a memory manager");
  } else if (t.get_ref_count() == 0) {
    violation(t, "14.5", "nb_transport of a payload without a reference");
  }
}

void ProtocolChecker::check_progress(const tlm::tlm_generic_payload& t, Open& state, const sc_core::sc_time& delay) {
  const sc_core::sc_time time = sc_core::sc_time_stamp() + delay;
  if (time < state.time) {
    violation(t, "15.2.7", fmt::format("a phase for {} after one for {}", time.to_string(), state.time.to_string()));
  }
  state.time = time;
  state.begun.check_unchanged(t, broken_by(t));
}

void ProtocolChecker::begin_request(const tlm::tlm_generic_payload& t, const sc_core::sc_time& delay) {
  ++transactions_;
  check_memory(t);
  if (blocking_.count(&t) != 0) violation(t, "15.2.10", "BEGIN_REQ of a payload that is in b_transport");
  if (open_.count(&t) != 0) {
    violation(t, "15.2.4", "BEGIN_REQ of a payload that is under way");
    complete(t);
  }
  if (requesting_ != nullptr) violation(t, "15.2.6", "BEGIN_REQ before the request before has ended");
  check_begin(t, broken_by(t));
  open_.insert({&t, {Stage::request, sc_core::sc_time_stamp() + delay, PayloadSnapshot(t)}});
  requesting_ = &t;
}

void ProtocolChecker::initiator_phase(const tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase,
                                      const sc_core::sc_time& delay) {
  if (!of_base_protocol(phase)) return;
  if (phase == tlm::BEGIN_REQ) return begin_request(t, delay);
  if (phase != tlm::END_RESP) {
    return violation(t, "15.2.3", fmt::format("{} from an initiator", phase.get_name()));
  }
  const auto found = open_.find(&t);
  if (found == open_.end() || found->second.stage != Stage::response) {
    return violation(t, "15.2.4", "END_RESP without BEGIN_RESP");
  }
  check_progress(t, found->second, delay);
}

void ProtocolChecker::begin_response(const tlm::tlm_generic_payload& t, Open& state) {
  if (state.stage == Stage::response) violation(t, "15.2.4", "BEGIN_RESP twice");
  if (responding_ != nullptr && responding_ != &t) {
    violation(t, "15.2.6", "BEGIN_RESP before the response before has ended");
  }
  if (t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
    violation(t, "14.17", "BEGIN_RESP without a response status");
  }
  state.stage = Stage::response;
  responding_ = &t;
}

void ProtocolChecker::target_phase(const tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase,
                                   const sc_core::sc_time& delay) {
  if (!of_base_protocol(phase)) return;
  if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP) {
    return violation(t, "15.2.3", fmt::format("{} from a target", phase.get_name()));
  }
  const auto found = open_.find(&t);
  if (found == open_.end()) {
    return violation(t, "15.2.4", fmt::format("{} without BEGIN_REQ", phase.get_name()));
  }
  Open& state = found->second;
  if (requesting_ == &t) requesting_ = nullptr;  // BEGIN_RESP implies END_REQ (15.2.6)
  if (phase == tlm::BEGIN_RESP) {
    begin_response(t, state);
  } else if (state.stage == Stage::request) {
    state.stage = Stage::accepted;
  } else {
    violation(t, "15.2.4", "END_REQ twice or after BEGIN_RESP");
  }
  check_progress(t, state, delay);
}

void ProtocolChecker::complete(const tlm::tlm_generic_payload& t) {
  if (requesting_ == &t) requesting_ = nullptr;
  if (responding_ == &t) responding_ = nullptr;
  open_.erase(&t);
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  const tlm::tlm_phase sent = phase;
  const sc_core::sc_time sent_delay = delay;
  initiator_phase(t, phase, delay);
  const Hold hold(t);
  const Instant call;
  const tlm::tlm_sync_enum result = Interposer::nb_transport_fw(t, phase, delay);
  if (call.passed()) violation(t, "11.1.2", "nb_transport_fw took simulated time");

  if (result == tlm::TLM_ACCEPTED && (phase != sent || delay != sent_delay)) {
    violation(t, "11.1.2", "TLM_ACCEPTED with a changed phase or delay");
  }
  if (sent == tlm::END_RESP) {
    if (result == tlm::TLM_UPDATED) violation(t, "15.2.4", "END_RESP answered by another phase");
    complete(t);
  } else if (result == tlm::TLM_UPDATED) {
    target_phase(t, phase, delay);
  } else if (result == tlm::TLM_COMPLETED && sent == tlm::BEGIN_REQ) {
    if (t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
      violation(t, "14.17", "TLM_COMPLETED without a response status");
    }
    const auto found = open_.find(&t);
    if (found != open_.end()) check_progress(t, found->second, delay);
    complete(t);
  }
  return result;
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  const tlm::tlm_phase sent = phase;
  const sc_core::sc_time sent_delay = delay;
  target_phase(t, phase, delay);
  const Hold hold(t);
  const Instant call;
  const tlm::tlm_sync_enum result = Interposer::nb_transport_bw(t, phase, delay);
  if (call.passed()) violation(t, "11.1.2", "nb_transport_bw took simulated time");
  if (result == tlm::TLM_ACCEPTED && (phase != sent || delay != sent_delay)) {
    violation(t, "11.1.2", "TLM_ACCEPTED with a changed phase or delay");
  } else if (result == tlm::TLM_UPDATED && of_base_protocol(phase)) {
    initiator_phase(t, phase, delay);
    if (phase == tlm::END_RESP) complete(t);
  } else if (result == tlm::TLM_COMPLETED) {
    if (sent == tlm::END_REQ) violation(t, "15.2.4", "END_REQ answered by TLM_COMPLETED");
    complete(t);
  }
  return result;
}

// ---- Direct memory and debug ----

bool ProtocolChecker::get_direct_mem_ptr(tlm::tlm_generic_payload& t, tlm::tlm_dmi& dmi) {
  const bool at_defaults = dmi.get_dmi_ptr() == nullptr && dmi.is_none_allowed() && dmi.get_start_address() == 0 &&
                           dmi.get_end_address() == UINT64_MAX && dmi.get_read_latency() == sc_core::SC_ZERO_TIME &&
                           dmi.get_write_latency() == sc_core::SC_ZERO_TIME;
  if (!at_defaults) violation(t, "11.2.5", "a DMI request with a descriptor that is not at its defaults");
  const sc_dt::uint64 address = t.get_address();  // an interconnect on the way translates it
  const tlm::tlm_command command = t.get_command();

  const bool granted = Interposer::get_direct_mem_ptr(t, dmi);

  if (dmi.get_start_address() > dmi.get_end_address()) {
    violation(t, "11.2.5", "a DMI region that ends before it starts");
  } else if (address < dmi.get_start_address() || address > dmi.get_end_address()) {
    violation(t, "11.2.5", "a DMI region without the requested address");
  }
  if (!granted) return false;
  if (dmi.get_dmi_ptr() == nullptr) violation(t, "11.2.5", "DMI granted with a null pointer");
  const bool usable = command == tlm::TLM_READ_COMMAND    ? dmi.is_read_allowed()
                      : command == tlm::TLM_WRITE_COMMAND ? dmi.is_write_allowed()
                                                          : !dmi.is_none_allowed();
  if (!usable) violation(t, "11.2.5", "DMI granted, but not for the requested command");
  return true;
}

void ProtocolChecker::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  if (first > last) {
    tlm::tlm_generic_payload region;
    region.set_address(first);
    violation(region, "11.2", "an invalidated DMI region that ends before it starts");
  }
  Interposer::invalidate_direct_mem_ptr(first, last);
}

unsigned ProtocolChecker::transport_dbg(tlm::tlm_generic_payload& t) {
  if (t.get_data_length() > 0 && t.get_data_ptr() == nullptr) violation(t, "11.3.4", "debug with a null data pointer");
  const Instant call;
  const unsigned done = Interposer::transport_dbg(t);
  if (call.passed()) violation(t, "11.3", "transport_dbg took simulated time");
  if (done > t.get_data_length()) violation(t, "11.3", "debug did more bytes than it was asked for");
  return done;
}

}  // namespace flexcim

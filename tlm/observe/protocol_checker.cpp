#include "tlm/observe/protocol_checker.h"

#include <fmt/format.h>

namespace flexcim {

void ProtocolChecker::violation(const tlm::tlm_generic_payload& t, const std::string& what) {
  violations_.push_back(
      fmt::format("{} at {}: address {:#x}: {}", name(), sc_core::sc_time_stamp().to_string(), t.get_address(), what));
}

void ProtocolChecker::check_start(const tlm::tlm_generic_payload& t) {
  if (t.get_data_ptr() == nullptr && t.get_command() != tlm::TLM_IGNORE_COMMAND) violation(t, "no data pointer");
  if (t.get_data_length() == 0 && t.get_command() != tlm::TLM_IGNORE_COMMAND) violation(t, "data length 0");
  if (t.get_streaming_width() == 0) violation(t, "streaming width 0");
  if (t.get_byte_enable_ptr() != nullptr && t.get_byte_enable_length() == 0) violation(t, "byte enable length 0");
  if (t.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) violation(t, "starts with a response status");
  if (t.is_dmi_allowed()) violation(t, "starts with the DMI hint set");
}

void ProtocolChecker::b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) {
  check_start(t);
  const sc_core::sc_time before = sc_core::sc_time_stamp() + delay;
  Interposer::b_transport(t, delay);
  if (sc_core::sc_time_stamp() + delay < before) violation(t, "b_transport returned earlier than it was called");
  if (t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
    violation(t, "b_transport returned without a response status");
}

void ProtocolChecker::begin_request(tlm::tlm_generic_payload& t) {
  check_start(t);
  if (!t.has_mm()) violation(t, "nb_transport without a memory manager");
  for (const auto& [other, state] : open_) {
    if (state.stage == Stage::request) violation(t, "BEGIN_REQ before the END_REQ of the request before");
  }
  if (open_.count(&t) != 0) violation(t, "BEGIN_REQ of a transaction that is under way");
  open_[&t] = {Stage::request, t.get_command(), t.get_data_length(), t.get_data_ptr()};
}

void ProtocolChecker::target_phase(tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase) {
  const auto found = open_.find(&t);
  if (found == open_.end()) return violation(t, "a phase from the target for a transaction that is not under way");
  Open& state = found->second;
  if (phase == tlm::END_REQ) {
    if (state.stage != Stage::request) violation(t, "END_REQ twice or after BEGIN_RESP");
    state.stage = Stage::accepted;
  } else if (phase == tlm::BEGIN_RESP) {
    if (state.stage == Stage::response) violation(t, "BEGIN_RESP twice");
    for (const auto& [other, theirs] : open_) {
      if (other != &t && theirs.stage == Stage::response)
        violation(t, "BEGIN_RESP before the END_RESP of the response before");
    }
    if (t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) violation(t, "BEGIN_RESP without a response status");
    if (state.command != t.get_command() || state.length != t.get_data_length() || state.data != t.get_data_ptr()) {
      violation(t, "command, length or data pointer changed on the way");
    }
    state.stage = Stage::response;
  } else {
    violation(t, "a target may only send END_REQ and BEGIN_RESP");
  }
}

void ProtocolChecker::end_response(tlm::tlm_generic_payload& t) {
  const auto found = open_.find(&t);
  if (found == open_.end() || found->second.stage != Stage::response)
    return violation(t, "END_RESP without BEGIN_RESP");
  open_.erase(found);
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    begin_request(t);
  } else if (phase == tlm::END_RESP) {
    end_response(t);
  } else {
    violation(t, "an initiator may only send BEGIN_REQ and END_RESP");
  }
  const bool beginning = phase == tlm::BEGIN_REQ;
  const tlm::tlm_sync_enum result = Interposer::nb_transport_fw(t, phase, delay);
  if (result == tlm::TLM_UPDATED) target_phase(t, phase);
  if (result == tlm::TLM_COMPLETED && beginning) {
    if (t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) violation(t, "completed without a response status");
    open_.erase(&t);
  }
  return result;
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                                    sc_core::sc_time& delay) {
  target_phase(t, phase);
  const bool responding = phase == tlm::BEGIN_RESP;
  const tlm::tlm_sync_enum result = Interposer::nb_transport_bw(t, phase, delay);
  if (!responding) return result;
  if (result == tlm::TLM_COMPLETED) {
    end_response(t);
  } else if (result == tlm::TLM_UPDATED) {
    if (phase != tlm::END_RESP) {
      violation(t, "BEGIN_RESP can only be updated to END_RESP");
    } else {
      end_response(t);
    }
  }
  return result;
}

}  // namespace flexcim

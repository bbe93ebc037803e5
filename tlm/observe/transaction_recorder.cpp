#include "tlm/observe/transaction_recorder.h"

#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {

namespace {

sc_core::sc_time local_time(const sc_core::sc_time& delay) { return sc_core::sc_time_stamp() + delay; }

const char* name_of(TransactionRecord::Kind kind) {
  switch (kind) {
    case TransactionRecord::Kind::blocking:
      return "blocking";
    case TransactionRecord::Kind::non_blocking:
      return "non_blocking";
    case TransactionRecord::Kind::debug:
      return "debug";
  }
  throw std::logic_error("transaction kind");
}

const char* name_of(tlm::tlm_command command) {
  return command == tlm::TLM_READ_COMMAND ? "read" : command == tlm::TLM_WRITE_COMMAND ? "write" : "ignore";
}

std::string name_of(tlm::tlm_response_status status) {
  tlm::tlm_generic_payload payload;
  payload.set_response_status(status);
  return payload.get_response_string();
}

}  // namespace

TransactionRecord TransactionRecorder::begin(const tlm::tlm_generic_payload& t, TransactionRecord::Kind kind,
                                             const sc_core::sc_time& delay) const {
  TransactionRecord record;
  record.connection = name();
  record.kind = kind;
  record.command = t.get_command();
  record.address = t.get_address();
  record.bytes = t.get_data_length();
  record.begin = record.accepted = record.responded = record.end = local_time(delay);
  return record;
}

void TransactionRecorder::b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) {
  TransactionRecord record = begin(t, TransactionRecord::Kind::blocking, delay);
  Interposer::b_transport(t, delay);
  record.responded = record.end = local_time(delay);
  record.status = t.get_response_status();
  sink_(record);
}

unsigned TransactionRecorder::transport_dbg(tlm::tlm_generic_payload& t) {
  TransactionRecord record = begin(t, TransactionRecord::Kind::debug, sc_core::SC_ZERO_TIME);
  const unsigned done = Interposer::transport_dbg(t);
  record.status = done == record.bytes ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
  sink_(record);
  return done;
}

void TransactionRecorder::target_phase(const tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase,
                                       const sc_core::sc_time& delay) {
  const auto found = open_.find(&t);
  if (found == open_.end() || (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP)) return;
  auto& [record, accepted] = found->second;
  if (!accepted) record.accepted = local_time(delay);  // BEGIN_RESP may imply END_REQ
  accepted = true;
  if (phase == tlm::BEGIN_RESP) {
    record.responded = local_time(delay);
    record.status = t.get_response_status();
  }
}

void TransactionRecorder::end(const tlm::tlm_generic_payload* t, const sc_core::sc_time& delay) {
  const auto found = open_.find(t);
  if (found == open_.end()) return;
  TransactionRecord record = std::move(found->second.record);
  open_.erase(found);
  record.end = local_time(delay);
  sink_(record);
}

sc_core::sc_time TransactionRecorder::told_up_to() const {
  sc_core::sc_time earliest = sc_core::sc_time_stamp();
  for (const auto& [payload, open] : open_) earliest = std::min(earliest, open.record.begin);
  return earliest;
}

tlm::tlm_sync_enum TransactionRecorder::nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                                        sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    end(&t, delay);
    return Interposer::nb_transport_fw(t, phase, delay);
  }
  if (phase == tlm::BEGIN_REQ) open_[&t] = {begin(t, TransactionRecord::Kind::non_blocking, delay), false};
  const tlm::tlm_sync_enum result = Interposer::nb_transport_fw(t, phase, delay);
  if (result == tlm::TLM_UPDATED) target_phase(t, phase, delay);
  if (result == tlm::TLM_COMPLETED) {
    target_phase(t, tlm::BEGIN_RESP, delay);
    end(&t, delay);
  }
  return result;
}

tlm::tlm_sync_enum TransactionRecorder::nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                                        sc_core::sc_time& delay) {
  target_phase(t, phase, delay);
  const tlm::tlm_sync_enum result = Interposer::nb_transport_bw(t, phase, delay);
  // The initiator may have freed the payload in the call: from here on it is a key and no more.
  if (result == tlm::TLM_COMPLETED || (result == tlm::TLM_UPDATED && phase == tlm::END_RESP)) end(&t, delay);
  return result;
}

TransactionCsv::TransactionCsv(std::ostream& output) : output_(&output) {
  *output_ << "connection,kind,command,address,bytes,begin_ps,accepted_ps,responded_ps,end_ps,status\n";
}

void TransactionCsv::operator()(const TransactionRecord& r) const {
  *output_ << fmt::format("{},{},{},{:#x},{},{},{},{},{},{}\n", r.connection, name_of(r.kind), name_of(r.command),
                          r.address, r.bytes, to_picoseconds(r.begin), to_picoseconds(r.accepted),
                          to_picoseconds(r.responded), to_picoseconds(r.end), name_of(r.status));
}

}  // namespace flexcim

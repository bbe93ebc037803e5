#include "tlm/fabric/register_file.h"

#include "tlm/fabric/payload_shape.h"

#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {

namespace {

bool names_a_register(const tlm::tlm_generic_payload& transaction) {
  return transaction.get_data_length() == 4 && transaction.get_address() % 4 == 0;
}

}  // namespace

RegisterFile::RegisterFile(RegisterMap map) : map_(std::move(map)) {
  map_.check();
  for (const RegisterInfo& reg : map_.registers) entries_.emplace(reg.offset, Entry(reg));
}

RegisterFile::Entry::Entry(const RegisterInfo& reg)
    : info(&reg),
      value(reg.reset),
      stored(reg.mask(RegisterAccess::read_write)),
      cleared(reg.mask(RegisterAccess::write_1_to_clear)),
      written(stored | cleared | reg.mask(RegisterAccess::write_only)) {
  if (reg.access == RegisterAccess::write_only) stored = written;  // debug reads show it
}

RegisterFile::Entry& RegisterFile::entry(std::uint32_t offset) {
  const auto found = entries_.find(offset);
  if (found == entries_.end()) throw std::logic_error(fmt::format("{}: no register at {:#x}", map_.device, offset));
  return found->second;
}

std::uint32_t RegisterFile::get(std::uint32_t offset) const {
  return const_cast<RegisterFile*>(this)->entry(offset).value;
}
void RegisterFile::set(std::uint32_t offset, std::uint32_t value) { entry(offset).value = value; }

void RegisterFile::on_read(std::uint32_t offset, std::function<std::uint32_t()> callback) {
  entry(offset).read = std::move(callback);
}
void RegisterFile::after_read(std::uint32_t offset, std::function<void()> callback) {
  entry(offset).after_read = std::move(callback);
}
void RegisterFile::on_write(std::uint32_t offset, std::function<void(std::uint32_t)> callback) {
  entry(offset).write = std::move(callback);
}

void RegisterFile::reset() {
  for (auto& [offset, value] : entries_) value.value = value.info->reset;
}

void RegisterFile::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  delay += latency_;
  if (delay > sc_core::SC_ZERO_TIME) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  transaction.set_dmi_allowed(false);
  transaction.set_response_status(access(transaction));
}

tlm::tlm_response_status RegisterFile::access(tlm::tlm_generic_payload& transaction) {
  if (byte_enables(transaction) != ByteEnables::all) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (!names_a_register(transaction) || touched_bytes(transaction) < 4) return tlm::TLM_BURST_ERROR_RESPONSE;
  const sc_dt::uint64 address = transaction.get_address();
  const auto found = address > UINT32_MAX ? entries_.end() : entries_.find(static_cast<std::uint32_t>(address));
  if (found == entries_.end()) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  Entry& target = found->second;
  const RegisterAccess rule = target.info->access;
  if (transaction.is_read()) {
    if (rule == RegisterAccess::write_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    const std::uint32_t value = visible(target);
    std::memcpy(transaction.get_data_ptr(), &value, 4);
    if (target.after_read) target.after_read();
  } else if (transaction.is_write()) {
    if (rule == RegisterAccess::read_only) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    std::uint32_t value = 0;
    std::memcpy(&value, transaction.get_data_ptr(), 4);
    value &= target.written;
    target.value = (target.value & ~target.stored & ~(value & target.cleared)) | (value & target.stored);
    if (target.write) target.write(value);
  }
  return tlm::TLM_OK_RESPONSE;
}

unsigned RegisterFile::transport_dbg(tlm::tlm_generic_payload& transaction) {
  if (!names_a_register(transaction)) return 0;
  const sc_dt::uint64 address = transaction.get_address();
  const auto found = address > UINT32_MAX ? entries_.end() : entries_.find(static_cast<std::uint32_t>(address));
  if (found == entries_.end()) return 0;
  if (transaction.is_read()) {
    const std::uint32_t value = visible(found->second);
    std::memcpy(transaction.get_data_ptr(), &value, 4);
  } else if (transaction.is_write()) {
    std::memcpy(&found->second.value, transaction.get_data_ptr(), 4);
  }
  return 4;
}

}  // namespace flexcim

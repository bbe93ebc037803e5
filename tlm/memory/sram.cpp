#include "tlm/memory/sram.h"

#include "tlm/memory/memory_access.h"

namespace flexcim {

Sram::Sram(const sc_core::sc_module_name& name, std::uint64_t bytes, const sc_core::sc_time& latency, bool read_only)
    : sc_module(name), store_(bytes), latency_(latency), read_only_(read_only) {
  socket.register_b_transport(this, &Sram::b_transport);
  socket.register_get_direct_mem_ptr(this, &Sram::get_direct_mem_ptr);
  socket.register_transport_dbg(this, &Sram::transport_dbg);
}

void Sram::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  transaction.set_dmi_allowed(true);
  if (read_only_ && transaction.is_write()) {
    transaction.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
  } else if (access_memory(store_, transaction)) {
    delay += latency_;
  }
}

bool Sram::get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
  dmi.set_dmi_ptr(store_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(store_.size() - 1);
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  if (!read_only_) {
    dmi.allow_read_write();
    return true;
  }
  dmi.allow_read();
  return !transaction.is_write();
}

unsigned Sram::transport_dbg(tlm::tlm_generic_payload& transaction) { return access_memory_debug(store_, transaction); }

}  // namespace flexcim

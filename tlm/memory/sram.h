// A small on-chip memory: boot ROM, work memory.
#pragma once

#include "tlm/memory/memory_store.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>

namespace flexcim {

/// A loosely-timed target (non-blocking initiators are served through the socket's adapter) with DMI. An access takes
/// `latency`, whatever its length, byte enables and streaming width, which are served as memory_access.h says.
class Sram : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Sram> socket{"socket"};

  /// Throws InputError for 0 bytes. A read-only memory refuses writes with TLM_COMMAND_ERROR_RESPONSE; debug writes
  /// load it.
  Sram(const sc_core::sc_module_name& name, std::uint64_t bytes, const sc_core::sc_time& latency,
       bool read_only = false);

  MemoryStore& store() { return store_; }

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);

  MemoryStore store_;
  const sc_core::sc_time latency_;
  const bool read_only_;
};

}  // namespace flexcim

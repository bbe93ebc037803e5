// A memory that answers every burst after the same time, so that cycles can be computed by hand.
#pragma once

#include "tlm/fabric/picoseconds.h"
#include "tlm/memory/memory_access.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_get.h>

#include <deque>

namespace flexcim::test {

class FixedLatencyMemory : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
 public:
  tlm::tlm_target_socket<> socket{"socket"};
  MemoryStore store;
  std::vector<std::uint64_t> addresses;  ///< of all requests, in order
  std::vector<std::int64_t> times_ps;    ///< of their arrival
  bool fail = false;                     ///< answers with an error that is no address error

  FixedLatencyMemory(const sc_core::sc_module_name& name, std::uint64_t bytes, const sc_core::sc_time& latency)
      : sc_module(name), store(bytes), latency_(latency) {
    socket.bind(*this);
    SC_HAS_PROCESS(FixedLatencyMemory);
    SC_METHOD(respond);
    sensitive << due_.get_event();
    dont_initialize();
  }

 private:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override {
    access_memory(store, t);
    delay += latency_;
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase, sc_core::sc_time&) override {
    t.acquire();
    addresses.push_back(t.get_address());
    times_ps.push_back(now_picoseconds());
    access_memory(store, t);
    if (fail) t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    due_.notify(t, latency_);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void respond() {
    while (tlm::tlm_generic_payload* t = due_.get_next_transaction()) {
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->nb_transport_bw(*t, phase, delay);  // our initiators end at once
      t->release();
    }
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override { return access_memory_debug(store, t); }

  const sc_core::sc_time latency_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> due_{"due"};
};

}  // namespace flexcim::test

// What sits between an initiator and a target, unnoticed by both.
#pragma once

#include <systemc>
#include <tlm>

namespace flexcim {

/// Passes every TLM-2.0 call on unchanged. Observers override what they listen to and call the base class.
class Interposer : public sc_core::sc_module,
                   protected tlm::tlm_fw_transport_if<>,
                   protected tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_target_socket<> from_initiator{"from_initiator"};
  tlm::tlm_initiator_socket<> to_target{"to_target"};

  explicit Interposer(const sc_core::sc_module_name& name) : sc_module(name) {
    from_initiator.bind(*this);
    to_target.bind(*this);
  }

 protected:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override { to_target->b_transport(t, delay); }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return to_target->nb_transport_fw(t, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return from_initiator->nb_transport_bw(t, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& t, tlm::tlm_dmi& dmi) override {
    return to_target->get_direct_mem_ptr(t, dmi);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override { return to_target->transport_dbg(t); }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    from_initiator->invalidate_direct_mem_ptr(first, last);
  }
};

}  // namespace flexcim

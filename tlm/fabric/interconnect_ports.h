// The two sides of the crossbar: what it knows of each initiator and of each target.
#pragma once

#include "tlm/fabric/interconnect.h"

#include <cstdint>
#include <deque>
#include <utility>

namespace flexcim {

/// Faces one initiator.
class Interconnect::InitiatorPort : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>, public BurstPath {
 public:
  InitiatorPort(const sc_core::sc_module_name& name, Interconnect& owner, std::size_t number)
      : sc_module(name), owner_(owner), number_(number) {
    socket.bind(*this);
  }

  tlm::tlm_target_socket<> socket{"socket"};
  tlm::tlm_generic_payload* request = nullptr;  ///< without END_REQ
  std::int64_t request_ps = 0;                  ///< its arrival
  std::size_t target = 0;
  std::deque<std::pair<tlm::tlm_generic_payload*, std::int64_t>> responses;  ///< not yet begun, with their times
  tlm::tlm_generic_payload* responding = nullptr;                            ///< between BEGIN_RESP and END_RESP
  std::int64_t response_free_ps = 0;

  bool open_path(int outstanding) override { return owner_.open_path(outstanding); }
  bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) override {
    return owner_.serve(number_, burst, at_ps, limit_ps, times);
  }
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t limit_ps,
                           BurstTimes& last) override {
    return owner_.serve_many(number_, burst, most, requests, limit_ps, last);
  }
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override {
    return owner_.memory(address, bytes);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override {
    owner_.b_transport(number_, t, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return owner_.forward(number_, t, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& t, tlm::tlm_dmi& dmi) override {
    return owner_.get_direct_mem_ptr(t, dmi);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override { return owner_.transport_dbg(t); }

  Interconnect& owner_;
  const std::size_t number_;
};

/// Faces one target.
class Interconnect::TargetPort : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
 public:
  TargetPort(const sc_core::sc_module_name& name, Interconnect& owner, std::size_t number)
      : sc_module(name), owner_(owner), number_(number) {
    socket.bind(*this);
  }

  tlm::tlm_initiator_socket<> socket{"socket"};
  std::int64_t free_ps = 0;                        ///< when the request channel has taken its last beat
  tlm::tlm_generic_payload* unaccepted = nullptr;  ///< sent, without END_REQ
  std::size_t last_granted = 0;
  BurstPath* path = nullptr;  ///< the target's own; null where it has none
  bool path_open = false;

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return owner_.backward(number_, t, phase, delay);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override {
    owner_.invalidate_direct_mem_ptr(number_, first, last);
  }

  Interconnect& owner_;
  const std::size_t number_;
};

}  // namespace flexcim

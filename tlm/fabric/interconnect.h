// The crossbar between initiators and targets: decode, arbitration, width, latency.
#pragma once

#include "tlm/fabric/address_map.h"
#include "tlm/timing/crossbar_timing.h"

#include <systemc>
#include <tlm>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Every target has one request channel, every initiator one response channel; different channels work in parallel. The
/// arithmetic is CrossbarTiming's.
///
/// AT (nb_transport, base protocol). A request waits for the first bus clock edge after its arrival. There a free
/// channel takes one request, round robin over the initiators that want it. A write occupies the channel for ceil(bytes
/// / width) cycles, a read for one; each beat reaches the target `latency` cycles after it was sent. The initiator gets
/// END_REQ when the channel has taken all beats. A target that holds back END_REQ blocks its channel. A response that a
/// target begins at time t reaches the initiator at the clock edge at or after t, plus `latency`, but not earlier than
/// ceil(bytes / width) cycles after the response before it (data streams while it arrives).
///
/// LT (b_transport). Adds 2 * latency + ceil(bytes / width) cycles to the delay; there is no contention.
///
/// DMI, debug accesses, byte enables and streaming widths pass through; a channel carries all of the data, enabled or
/// not. An initiator that knows BurstPath finds one at its port. If no single target holds all bytes that a transaction
/// touches (payload_shape.h), the response is TLM_ADDRESS_ERROR_RESPONSE.
class Interconnect : public sc_core::sc_module {
 public:
  /// Throws InputError for parameters out of range.
  Interconnect(const sc_core::sc_module_name& name, const InterconnectParameters& parameters);
  ~Interconnect() override;

  /// Binds an initiator socket.
  template <class Socket>
  void connect(Socket& initiator) {
    initiator.bind(add_initiator());
  }

  /// Binds a target socket and gives it [base, base + size), which it sees as [0, size). Throws InputError for an
  /// overlap.
  template <class Socket>
  void map(Socket& target, std::uint64_t base, std::uint64_t size, const std::string& label) {
    add_target({base, size, label}).bind(target);
  }

  const AddressMap& address_map() const { return map_; }
  /// Hears of every grant, and of every blocking access as one of its whole time in the interconnect; null for none.
  /// Initiators and targets are numbered in the order of connect() and map().
  void set_listener(GrantListener* listener) {
    listener_ = listener;
    path_.set_listener(listener);
  }

 private:
  class InitiatorPort;
  class TargetPort;
  struct Route {
    tlm::tlm_generic_payload* transaction;
    std::size_t initiator;
    std::size_t target;
    std::uint64_t address;     ///< as the initiator gave it
    bool target_done = false;  ///< the target has ended its side early
  };
  tlm::tlm_target_socket<>& add_initiator();
  tlm::tlm_initiator_socket<>& add_target(AddressRange range);

  void b_transport(std::size_t initiator, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(std::size_t target, std::uint64_t first, std::uint64_t last);
  tlm::tlm_sync_enum forward(std::size_t initiator, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(std::size_t target, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);

  bool open_path(int outstanding);
  bool serve(std::size_t initiator, const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times);
  std::uint64_t serve_many(std::size_t initiator, const Burst& burst, std::uint64_t most, const Cadence& requests,
                           std::int64_t limit_ps, BurstTimes& last);
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes);
  CrossbarPath::Channels channels(std::size_t initiator, int target);
  void arbitrate();
  void grant(std::size_t target, std::size_t initiator);
  void deliver(std::size_t initiator);
  void end_response(std::size_t initiator);
  std::size_t route_of(const tlm::tlm_generic_payload& transaction) const;
  void arbitrate_at(std::int64_t ps);

  const CrossbarTiming timing_;
  CrossbarPath path_{timing_};
  GrantListener* listener_ = nullptr;
  bool paths_known_ = false;
  AddressMap map_;
  std::vector<std::unique_ptr<InitiatorPort>> initiators_;
  std::vector<std::unique_ptr<TargetPort>> targets_;
  std::vector<Route> routes_;
  tlm::tlm_generic_payload* in_backward_ = nullptr;  ///< whose BEGIN_RESP a target is delivering right now
  sc_core::sc_event arbitration_due_;
};

}  // namespace flexcim

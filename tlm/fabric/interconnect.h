// The crossbar between initiators and targets: decode, arbitration, width, latency.
#pragma once

#include "flow/base/divisor.h"
#include "tlm/fabric/address_map.h"
#include "tlm/timing/burst_path.h"
#include "tlm/timing/interconnect_parameters.h"

#include <systemc>
#include <tlm>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Every target has one request channel, every initiator one response channel; different channels work in parallel.
///
/// AT (nb_transport, base protocol): a request waits for the first bus clock edge after its arrival; there a free
/// channel takes one request, round robin over the initiators that want it. A write occupies the channel for ceil(bytes
/// / width) cycles, a read for one; the last beat reaches the target `latency` cycles after it was sent. The initiator
/// gets END_REQ when the channel has taken its beats; a target that holds back END_REQ blocks its channel. A response
/// that a target begins at time t, all its data at hand, has reached the initiator at t rounded up to a clock edge plus
/// latency, or ceil(bytes / width) cycles after the response before, whichever is later (data streams while it
/// arrives). LT (b_transport): 2 * latency + ceil(bytes / width) cycles are added to the delay; no contention. DMI and
/// debug pass through. An initiator that knows BurstPath finds one at its port. Byte enables
/// and streaming widths pass through: a channel carries all of the data, enabled or not. Touched bytes
/// (payload_shape.h) that no target holds as a whole: TLM_ADDRESS_ERROR_RESPONSE.
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
  /// The last request granted, if it came by BurstPath.
  struct Served {
    std::size_t initiator, target;
    std::uint64_t end;  ///< address after it
    unsigned bytes = 0;
    bool write;
    std::int64_t ready_ps;     ///< when its response could have been delivered, had the channel been free
    std::int64_t response_ps;  ///< when it has been
  };

  tlm::tlm_target_socket<>& add_initiator();
  tlm::tlm_initiator_socket<>& add_target(AddressRange range);

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(std::size_t target, std::uint64_t first, std::uint64_t last);
  tlm::tlm_sync_enum forward(std::size_t initiator, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay);
  tlm::tlm_sync_enum backward(std::size_t target, tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);

  bool open_path(int outstanding);
  bool serve(std::size_t initiator, const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times);
  std::uint64_t repeat(std::size_t initiator, const Burst& burst, std::uint64_t most, const RequestTimes& requests,
                       std::int64_t limit_ps, BurstTimes& last);
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes);
  void arbitrate();
  void grant(std::size_t target, std::size_t initiator);
  void deliver(std::size_t initiator);
  void end_response(std::size_t initiator);
  std::size_t route_of(const tlm::tlm_generic_payload& transaction) const;
  std::int64_t beats(std::uint64_t bytes) const {
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(width_.ceiling(bytes)));
  }
  std::int64_t edge_after(std::int64_t ps) const {
    return (static_cast<std::int64_t>(clock_.quotient(static_cast<std::uint64_t>(ps))) + 1) * p_.clock_ps;
  }
  std::int64_t edge_at_or_after(std::int64_t ps) const {
    return static_cast<std::int64_t>(clock_.ceiling(static_cast<std::uint64_t>(ps))) * p_.clock_ps;
  }
  void arbitrate_at(std::int64_t ps);

  const InterconnectParameters p_;
  const Divisor clock_, width_;
  bool paths_known_ = false;
  Served served_{};
  RequestTimes arrivals_;  ///< at the target, of one call of repeat()
  AddressMap map_;
  std::vector<std::unique_ptr<InitiatorPort>> initiators_;
  std::vector<std::unique_ptr<TargetPort>> targets_;
  std::vector<Route> routes_;
  tlm::tlm_generic_payload* in_backward_ = nullptr;  ///< whose BEGIN_RESP a target is delivering right now
  sc_core::sc_event arbitration_due_;
};

}  // namespace flexcim

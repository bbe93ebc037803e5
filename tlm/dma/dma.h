// The DMA engine: moves rows of bytes between memory and the accelerator's buffers, several bursts outstanding.
#pragma once

#include "tlm/timing/dma_schedule.h"

#include <systemc>
#include <tlm>

#include <cstdint>
#include <memory>
#include <vector>

namespace flexcim {

/// How far the accelerator runs ahead of simulated time, in cycles. What listeners are told before its time waits in
/// their memory, a byte a cycle at worst. At the end of a quantum all that was formed ahead is dropped: the largest
/// layers of a 7B model at 128 tokens do not reach it.
constexpr Cycle kQuantum = 1 << 26;

/// A TLM-2.0 initiator on the approximately-timed path. Which burst goes when: DmaSchedule. Where the target offers a
/// BurstPath and it is free, bursts take it: the same times, without events.
class Dma : public sc_core::sc_module,
            public DmaSchedule,
            private tlm::tlm_bw_transport_if<>,
            private tlm::tlm_mm_interface {
 public:
  tlm::tlm_initiator_socket<> socket{"socket"};

  /// Throws InputError for parameters out of range.
  Dma(const sc_core::sc_module_name& name, const DmaParameters& parameters, Picoseconds clock_ps);
  ~Dma() override;

  void abort_all() override;
  bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override;
  bool idle() const;

  /// Issues, ahead of simulated time, the bursts that no other process can disturb any more: up to the next activity of
  /// the simulation, up to pause(), and no further than the quantum. Whether there were any. To be called by the one
  /// process that makes all requests, when it has answered everything that it was told; it calls end_ahead() before it
  /// waits.
  bool run_ahead();
  /// Whether bursts may take a BurstPath; true from the start. To be called before the simulation starts.
  void use_path(bool use) { use_path_ = use; }
  /// How far run_ahead() goes, in cycles; kQuantum from the start. To be called before the simulation starts.
  void set_quantum(Cycle cycles) { quantum_ps_ = static_cast<Picoseconds>(cycles) * clock_ps(); }

 private:
  struct Payload;

  void wake_at(Cycle cycle) override;
  BurstPath* open_path();
  bool take_path();
  void issue();
  void send(TransferPointer transfer, Cycle now);
  void end(Payload& burst, Cycle at);
  Payload& new_burst();

  void free(tlm::tlm_generic_payload* payload) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  std::vector<std::unique_ptr<Payload>> bursts_;  ///< all ever made
  std::vector<Payload*> free_bursts_;
  Payload* unaccepted_ = nullptr;  ///< issued without END_REQ
  sc_core::sc_event issue_due_;
  BurstPath* path_ = nullptr;  ///< the target's; null where it has none
  bool path_known_ = false;
  bool use_path_ = true;
  Picoseconds quantum_ps_;
};

}  // namespace flexcim

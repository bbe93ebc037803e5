// DRAM as a TLM-2.0 target: bytes, bank-level timing on the approximately-timed path, DMI for loosely-timed initiators.
#pragma once

#include "tlm/memory/memory_store.h"
#include "tlm/timing/burst_path.h"
#include "tlm/timing/dram_timing.h"
#include "tlm/timing/response_queue.h"

#include <systemc>
#include <tlm>

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <vector>

namespace flexcim {

/// One target socket, base protocol, generic payload only.
/// - nb_transport (AT, 4 phases): a request is accepted while fewer than `queue_depth` are in the controller, otherwise
///   END_REQ comes when one leaves it; one that is due leaves before a request that comes at the same time. Data is
///   transferred when the request arrives, in order of arrival; the response begins when the last beat has been
///   transferred (DramTiming). Responses of different channels may overtake each other.
/// - b_transport (LT): the idle latency of one burst plus the bus time of the others; no contention, and the banks stay
///   as they are. A stream (tlm/fabric/stream_access.h) takes its turn in DramTiming instead.
/// - DMI: the whole memory, read and write, with the LT latency of one burst per access.
/// - BurstPath, where there is one channel.
/// memory_access.h says how byte enables and streaming widths are served and which errors are answered; refused
/// requests take no DRAM time. Byte enables change neither time nor counts: a burst of which only some bytes are
/// written is a whole burst, with the other bytes masked (DM). Every beat of a stream is an access of its own.
class Dram : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>, public BurstPath {
 public:
  tlm::tlm_target_socket<> socket{"socket"};

  /// Throws InputError for impossible parameters or a capacity that the machine cannot give.
  Dram(const sc_core::sc_module_name& name, const DramParameters& parameters, std::uint64_t capacity_bytes,
       unsigned queue_depth = kDramQueueDepth);

  MemoryStore& store() { return store_; }
  const DramTiming& timing() const { return timing_; }
  /// `listener` hears of every access that takes DRAM time, after those added before. Outlives the module.
  void add_listener(DramListener& listener) { timing_.set_listener(listeners_.add(listener)); }

 private:
  /// Bursts whose responses followed each other `period_ps` apart.
  struct ServedBursts {
    std::int64_t last_ps;
    std::uint64_t count;
    std::int64_t period_ps;

    /// How many of the responses come after `ps`.
    std::uint64_t after(std::int64_t ps) const {
      if (last_ps <= ps) return 0;
      return std::min(count, static_cast<std::uint64_t>((last_ps - ps - 1) / period_ps) + 1);
    }
  };

  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction) override;

  bool open_path(int outstanding) override;
  bool serve(const Burst& burst, std::int64_t at_ps, std::int64_t limit_ps, BurstTimes& times) override;
  std::uint64_t serve_many(const Burst& burst, std::uint64_t most, const Cadence& requests, std::int64_t limit_ps,
                           BurstTimes& last) override;
  const std::uint8_t* memory(std::uint64_t address, std::uint64_t bytes) override {
    return store_.contains(address, bytes) ? store_.data() + address : nullptr;
  }
  void move(const Burst& burst, std::uint64_t bytes);
  std::int64_t bursts(const tlm::tlm_generic_payload& transaction) const;
  std::int64_t access(const tlm::tlm_generic_payload& transaction, std::int64_t at_ps);
  std::size_t served_after(std::int64_t ps) const;

  bool full();
  void accept(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay);
  void schedule_response();
  void admit_waiting();
  void respond();
  void finish_response();

  MemoryStore store_;
  DramTiming timing_;
  DramFanOut listeners_;
  const unsigned queue_depth_;
  ResponseQueue<tlm::tlm_generic_payload*> responses_;
  /// The last bursts that took the BurstPath, at least as many as the queue holds: they, too, fill it.
  boost::circular_buffer<ServedBursts> served_;
  std::uint64_t last_end_ = ~std::uint64_t{0};  ///< of the last access, if it was a burst of the BurstPath ...
  bool last_write_ = false;                     ///< ... in this direction
  bool admission_due_ = false;
  tlm::tlm_generic_payload* waiting_ = nullptr;     ///< a request without END_REQ ...
  std::int64_t waiting_ps_ = 0;                     ///< ... and its arrival
  tlm::tlm_generic_payload* responding_ = nullptr;  ///< between BEGIN_RESP and END_RESP
  sc_core::sc_event response_due_;
};

}  // namespace flexcim

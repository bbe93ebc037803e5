// The DMA engine: moves rows of bytes between memory and the accelerator's buffers, several bursts outstanding.
#pragma once

#include "flow/base/divisor.h"
#include "tlm/engine/macro_engine.h"
#include "tlm/interface/error_code.h"
#include "tlm/timing/activity.h"
#include "tlm/timing/burst_path.h"
#include "tlm/timing/dma_parameters.h"

#include <systemc>
#include <tlm>

#include <algorithm>
#include <array>
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// Who asks; a lower value goes first.
enum class DmaChannel { command, write_back, activations, directory, weights, count };

/// Bytes of a request that have been transferred, the last of them in bursts at equal distances.
struct DmaProgress {
  std::uint64_t bytes = 0;        ///< the first ones of the rows, one after the other
  Cycle last = 0;                 ///< when they have been transferred
  std::uint64_t burst_bytes = 1;  ///< of each of the last bursts ...
  Cycle period = 0;               ///< ... that end so long one after the other

  /// When the first `count` bytes have been transferred, count <= bytes, of which the call before has not told.
  Cycle at(std::uint64_t count) const { return last - (bytes - count) / burst_bytes * period; }
};

/// One transfer of `rows` rows.
struct DmaRequest {
  DmaChannel channel = DmaChannel::command;
  bool write = false;
  std::uint64_t address = 0;        ///< in memory, of the first row
  std::uint64_t memory_stride = 0;  ///< bytes between rows in memory
  std::uint8_t* data = nullptr;     ///< local bytes of the first row; valid until on_done or abort_all
  std::uint64_t local_stride = 0;
  std::uint64_t rows = 1;
  std::uint64_t row_bytes = 0;  ///< at least 1
  bool borrow = false;          ///< what is read may stay where it is until settle(); locate() tells. One row only
  Cycle from = 0;               ///< cycle at whose beginning the request is made; not before the present one
  /// Called before the first burst is issued, in or after cycle `from`: a write's data must stand then.
  std::function<void()> on_issue;
  /// Called when more bytes have been transferred, with one burst or with many at equal distances.
  std::function<void(const DmaProgress& progress)> on_progress;
  /// Called once, after the last on_progress; with an error as soon as no burst of the request is under way any more.
  std::function<void(ErrorCode error, Cycle at)> on_done;
};

/// A TLM-2.0 initiator on the approximately-timed path. Time is divided into accelerator cycles: one burst may be
/// issued in each. What is asked for or comes free in a cycle is seen in the next one, so that the order of events
/// inside a cycle means nothing. Rows that follow each other in memory without a gap are one run of bytes for the
/// bursts. Where the target offers a BurstPath and it is free, bursts take it: the same times, without events.
class Dma : public sc_core::sc_module, private tlm::tlm_bw_transport_if<>, private tlm::tlm_mm_interface {
 public:
  tlm::tlm_initiator_socket<> socket{"socket"};

  /// Throws InputError for parameters out of range.
  Dma(const sc_core::sc_module_name& name, const DmaParameters& parameters, std::int64_t clock_ps);
  ~Dma() override;

  void post(DmaRequest request);
  /// Forgets all requests; their callbacks are not called any more, bursts under way end unheard.
  void abort_all();
  bool idle() const;

  /// Issues, ahead of simulated time, the bursts that no other process can disturb any more: up to the next activity of
  /// the simulation and up to pause(). Whether there were any. To be called by the one process that makes all requests,
  /// when it has answered everything that it was told.
  bool run_ahead();
  /// To be called from on_progress or on_done: this may be answered by a request that is made as soon as `at`, so
  /// nothing that comes later may be issued before the answer.
  void pause() { pause_at_ = std::min(pause_at_, told_at_); }

  /// Where the bytes are that a borrowing request has read to [data, data + bytes): there, or still in memory. Valid
  /// until settle().
  const std::uint8_t* locate(const std::uint8_t* data, std::uint64_t bytes);
  /// Brings what is borrowed to where it belongs. To be called by the process that has called run_ahead() before it
  /// waits: others may change the memory. The engine calls it itself before a write of its own does.
  void settle();
  /// [data, data + bytes) is not needed any more.
  void forget(const std::uint8_t* data, std::uint64_t bytes);
  /// `step` comes first in every settle(): whoever has asked locate() must not rely on it any more.
  void set_before_settle(std::function<void()> step) { before_settle_ = std::move(step); }

  /// Has [address, address + bytes) read to `data` outside of time, where it may stay until settle() as what a
  /// borrowing request has read. False, with nothing done, where it cannot stay.
  bool borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes);
  /// Blocking debug transfer outside of time; false where not all bytes could be had.
  bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes);

  /// Hears of every burst; null for none.
  void set_listener(ActivityListener* listener) { listener_ = listener; }

  std::uint64_t read_bytes() const { return read_bytes_; }
  std::uint64_t write_bytes() const { return write_bytes_; }

 private:
  struct Transfer;
  struct Burst;
  /// Bytes that have been read as far as time goes, but not copied.
  struct Borrowed {
    std::uint8_t* data;
    std::uint64_t bytes;
    const std::uint8_t* source;
  };

  void issue();
  void issue_at(Cycle cycle);
  void send(std::shared_ptr<Transfer> transfer, Cycle now);
  bool serve(bool ahead);
  bool serve(Transfer& transfer, Cycle cycle, std::int64_t limit_ps);
  bool repeat(Transfer& transfer, Cycle cycle, Cycle until, std::int64_t limit_ps);
  void advance(Transfer& transfer, std::uint64_t bytes, std::uint64_t burst_bytes);
  bool borrows(Transfer& transfer);
  void borrow(std::uint64_t address, std::uint8_t* data, const std::uint8_t* source, std::uint64_t bytes);
  void return_borrowed();
  void prepare_write(std::uint64_t address, std::uint64_t bytes);
  Cycle next_slot(Cycle earliest);
  std::uint64_t next_burst(const Transfer& transfer, std::uint64_t& address) const;
  void tell_listener(std::uint64_t bytes, bool write, Cycle issued, Cycle end);
  void finish(Burst& burst, Cycle at);
  Burst& new_burst();
  Cycle cycle_at(std::int64_t ps) const { return clock_.ceiling(static_cast<std::uint64_t>(ps)); }

  void free(tlm::tlm_generic_payload* payload) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  const DmaParameters p_;
  const std::int64_t clock_ps_;
  const Divisor clock_;
  std::array<std::deque<std::shared_ptr<Transfer>>, static_cast<std::size_t>(DmaChannel::count)> queues_;
  std::vector<std::unique_ptr<Burst>> bursts_;  ///< all ever made
  std::vector<Burst*> free_bursts_;
  int unanswered_ = 0;                  ///< bursts issued whose end is unknown
  boost::circular_buffer<Cycle> ends_;  ///< of the other bursts issued, ascending; past ones are dropped lazily
  Burst* unaccepted_ = nullptr;         ///< issued without END_REQ
  Cycle next_issue_ = 0;                ///< request channel free again
  std::uint64_t read_bytes_ = 0;
  std::uint64_t write_bytes_ = 0;
  ActivityListener* listener_ = nullptr;
  sc_core::sc_event issue_due_;
  BurstPath* path_ = nullptr;  ///< the target's; null where it has none
  bool path_known_ = false;
  bool serving_ = false;
  bool ahead_ = false;  ///< serving in run_ahead(): the caller will settle() before anybody else runs
  std::uint64_t lent_begin_ = ~std::uint64_t{0}, lent_end_ = 0;  ///< in memory: what locate() may have spoken of
  bool unsettled_ = false;                                       ///< since run_ahead(): nobody waits
  Cycle due_ = ~Cycle{0};                                        ///< what issue_at() was asked for meanwhile
  std::vector<Borrowed> borrowed_;
  std::function<void()> before_settle_;
  Cycle last_end_ = 0;  ///< of the bursts that took the path
  /// How long it was after the end before, and that after the one before it.
  Cycle period_ = 0, period_before_ = 0;
  bool interrupted_ = false;  ///< repeat() has found a burst that does not repeat the ones before it
  RequestTimes requests_;     ///< of one call of repeat()
  Cycle pause_at_ = ~Cycle{0};
  Cycle told_at_ = 0;  ///< of the callback under way
};

}  // namespace flexcim

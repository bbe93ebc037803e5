// Which burst of which request goes when: the arithmetic of the DMA engine, without simulated time.
#pragma once

#include "flow/base/cycle.h"
#include "flow/base/divisor.h"
#include "tlm/timing/activity.h"
#include "tlm/timing/burst_path.h"
#include "tlm/timing/dma_parameters.h"
#include "tlm/timing/loans.h"
#include "tlm/timing/memory_port.h"

#include <algorithm>
#include <array>
#include <boost/circular_buffer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace flexcim {

constexpr Cycle kNever = ~Cycle{0};

/// Requests wait in a queue per channel. Time is divided into accelerator cycles: one burst may be issued in each. What
/// is asked for or comes free in a cycle is seen in the next one, so that the order of events inside a cycle means
/// nothing. Rows that follow each other in memory without a gap are one run of bytes for the bursts.
///
/// Here bursts take a BurstPath, in the present cycle (Mode::events) or in coming ones (Mode::ahead). What issues them
/// by the phases of a protocol derives from it (tlm/dma/dma.h). docs/fast_path.md draws the modes.
class DmaSchedule : public MemoryPort {
 public:
  enum class Mode {
    events,  ///< simulated time goes on: nothing is issued beyond the present cycle, nothing is lent
    ahead    ///< it stands still: bursts of coming cycles may be issued, bytes may be lent, until end_ahead()
  };

  /// `clock_ps`: the accelerator's clock period. Throws InputError for parameters out of range.
  DmaSchedule(const DmaParameters& parameters, Picoseconds clock_ps);
  ~DmaSchedule() override;
  DmaSchedule(const DmaSchedule&) = delete;
  DmaSchedule& operator=(const DmaSchedule&) = delete;

  void post(DmaRequest request) override;
  void abort_all() override;
  void pause() override { pause_at_ = std::min(pause_at_, told_at_); }
  /// Valid until end_ahead().
  const std::uint8_t* locate(const std::uint8_t* data, std::uint64_t bytes) override {
    return loans_.locate(data, bytes);
  }
  const std::uint8_t* foresee(std::uint64_t address, std::uint64_t bytes) override;
  void forget(const std::uint8_t* data, std::uint64_t bytes) override { loans_.forget(data, bytes); }
  bool borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) override;

  Mode mode() const { return mode_; }
  /// The cycle in which the last burst was issued.
  Cycle issued() const { return issued_; }
  /// Mode::events from now on: returns all loans. To be called before any other process runs.
  void end_ahead();
  /// `step` comes first in every return of loans: whoever has asked locate() must not rely on it any more.
  void set_before_return(std::function<void()> step) { loans_.set_before_return(std::move(step)); }

  /// Hears of every burst; null for none.
  void set_listener(ActivityListener* listener) { listener_ = listener; }

  std::uint64_t read_bytes() const override { return read_bytes_; }
  std::uint64_t write_bytes() const override { return write_bytes_; }

 protected:
  /// A request and how far it is. Who holds one has a TransferPointer; then it is used again, since there are many.
  struct Transfer;
  using TransferPointer = boost::intrusive_ptr<Transfer>;
  struct Transfer {
    explicit Transfer(std::vector<Transfer*>& all_unused) : unused(all_unused) {}
    /// Begins anew, in bursts of up to `burst_bytes`.
    void take(DmaRequest asked, std::uint64_t burst_bytes);

    std::vector<Transfer*>& unused;
    int holders = 0;
    TransferPointer next;  ///< behind it in its queue
    DmaRequest request;
    std::uint64_t total = 0;
    bool gapless = true;  ///< its rows are one run of bytes for the bursts
    bool repeats = true;  ///< a run of bytes may have several bursts of full size
    Divisor row_bytes{1};
    std::uint64_t issued = 0;  ///< bytes
    /// Of bursts that begin() has issued, in order of bytes: {end of its bytes, cycle or kNever}.
    std::vector<std::pair<std::uint64_t, Cycle>> pending;
    std::size_t told = 0;                  ///< the first of them that has still to be
    Cycle reached = 0;                     ///< latest end so far
    const std::uint8_t* source = nullptr;  ///< of a borrowing request, in the simulator
    ErrorCode error = ErrorCode::none;
    bool aborted = false;

    /// The local bytes at offset `at` of the transfer; null where it moves none.
    std::uint8_t* local(std::uint64_t at) const {
      if (request.data == nullptr) return nullptr;
      if (gapless) return request.data + at;
      const std::uint64_t row = row_bytes.quotient(at);
      return request.data + row * request.local_stride + (at - row * request.row_bytes);
    }
    void forget_told() {
      pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(told));
      told = 0;
    }
    void tell_progress(const DmaProgress& progress) const {
      if (request.on_progress) request.on_progress(progress);
    }
    friend void intrusive_ptr_add_ref(Transfer* transfer) { ++transfer->holders; }
    friend void intrusive_ptr_release(Transfer* transfer) {
      if (--transfer->holders == 0) transfer->unused.push_back(transfer);
    }
  };
  /// The first in, the first out.
  class Queue {
   public:
    bool empty() const { return !first_; }
    const TransferPointer& front() const { return first_; }
    void push_back(TransferPointer transfer) {
      Transfer* const added = transfer.get();
      (first_ ? last_->next : first_) = std::move(transfer);
      last_ = added;
    }
    TransferPointer pop_front() {
      TransferPointer front = std::move(first_);
      first_ = std::move(front->next);
      return front;
    }
    /// If it is there.
    void remove(const Transfer& transfer);

   private:
    TransferPointer first_;
    Transfer* last_ = nullptr;
  };

  /// The next burst, as far as its cycle is known.
  struct Next {
    Transfer* transfer = nullptr;  ///< in its queue; null where nothing is asked for
    Cycle cycle = kNever;
    Cycle higher = kNever;  ///< from here on another one goes first
  };
  /// Not before cycle `now`.
  Next next(Cycle now);

  /// A burst whose end is not known when it is issued.
  struct Issued {
    TransferPointer transfer;
    std::uint64_t offset = 0;  ///< in the transfer
    std::uint64_t bytes = 0;
    Cycle cycle = 0;
  };
  /// The next `bytes` bytes of `transfer` are `burst`, issued in `cycle`.
  void begin(Issued& burst, TransferPointer transfer, std::uint64_t bytes, Cycle cycle);
  /// It ends in cycle `at`, its bytes are where they belong; or there is an error.
  void finish(const Issued& burst, ErrorCode error, Cycle at);

  /// What serve() has done.
  struct Served {
    bool any = false;    ///< bursts were issued
    Cycle due = kNever;  ///< when the next one may be
  };
  /// Issues bursts on `path`, whose requests are granted until `limit_ps`: those of cycle `now`, or in Mode::ahead also
  /// of coming ones, up to pause(). Only while no burst is unanswered. `on_edge`: `now` begins right now.
  Served serve(BurstPath& path, Cycle now, bool on_edge, Picoseconds limit_ps);
  /// Mode::ahead from now on, until end_ahead(): for bursts up to cycle `until`.
  void go_ahead(Cycle until = kNever) {
    mode_ = Mode::ahead;
    pause_at_ = until;
  }
  /// In Mode::ahead: nothing is issued after it.
  Cycle pause_at() const { return pause_at_; }

  /// There may be a burst to issue in `cycle`. In Mode::ahead and during serve() nobody hears of it: `due` and the next
  /// end_ahead() tell.
  void wake(Cycle cycle);

  /// The first cycle, not before `earliest`, in which fewer than the allowed bursts are in flight: one whose end lies
  /// in an earlier cycle has left. kNever where only an unanswered burst can make room.
  Cycle next_slot(Cycle earliest);
  /// Address and size of the next burst: up to the next multiple of the burst size, the end of its run of bytes.
  std::uint64_t next_burst(const Transfer& transfer, std::uint64_t& address) const;
  /// The same of all that is left of the run of bytes: the row, or all rows without gaps.
  std::uint64_t next_run(const Transfer& transfer, std::uint64_t& address) const;
  void tell_listener(std::uint64_t bytes, bool write, Cycle issued, Cycle end);
  void tell_row(const Burst& burst, std::uint64_t count, Cycle period, Cycle last_end);
  Queue& queue(const Transfer& transfer) { return queues_[static_cast<std::size_t>(transfer.request.channel)]; }
  Cycle cycle_at(Picoseconds ps) const { return clock_.ceiling(static_cast<std::uint64_t>(ps)) - skipped_; }
  Picoseconds ps(Cycle cycle) const { return static_cast<Picoseconds>(cycle + skipped_) * clock_ps_; }
  Picoseconds clock_ps() const { return clock_ps_; }
  /// From now on the memory's time is so much further: cycles left out (plain_loop.h).
  void skip(Cycle cycles) { skipped_ += cycles; }

  const DmaParameters p_;
  std::deque<Transfer> transfers_;  ///< all ever made
  std::vector<Transfer*> unused_;
  std::array<Queue, static_cast<std::size_t>(DmaChannel::count)> queues_;
  int unanswered_ = 0;                  ///< bursts issued whose end is unknown
  boost::circular_buffer<Cycle> ends_;  ///< of the other bursts issued, ascending; past ones are dropped lazily
  Cycle issued_ = 0;                    ///< when the last one was
  Cycle next_issue_ = 0;                ///< request channel free again
  Cycle told_at_ = 0;                   ///< of the callback under way
  std::uint64_t read_bytes_ = 0;
  std::uint64_t write_bytes_ = 0;
  ActivityListener* listener_ = nullptr;

 private:
  /// wake() outside of serve(), in Mode::events.
  virtual void wake_at(Cycle cycle) = 0;

  static void fetch_rows(BurstPath& path, const DmaRequest& request);
  bool serve_one(BurstPath& path, Transfer& transfer, Cycle cycle, Picoseconds limit_ps);
  bool serve_many(BurstPath& path, Transfer& transfer, Cycle cycle, Cycle until, Picoseconds limit_ps);
  void advance(BurstPath& path, Transfer& transfer, std::uint64_t bytes, std::uint64_t burst_bytes);
  bool borrows(BurstPath& path, Transfer& transfer) const;

  const Picoseconds clock_ps_;
  const Divisor clock_;
  Cycle skipped_ = 0;
  Mode mode_ = Mode::events;
  bool serving_ = false;
  Cycle due_ = kNever;  ///< what wake() was told in Mode::ahead
  Cycle pause_at_ = kNever;
  Loans loans_;
  BurstPath* lender_ = nullptr;  ///< the path that serve() has taken in Mode::ahead
  Burst last_;                   ///< that took the path
  Cycle last_end_ = 0;           ///< its end
  /// How long that was after the end before, and that after the one before it; kNever for a burst of less than full
  /// size, and for one in another direction than the one before it.
  Cycle period_ = 0, period_before_ = 0;
  /// Bursts that serve_many() does not look at: the one behind those in step that it could not take with them; and as
  /// many as it has failed for in a row, at most those in flight, since then they do not end at equal distances.
  int passed_over_ = 0;
  int failed_ = 0;
  Cadence requests_;  ///< of one call of serve_many()
};

}  // namespace flexcim

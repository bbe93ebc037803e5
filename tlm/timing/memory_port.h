// Memory as the accelerator sees it: transfers are asked for and reported in cycles. Behind it is the DMA of a
// simulation, or arithmetic alone.
#pragma once

#include "flow/base/cycle.h"
#include "tlm/interface/error_code.h"

#include <cstdint>
#include <functional>

namespace flexcim {

/// Who asks; a lower value goes first.
enum class DmaChannel { command, write_back, activations, directory, weights, count };

/// Bytes of a request that have been transferred, the last of them in bursts at equal distances, but for the last
/// burst.
struct DmaProgress {
  std::uint64_t bytes = 0;        ///< the first ones of the rows, one after the other
  Cycle last = 0;                 ///< when they have been transferred
  std::uint64_t burst_bytes = 1;  ///< of each of the last bursts ...
  Cycle period = 0;               ///< ... that end so long one after the other ...
  Cycle last_period = 0;          ///< ... and the last one so long after the one before it

  /// When the first `count` bytes have been transferred, count <= bytes, of which the call before has not told.
  Cycle at(std::uint64_t count) const {
    const std::uint64_t behind = (bytes - count) / burst_bytes;
    return behind == 0 ? last : last - last_period - (behind - 1) * period;
  }
  /// The same of the first `count` bytes alone, at whose end a burst ends.
  DmaProgress first(std::uint64_t count) const {
    return {count, at(count), burst_bytes, period, count == bytes ? last_period : period};
  }
  /// Calls visit(begin, bytes, at, count, period) for `count` bursts of so many bytes each that begin with byte
  /// `begin`, the first of which ends at `at`: for all since the call that told of `before` bytes.
  template <class Visit>
  void for_each_row(std::uint64_t before, const Visit& visit) const {
    while (before < bytes) {
      const std::uint64_t size = period == 0 ? bytes - before : burst_bytes, first = (bytes - before - 1) % size + 1;
      std::uint64_t count = first == size ? (bytes - before) / size : 1;
      if (count > 1 && last_period != period) --count;
      visit(before, first, at(before + first), count, period);
      before += count * first;
    }
  }
  /// The same burst by burst: visit(begin, end, at) for its bytes [begin, end).
  template <class Visit>
  void for_each_burst(std::uint64_t before, const Visit& visit) const {
    for_each_row(before, [&](std::uint64_t begin, std::uint64_t size, Cycle at, std::uint64_t count, Cycle distance) {
      for (; count > 0; --count, begin += size, at += distance) visit(begin, begin + size, at);
    });
  }
};

/// One transfer of `rows` rows.
struct DmaRequest {
  DmaChannel channel = DmaChannel::command;
  bool write = false;
  std::uint64_t address = 0;        ///< in memory, of the first row
  std::uint64_t memory_stride = 0;  ///< bytes between rows in memory
  /// Local bytes of the first row, valid until on_done or abort_all. Null: nothing is moved, it only takes its time.
  std::uint8_t* data = nullptr;
  std::uint64_t local_stride = 0;
  std::uint64_t local_address = 0;  ///< of what is read: where the first row begins in its SRAM buffer
  std::uint64_t rows = 1;
  std::uint64_t row_bytes = 0;  ///< at least 1
  bool borrow = false;          ///< what is read may stay where it is; locate() tells. One row only
  Cycle from = 0;               ///< cycle at whose beginning the request is made; not before the present one
  /// Called before the first burst is issued, in or after cycle `from`: a write's data must stand then.
  std::function<void()> on_issue;
  /// Called when more bytes have been transferred, with one burst or with many at equal distances.
  std::function<void(const DmaProgress& progress)> on_progress;
  /// Called once, after the last on_progress; with an error as soon as no burst of the request is under way any more.
  std::function<void(ErrorCode error, Cycle at)> on_done;
};

/// Calls the callbacks of requests while its caller waits (CommandClock), in the order of simulated time; never inside
/// a call of its own.
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;

  /// Whether it holds nothing but commands and the directories of weight images: requests for anything else have no
  /// data, and nobody asks for theirs.
  virtual bool dataless() const { return false; }

  /// A command begins, before its first request.
  virtual void begin_command() {}
  /// It has ended, with no request under way. What is wrong with its data that no request has told.
  virtual ErrorCode end_command() { return ErrorCode::none; }

  virtual void post(DmaRequest request) = 0;
  /// Forgets all requests; their callbacks are not called any more, bursts under way end unheard.
  virtual void abort_all() = 0;
  /// To be called from on_progress or on_done: this may be answered by a request that is made as soon as the cycle
  /// told, so nothing that comes later may be issued before the answer.
  virtual void pause() = 0;
  /// Blocking read outside of time; false where not all bytes could be had.
  virtual bool debug_read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) = 0;

  /// Transferred so far, as far as it is known.
  virtual std::uint64_t read_bytes() const = 0;
  virtual std::uint64_t write_bytes() const = 0;

  /// Where the bytes are that a borrowing request has read to [data, data + bytes): there, or still in memory. Valid
  /// until the port takes its loans back.
  virtual const std::uint8_t* locate(const std::uint8_t* data, std::uint64_t bytes) = 0;
  /// Where [address, address + bytes) of the memory lies that a borrowing request will read; null where that is not
  /// known. Its bytes stand, until the port takes its loans back.
  virtual const std::uint8_t* foresee(std::uint64_t address, std::uint64_t bytes) = 0;
  /// [data, data + bytes) is not needed any more.
  virtual void forget(const std::uint8_t* data, std::uint64_t bytes) = 0;
  /// Has [address, address + bytes) read to `data` outside of time, where it may be lent as to a borrowing request.
  /// False, with nothing done, where it cannot.
  virtual bool borrow_at_once(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) = 0;
};

}  // namespace flexcim

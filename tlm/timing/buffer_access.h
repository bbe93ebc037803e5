// What goes in and out of the SRAM buffers, as it is told to whoever models them pin by pin.
#pragma once

#include "flow/base/cycle.h"
#include "tlm/timing/fan_out.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace flexcim {

enum class BufferId { activation, weight, output };
constexpr std::size_t kBuffers = 3;

/// Accesses to one part (half) of a buffer. Row r has `row_bytes` bytes in the part from `address` + r * address_stride
/// on: they are, or are to be, those at `data` + r * data_stride.
struct BufferAccess {
  enum class Kind {
    fill,        ///< bytes from memory: those of a row are there from its cycle on
    load,        ///< a tile on its way into the macros, a word per cycle
    pass,        ///< inputs of passes, those of one row per pass
    accumulate,  ///< sums of one pass per row; they stand at `data` when the row begins
    write_back   ///< sums on their way to memory, a word per cycle; they stand at `data` in cycle `at`
  };
  BufferId buffer = BufferId::activation;
  Kind kind = Kind::fill;
  int part = 0;
  Cycle at = 0;  ///< when row 0 begins
  std::uint64_t rows = 1;
  Cycle row_cycles = 0;  ///< from one row to the next
  std::uint64_t address = 0;
  std::uint64_t address_stride = 0;  ///< bytes from one row to the next
  std::uint64_t row_bytes = 0;
  const std::uint8_t* data = nullptr;  ///< but for `accumulate` and `write_back` only valid during the call
  std::uint64_t data_stride = 0;
  /// fill: of an empty part; accumulate, write_back: the last pass has found no sums of passes before it.
  bool first = false;

  /// Whether its rows are bytes that have not been in the buffer, held until on_free().
  bool fills() const { return kind == Kind::fill || (kind == Kind::accumulate && first); }
};

/// Hears of accesses in simulated time or ahead of it, those of one part and kind in the order of their cycles.
class BufferListener {
 public:
  virtual ~BufferListener() = default;
  virtual void on_access(const BufferAccess& access) = 0;
  /// `bytes` of a buffer, told as `fill` or as the first `accumulate`, are not needed any more from cycle `at` on.
  virtual void on_free(BufferId buffer, std::uint64_t bytes, Cycle at) = 0;
  /// The command ends with an error or a reset: what has not begun will not be.
  virtual void on_abort() = 0;
  /// Whether it looks at the bytes at BufferAccess::data. Where nobody does they need not be there: products may be
  /// formed of bytes that are still in memory.
  virtual bool reads_bytes() const { return true; }
};

class BufferFanOut : public FanOut<BufferListener> {
 public:
  void on_access(const BufferAccess& access) override {
    for (BufferListener* each : listeners_) each->on_access(access);
  }
  void on_free(BufferId buffer, std::uint64_t bytes, Cycle at) override {
    for (BufferListener* each : listeners_) each->on_free(buffer, bytes, at);
  }
  void on_abort() override {
    for (BufferListener* each : listeners_) each->on_abort();
  }
  bool reads_bytes() const override {
    return std::any_of(listeners_.begin(), listeners_.end(), [](const auto* each) { return each->reads_bytes(); });
  }
};

}  // namespace flexcim

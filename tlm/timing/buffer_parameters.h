// The SRAM buffers of the accelerator: size, port and banks, and the cycles that banks cost (docs/architecture.md §7).
#pragma once

#include "tlm/timing/protection.h"

#include <cstdint>

namespace flexcim {

/// One SRAM buffer. A word has `port_bytes` bytes; words that follow each other lie in banks that follow each other. A
/// bank serves one access in a cycle. The weight and the output buffer have two halves, each in banks of its own where
/// there are two or more.
struct BufferParameters {
  static constexpr std::uint64_t least_bytes = 16, most_bytes = 64 << 20;
  static constexpr std::uint64_t most_port_bytes = 1 << 16;
  static constexpr int most_banks = 256;

  std::uint64_t bytes = 64 << 10;
  std::uint64_t port_bytes = 128;  ///< per accelerator cycle
  int banks = 4;                   ///< a power of two
  Protection protection = Protection::none;

  /// Of the weight and the output buffer: parts that can be accessed in the same cycle, 2 or, with one bank, 1.
  int parts() const { return banks > 1 ? 2 : 1; }
  int banks_of_part() const { return banks / parts(); }
  std::uint64_t words(std::uint64_t count) const { return (count + port_bytes - 1) / port_bytes; }

  /// The activation buffer: cycles in which `count` bytes are read that begin at `first` + t * `row_bytes` for some t
  /// in [0, rows): the same for every t, as many as the worst one needs. Two banks or more give bytes of two
  /// neighbouring words in one cycle; one bank gives them in two.
  std::uint64_t read_cycles(std::uint64_t first, std::uint64_t count, std::uint64_t row_bytes,
                            std::uint64_t rows) const;
  /// The output buffer: cycles from one word of accumulators to the next. A word is read, added to, and written in the
  /// cycle after, when the next one is read: two words of one bank take turns. The `first` sums are only written.
  std::uint64_t accumulate_cycles(bool first) const { return first || banks_of_part() > 1 ? 1 : 2; }
  /// Cycles by which words come later that are decoded: once per stream of words.
  std::uint64_t decode_cycles() const { return static_cast<std::uint64_t>(decode_stages(protection)); }
  /// The weight buffer: whether a tile can be loaded into the macros while the part that it lies in is being filled.
  bool loads_while_filling() const { return banks_of_part() > 1; }
};

}  // namespace flexcim

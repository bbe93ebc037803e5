// What a language model keeps in memory besides the weights of its blocks' linears, by its size alone, and what its
// operators move of that.
#pragma once

#include <cstdint>

namespace flexcim {

/// Rows of equal length.
struct MemoryRows {
  std::uint64_t rows = 0;
  std::uint64_t values = 0;  ///< of a row
};

/// What a block remembers of a sequence.
struct SequenceMemory {
  MemoryRows cache;         ///< that every token adds: its keys and values, a row for each head of either
  std::uint64_t state = 0;  ///< values, whatever the length: convolution and scan state
};

/// What an operator reads and writes: of `attention` tokens of the key/value cache (of its scales where an accelerator
/// holds the rows, int8_attention.h), of `convolution` and `scan` values
/// of the state, of `embedding` and `head` rows. Other classes have none.
struct MemoryUse {
  std::uint64_t read = 0;
  std::uint64_t written = 0;
};

}  // namespace flexcim

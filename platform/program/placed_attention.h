// Keys and values of a generation in DRAM, as the weights of the accelerator's attention.
#pragma once

#include "flow/map/dense_image.h"
#include "flow/model/int8_attention.h"
#include "platform/driver/program_host.h"
#include "platform/program/command_check.h"
#include "platform/workload/memory_image.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexcim {

/// For each block and key/value head two dense int8 matrices as images (flow/map/image.h), which grow by every token:
/// keys, a row for each token, and values, a column. Commands read them from memory also where the weights of linears
/// are on chip.
class PlacedAttention {
 public:
  /// Products that have been begun and not finished, at most: each has inputs and outputs of its own.
  static constexpr std::size_t slots = 3;

  /// Reserves room behind all else in `memory` for a sequence of up to `tokens`, the first `prompt` of them in one
  /// pass. `model` has attention; `scenario` outlives it. Commands have tags from `tag` on. Throws InputError where the
  /// hardware holds no dense weights.
  PlacedAttention(const Scenario& scenario, MemoryImage& memory, const LanguageModel& model, std::size_t prompt,
                  std::size_t tokens, std::uint32_t tag);

  /// Writes the last `tokens` of the cache of `block` to where commands read them: of each image the columns of cells
  /// that are new or grow, from the first new byte to the last, and what changes in its directory.
  void write(ProgramHost& host, int block, const Int8Cache& cache, std::size_t tokens) const;
  /// The product of `rows` rows with what has been written, with inputs and outputs in slot 0..slots-1.
  Descriptor command(int block, const AttentionTask& task, std::size_t rows, std::size_t slot) const;
  /// Finds what the accelerator would refuse of the largest products.
  void check(CommandCheck& check) const;

  /// The products of all heads and tokens of a block as a linear, without weights, for results: its tokens are pairs
  /// of a row and a token that it is multiplied with.
  const PackedLinear& linear(int block, AttentionProduct product) const { return linears_[index(block, product)]; }
  /// All of them, at index().
  const std::vector<PackedLinear>& linears() const { return linears_; }
  static std::size_t index(int block, AttentionProduct product) {
    return 2 * static_cast<std::size_t>(block) + (product == AttentionProduct::scores ? 0 : 1);
  }

 private:
  struct Slot {
    std::uint64_t inputs = 0, outputs = 0;
  };

  const DenseImage& image(AttentionProduct product) const {
    return product == AttentionProduct::scores ? keys_ : values_;
  }
  std::uint64_t address(int block, AttentionProduct product, std::size_t kv_head) const {
    return images_[index(block, product) * static_cast<std::size_t>(shape_.kv_heads) + kv_head];
  }
  Descriptor command(AttentionProduct product, std::size_t rows, std::size_t seen) const;

  const Scenario& scenario_;
  const AttentionShape shape_;
  const std::size_t tokens_;
  const std::size_t rows_;  ///< of a product, at most
  const std::uint32_t tag_;
  const DenseImage keys_, values_;  ///< of one head
  std::vector<PackedLinear> linears_;
  std::vector<std::uint64_t> images_;  ///< address by block, product and key/value head
  std::array<Slot, slots> slots_;
};

}  // namespace flexcim

// Which linears of a model's list belong together.
#pragma once

#include "flow/model/language_model.h"

#include <cstddef>
#include <vector>

namespace flexcim {

/// Consecutive linears of LanguageModel::linears(), the places [first, last).
struct LinearRange {
  std::size_t first = 0;
  std::size_t last = 0;

  std::size_t size() const { return last - first; }
};

/// The linears of each block, in order.
std::vector<LinearRange> block_ranges(const std::vector<LinearInfo>& linears);

/// Of one block the linears of each stage, in order.
std::vector<LinearRange> stage_ranges(const std::vector<LinearInfo>& linears, LinearRange block);

}  // namespace flexcim

#include "flow/map/sequencing.h"

#include "flow/map/geometry.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr bool in_order() {
  for (std::size_t i = 0; i < kSequencings.size(); ++i) {
    if (static_cast<std::size_t>(kSequencings[i].value) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a row of kSequencings is not at the place of its number");

}  // namespace

int SequencingRules::metadata_bits(int m, int window) const {
  return log2_ceil(compares_index ? m : std::min(m, 2 * window));
}

int SequencingRules::select_bits(int m) const { return selects ? log2_ceil(m / 2) : 0; }

int SequencingRules::fixed_phases(int m, int window) const { return compares_index ? m / 2 / window : 1; }

std::vector<Sequencing> all_sequencings() {
  std::vector<Sequencing> all;
  all.reserve(kSequencings.size());
  for (const SequencingRules& rules : kSequencings) all.push_back(rules.value);
  return all;
}

std::string sequencing_numbers() {
  std::string text;
  for (std::size_t i = 0; i < kSequencings.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(i) + " " + std::string(kSequencings[i].name);
  }
  return text;
}

}  // namespace flexcim

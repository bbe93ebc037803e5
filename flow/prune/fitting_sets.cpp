#include "flow/prune/fitting_sets.h"

namespace flexcim {
namespace {

constexpr int kMostTabulated = 16;  // elements: 2^16 masks are 8 KiB
constexpr int kWordElements = 6;    // elements 0..5 select the bit inside a 64-bit word

// Bit m of kWithout[e] is set where mask m does not hold element e.
constexpr std::uint64_t kWithout[kWordElements] = {0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F,
                                                   0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF};

/// Adds to `sets` every set of `smaller` extended by element e.
void extend(const std::vector<std::uint64_t>& smaller, int e, std::vector<std::uint64_t>& sets) {
  if (e < kWordElements) {
    for (std::size_t k = 0; k < sets.size(); ++k) sets[k] |= (smaller[k] & kWithout[e]) << (1 << e);
    return;
  }
  const std::size_t bit = std::size_t{1} << (e - kWordElements);
  for (std::size_t k = 0; k < sets.size(); ++k) {
    if ((k & bit) == 0) sets[k | bit] |= smaller[k];
  }
}

}  // namespace

FittingSets::FittingSets(const GroupSelects& selects) : selects_(selects) {
  const int elements = 2 * selects.pairs;
  if (elements > kMostTabulated) return;
  table_.assign(elements <= kWordElements ? 1 : std::size_t{1} << (elements - kWordElements), 0);
  table_[0] = 1;  // the empty set
  // A set fits the first k slots if it fits the first k-1, or if it does without one element that slot k can hold.
  for (int slot = 0; slot < selects.slots; ++slot) {
    const std::vector<std::uint64_t> before = table_;
    for (int e = 0; e < elements; ++e) {
      if (window_offset(selects.base[slot], e / 2, selects.pairs) < selects.window) extend(before, e, table_);
    }
  }
}

bool FittingSets::within(const FittingSets& other) const {
  if (table_.empty() || table_.size() != other.table_.size()) return false;
  for (std::size_t k = 0; k < table_.size(); ++k) {
    if ((table_[k] & ~other.table_[k]) != 0) return false;
  }
  return true;
}

bool FittingSets::match(std::uint32_t mask) const {
  std::uint8_t indices[kMaxM];
  std::uint8_t slots[kMaxM];
  int count = 0;
  for (std::uint8_t e = 0; e < kMaxM; ++e) {
    if ((mask >> e & 1u) != 0) indices[count++] = e;
  }
  return match_slots(selects_, indices, count, slots);
}

}  // namespace flexcim

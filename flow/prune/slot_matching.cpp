#include "flow/prune/slot_matching.h"

#include "flow/map/geometry.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr int kFree = -1;

struct Matching {
  const GroupSelects& selects;
  const std::uint8_t* indices;
  int element_in[kMaxSlots];  ///< per slot, or kFree

  bool fits(int element, int slot) const {
    return window_offset(selects.base[slot], indices[element] / 2, selects.pairs) < selects.window;
  }

  /// Finds a slot for `element`, moving others where needed; `visited` are slots already tried on this path.
  bool augment(int element, std::uint32_t& visited) {
    for (int slot = 0; slot < selects.slots; ++slot) {
      if ((visited >> slot & 1u) != 0 || !fits(element, slot)) continue;
      visited |= 1u << slot;
      if (element_in[slot] == kFree || augment(element_in[slot], visited)) {
        element_in[slot] = element;
        return true;
      }
    }
    return false;
  }
};

}  // namespace

GroupSelects default_selects(int slots, int pairs, int window) {
  GroupSelects selects;
  selects.slots = slots;
  selects.pairs = pairs;
  selects.window = std::min(window, pairs);
  for (int n = 0; n < slots; ++n) selects.base[n] = static_cast<std::uint8_t>(default_base(n, slots, pairs, window));
  return selects;
}

bool match_slots(const GroupSelects& selects, const std::uint8_t* indices, int count, std::uint8_t* slot_of) {
  if (count > selects.slots) return false;
  Matching matching{selects, indices, {}};
  std::fill(std::begin(matching.element_in), std::end(matching.element_in), kFree);
  for (int element = 0; element < count; ++element) {
    std::uint32_t visited = 0;
    if (!matching.augment(element, visited)) return false;
  }
  for (int slot = 0; slot < selects.slots; ++slot) {
    if (matching.element_in[slot] != kFree) slot_of[matching.element_in[slot]] = static_cast<std::uint8_t>(slot);
  }
  return true;
}

}  // namespace flexcim

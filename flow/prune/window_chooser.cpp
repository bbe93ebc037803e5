#include "flow/pack/packed_linear.h"
#include "flow/prune/fitting_sets.h"
#include "flow/prune/group_chooser.h"

#include <algorithm>

namespace flexcim {
namespace {

class WindowChooser final : public GroupChooser {
 public:
  WindowChooser(Pattern pattern, int window) : fitting_(default_selects(pattern.n, pattern.m / 2, window)) {}

  void choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const override {
    std::uint8_t order[kMaxM];
    for (std::size_t r = 0; r < group.rows; ++r) {
      saliency_order(group.saliency + r * group.stride, group.length, order);
      std::uint32_t kept = 0;
      int count = 0;
      for (int k = 0; k < group.length && count < fitting_.selects().slots; ++k) {
        const std::uint32_t more = kept | 1u << order[k];
        if (!fitting_.contains(more)) continue;
        kept = more;
        ++count;
      }
      place_in_slots(fitting_.selects(), kept, out + r * out_stride);
    }
  }

 private:
  FittingSets fitting_;
};

}  // namespace

void place_in_slots(const GroupSelects& selects, std::uint32_t mask, std::uint8_t* out) {
  std::uint8_t indices[kMaxM] = {};
  std::uint8_t slot_of[kMaxM] = {};
  int count = 0;
  for (; mask != 0; mask &= mask - 1) indices[count++] = static_cast<std::uint8_t>(__builtin_ctz(mask));
  match_slots(selects, indices, count, slot_of);
  std::fill_n(out, selects.slots, PackedLinear::kEmpty);
  for (int i = 0; i < count; ++i) out[slot_of[i]] = indices[i];
}

std::unique_ptr<GroupChooser> make_window_chooser(Pattern pattern, int window) {
  return std::make_unique<WindowChooser>(pattern, window);
}

}  // namespace flexcim

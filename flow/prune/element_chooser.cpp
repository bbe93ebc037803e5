#include "flow/pack/packed_linear.h"
#include "flow/prune/group_chooser.h"

#include <algorithm>

namespace flexcim {
namespace {

class ElementChooser final : public GroupChooser {
 public:
  explicit ElementChooser(Pattern pattern) : pattern_(pattern) {}

  void choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const override {
    std::uint8_t order[Pattern::most_m];
    const int kept = std::min(pattern_.n, group.length);
    for (std::size_t r = 0; r < group.rows; ++r) {
      saliency_order(group.saliency + r * group.stride, group.length, order);
      std::uint8_t* slots = out + r * out_stride;
      std::sort(order, order + kept);
      std::copy_n(order, kept, slots);
      std::fill(slots + kept, slots + pattern_.n, PackedLinear::kEmpty);
    }
  }

 private:
  Pattern pattern_;
};

}  // namespace

std::unique_ptr<GroupChooser> make_element_chooser(Pattern pattern) {
  return std::make_unique<ElementChooser>(pattern);
}

}  // namespace flexcim

// Chooses which elements of a group are kept, in several rows at once: one implementation per index policy.
#pragma once

#include "flow/base/pattern.h"
#include "flow/prune/slot_matching.h"

#include <cstdint>
#include <memory>

namespace flexcim {

/// Saliencies of one group (M inputs) of several rows that are chosen together.
struct GroupRows {
  const float* saliency = nullptr;  ///< [rows][stride]
  std::size_t stride = 0;
  std::size_t rows = 0;
  int length = 0;  ///< elements of the group, 1..M
};

class GroupChooser {
 public:
  virtual ~GroupChooser() = default;
  /// Writes for row r the kept in-group indices, or PackedLinear::kEmpty, to out[r * out_stride + slot], slot 0..N-1.
  virtual void choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const = 0;
};

/// One policy each. Preconditions as Pruner's constructor checks them.
std::unique_ptr<GroupChooser> make_element_chooser(Pattern pattern);
std::unique_ptr<GroupChooser> make_window_chooser(Pattern pattern, int window);
std::unique_ptr<GroupChooser> make_shared_chooser(Pattern pattern, int window);

/// order[k] = the k-th most salient of `length` elements; of equal ones the lower index first.
void saliency_order(const float* saliency, int length, std::uint8_t* order);

/// The elements of `mask` in the slots that match_slots gives; kEmpty elsewhere. `mask` must fit.
void place_in_slots(const GroupSelects& selects, std::uint32_t mask, std::uint8_t* out);

}  // namespace flexcim

// Pruning a linear to N:M (flow.md §4).
#pragma once

#include "flow/base/matrix.h"
#include "flow/base/pattern.h"
#include "flow/prune/group_chooser.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

struct PruneRule {
  Pattern pattern;
  IndexPolicy policy = IndexPolicy::element;
  int window = 1;        ///< w of the hardware, for window and window_shared
  int shared_rows = 32;  ///< C, for window_shared: rows 0..C-1 share selects, C..2C-1, and so on
};

/// What is kept of a linear, in the layout of PackedLinear: [out][groups][N] in-group indices, position = slot, or
/// PackedLinear::kEmpty. Policy `element` fills slots in index order; the window policies put an element where
/// match_slots puts it with the selects that the group uses.
struct Pruned {
  std::vector<std::uint8_t> indices;
  double saliency_total = 0;
  double saliency_kept = 0;
  std::uint64_t lost = 0;  ///< elements of positive saliency that are not kept
};

/// Keeps in each group of M the elements of the largest summed saliency that the rule allows; of equally salient ones
/// the lower index. Each choice is optimal:
/// - element: the N most salient;
/// - window: most salient first, kept if all still find a slot with the default selects; optimal because such sets form
///   a transversal matroid;
/// - window_shared: as window, with the best base pairs for each C rows; of equally good ones the default selects, else
///   the first that no other choice covers.
/// A last group shorter than M counts as padded with zeros, which are never kept. Dense keeps everything.
class Pruner {
 public:
  /// Throws InputError, starting with `where`, for M above 255, a window policy on a pattern that slots cannot hold (M
  /// odd or above 32, N above 16), a window or number of shared rows below 1, and window_shared with more than
  /// kMaxSelectSets choices of base pairs.
  Pruner(const PruneRule& rule, const std::string& where);
  ~Pruner();

  const PruneRule& rule() const { return rule_; }

  /// Saliency is |weights[o][j]| * channel_norms[j]; all norms 1 is magnitude pruning. The same result for any number
  /// of threads.
  Pruned prune(MatrixView<const float> weights, const std::vector<float>& channel_norms, int threads) const;

  /// One group of rows that are chosen together, by any saliencies: writes for row r the kept in-group indices, or
  /// PackedLinear::kEmpty, to out[r * out_stride + slot]. Not for a dense rule.
  void choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const;
  /// How many consecutive rows, from the first on, go into one call of `choose`: as many as share selects.
  std::size_t rows_together() const;

 private:
  PruneRule rule_;
  std::unique_ptr<GroupChooser> chooser_;
};

/// The weights with zeros for all that a Pruner of `pattern` has not kept of them.
Matrix<float> kept_weights(const Matrix<float>& weights, const Pruned& pruned, Pattern pattern);

/// Whether the default selects reach every input: N w >= M/2. Where they do not, use window_shared in place of
/// window.
bool default_selects_reach_all(Pattern pattern, int window);

}  // namespace flexcim

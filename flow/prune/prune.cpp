#include "flow/prune/prune.h"

#include "flow/base/error.h"
#include "flow/base/parallel.h"
#include "flow/pack/packed_linear.h"
#include "flow/prune/group_chooser.h"
#include "flow/prune/select_sets.h"
#include "flow/prune/slot_matching.h"
#include "flow/select/outliers.h"

#include <algorithm>
#include <stdexcept>

namespace flexcim {
namespace {

constexpr std::size_t kRowsPerPiece = 32;  // where rows do not depend on each other

void check(const PruneRule& rule, const std::string& where) {
  if (rule.pattern.m > PackedLinear::kEmpty) {
    throw InputError(where + ": pattern " + to_string(rule.pattern) + ": M is above " +
                     std::to_string(PackedLinear::kEmpty));
  }
  if (rule.policy == IndexPolicy::element || rule.pattern.dense()) return;
  const std::string start = where + ": index policy " + std::string(to_string(rule.policy));
  if (rule.window < 1) throw InputError(start + ": window " + std::to_string(rule.window) + " is below 1");
  if (rule.pattern.m % 2 != 0 || rule.pattern.m > kMaxM || rule.pattern.n > kMaxSlots) {
    throw InputError(start + " needs an even M up to " + std::to_string(kMaxM) + " and N up to " +
                     std::to_string(kMaxSlots) + ", not " + to_string(rule.pattern));
  }
  if (rule.policy == IndexPolicy::window) return;
  if (rule.shared_rows < 1) throw InputError(start + ": " + std::to_string(rule.shared_rows) + " shared rows");
  const int pairs = rule.pattern.m / 2;
  if (rule.window < pairs && count_select_sets(rule.pattern.n, pairs) > kMaxSelectSets) {
    throw InputError(
        start + ": " + to_string(rule.pattern) + " has " + std::to_string(count_select_sets(rule.pattern.n, pairs)) +
        " choices of base pairs, more than the " + std::to_string(kMaxSelectSets) + " that are searched; use window");
  }
}

std::unique_ptr<GroupChooser> make_chooser(const PruneRule& rule) {
  switch (rule.policy) {
    case IndexPolicy::element:
      break;
    case IndexPolicy::window:
      return make_window_chooser(rule.pattern, rule.window);
    case IndexPolicy::window_shared:
      return make_shared_chooser(rule.pattern, rule.window);
  }
  return make_element_chooser(rule.pattern);
}

}  // namespace

Pruner::Pruner(const PruneRule& rule, const std::string& where) : rule_(rule) {
  check(rule, where);
  if (!rule.pattern.dense()) chooser_ = make_chooser(rule);
}

Pruner::~Pruner() = default;

void Pruner::choose(const GroupRows& group, std::uint8_t* out, std::size_t out_stride) const {
  chooser_->choose(group, out, out_stride);
}

std::size_t Pruner::rows_together() const {
  return rule_.policy == IndexPolicy::window_shared ? static_cast<std::size_t>(rule_.shared_rows) : kRowsPerPiece;
}

Pruned Pruner::prune(MatrixView<const float> weights, const std::vector<float>& channel_norms, int threads) const {
  if (weights.cols != channel_norms.size()) throw std::logic_error("prune: one norm per input channel");
  const auto m = static_cast<std::size_t>(rule_.pattern.m);
  const auto n = static_cast<std::size_t>(rule_.pattern.n);
  const std::size_t groups = (weights.cols + m - 1) / m;
  Pruned result;
  result.indices.assign(weights.rows * groups * n, 0);
  std::vector<double> totals(weights.rows);
  std::vector<double> kept(weights.rows);
  std::vector<std::uint64_t> lost(weights.rows);

  parallel_for(threads, weights.rows, rows_together(), [&](std::size_t begin, std::size_t end) {
    Matrix<float> saliency(end - begin, weights.cols);
    for (std::size_t r = begin; r < end; ++r) {
      float* s = saliency.row(r - begin);
      saliency_row(weights.row(r), channel_norms.data(), weights.cols, s);
      for (std::size_t j = 0; j < weights.cols; ++j) totals[r] += static_cast<double>(s[j]);
    }
    if (!chooser_) return;
    for (std::size_t g = 0; g < groups; ++g) {
      const GroupRows rows{saliency.data() + g * m, weights.cols, end - begin,
                           static_cast<int>(std::min(m, weights.cols - g * m))};
      chooser_->choose(rows, result.indices.data() + (begin * groups + g) * n, groups * n);
    }
    for (std::size_t r = begin; r < end; ++r) {
      const float* s = saliency.row(r - begin);
      for (std::size_t j = 0; j < weights.cols; ++j) lost[r] += s[j] > 0 ? 1 : 0;
      const std::uint8_t* entry = result.indices.data() + r * groups * n;
      for (std::size_t e = 0; e < groups * n; ++e) {
        if (entry[e] == PackedLinear::kEmpty) continue;
        const float own = s[e / n * m + entry[e]];
        kept[r] += static_cast<double>(own);
        lost[r] -= own > 0 ? 1 : 0;
      }
    }
  });

  for (std::size_t r = 0; r < weights.rows; ++r) {
    result.saliency_total += totals[r];
    result.saliency_kept += chooser_ ? kept[r] : totals[r];
    result.lost += lost[r];
  }
  return result;
}

Matrix<float> kept_weights(const Matrix<float>& weights, const Pruned& pruned, Pattern pattern) {
  if (pattern.dense()) return weights;
  Matrix<float> kept(weights.rows(), weights.cols());
  const auto m = static_cast<std::size_t>(pattern.m);
  const auto n = static_cast<std::size_t>(pattern.n);
  const std::size_t entries = (weights.cols() + m - 1) / m * n;
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    for (std::size_t e = 0; e < entries; ++e) {
      const std::uint8_t index = pruned.indices[r * entries + e];
      if (index != PackedLinear::kEmpty) kept(r, e / n * m + index) = weights(r, e / n * m + index);
    }
  }
  return kept;
}

bool default_selects_reach_all(Pattern pattern, int window) {
  // Bases are at most ceil(M/2 / N) apart, so no gaps are left once the windows add up.
  return pattern.dense() || pattern.n * window >= pattern.m / 2;
}

}  // namespace flexcim

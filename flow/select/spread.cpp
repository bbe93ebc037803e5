#include "flow/select/spread.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr double kEqual = 1e-9;  // of sparsities, which are fractions of small numbers

double sparsity(const Candidate& candidate) { return candidate.pattern().sparsity(); }

/// Of the candidates with at most (or, `above`, at least) the target's sparsity the nearest one; dense where there is
/// none below.
Candidate nearest_candidate(const std::vector<Candidate>& candidates, double target, bool above) {
  Candidate best;
  bool found = false;
  for (const Candidate& each : candidates) {
    const double distance = above ? sparsity(each) - target : target - sparsity(each);
    if (distance < -kEqual) continue;
    const double difference = std::abs(sparsity(each) - sparsity(best));
    const bool nearer = above ? sparsity(each) < sparsity(best) : sparsity(each) > sparsity(best);
    if (found && (difference > kEqual ? !nearer : each.m <= best.m)) continue;
    best = each;
    found = true;
  }
  if (found || !above) return best;
  throw InputError(fmt::format("{} is above the sparsity of every candidate", target));
}

}  // namespace

Selection spread_patterns(int blocks, double target, const std::vector<Candidate>& candidates, DenseEnds keep_dense) {
  const Candidate low = nearest_candidate(candidates, target, false);
  const Candidate high = nearest_candidate(candidates, target, true);
  const int first = keep_dense.first ? 1 : 0;
  const int last = std::max(first, blocks - (keep_dense.last ? 1 : 0));
  const int open = std::min(last, blocks) - std::min(first, blocks);
  const double step = sparsity(high) - sparsity(low);
  const int sparse = step < kEqual ? 0 : static_cast<int>(std::ceil((target - sparsity(low)) / step * open - kEqual));

  Selection selection;
  selection.target = target;
  selection.open = open > 0;
  selection.chosen.assign(static_cast<std::size_t>(blocks), Candidate{});
  auto chosen = selection.chosen.begin() + std::min(first, blocks);
  for (int i = 0; i < open; ++i, ++chosen) {
    const bool sparser = (i + 1) * sparse / open > i * sparse / open;
    *chosen = sparser ? high : low;
  }
  if (open > 0) selection.reached = sparsity(low) + step * sparse / open;
  selection.exact = open > 0 && std::abs(selection.reached - target) < kEqual;
  return selection;
}

}  // namespace flexcim

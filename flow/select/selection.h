// Which N:M each block gets: the exact optimum (flow.md §3; arXiv 2504.14365 §III formulates it as an integer linear
// programme).
#pragma once

#include "flow/base/pattern.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// A pair of the candidate set, as written: 4:4 and 8:8 are both dense, but the objective tells them apart.
struct Candidate {
  int n = 1;
  int m = 1;

  bool dense() const { return n == m; }
  Pattern pattern() const { return dense() ? Pattern{} : Pattern{n, m}; }
  bool operator==(const Candidate& other) const { return n == other.n && m == other.m; }
  bool operator!=(const Candidate& other) const { return !(*this == other); }
};

/// "N:M".
std::string to_string(Candidate candidate);

/// "2:4,4:8,8:8": pairs within n_m_range(). "dense" stands for the largest M of the list over itself. Repetitions
/// count once. Throws InputError that repeats the faulty part, also for an empty list and for "dense" alone.
std::vector<Candidate> parse_candidates(std::string_view text);

/// The published set: N in {2, 4, 8}, M in {4, 8}, N <= M.
std::vector<Candidate> default_candidates();

/// A block, or with the finer granularity a linear, for which a candidate is chosen.
struct SelectionItem {
  double outliers = 0;  ///< O_i: the outlier ratio, normalised to 0..1
  double locality = 0;  ///< D_i: the locality, normalised to 0..1
  std::int64_t weight =
      1;  ///< its share in the mean sparsity, > 0: 1 for a block, its number of parameters for a linear
  bool keep_dense = false;  ///< gets a dense candidate, or the largest M over itself where the set has none
};

struct SelectionOptions {
  static constexpr double most_weight = 1e6;

  std::vector<Candidate> candidates = default_candidates();
  double target = 0.5;      ///< mean sparsity, 0 <= target < 1
  double alpha = 1;         ///< weight of |N_i - O_i N_max|, 0..most_weight
  double beta = 4;          ///< weight of |M_i - (1 - D_i) M_max|, 0..most_weight
  bool count_kept = false;  ///< whether items that stay dense count in the mean
};

struct Selection {
  std::vector<Candidate> chosen;  ///< one per item
  double objective = 0;           ///< over all items, also those that stay dense
  double target = 0;
  double reached = 0;  ///< the mean sparsity of `chosen`, by weight; 0 where nothing counts
  bool exact = false;  ///< reached = target; otherwise the target cannot be reached, and `reached` is the nearest mean
                       ///< above it or, where there is none above, the largest
  bool open = false;   ///< whether there were items that need not stay dense
  bool any_above = false;  ///< with measured costs: any mean at or above the target would do, not only the nearest
};

/// Minimises sum_i alpha |N_i - O_i N_max| + beta |M_i - (1 - D_i) M_max| (N_max, M_max over the candidates) over all
/// choices whose mean sparsity is the reachable one nearest to the target at or above it. Among optimal choices the one
/// whose first item has the larger N, then the larger M, then likewise for the second item and so on. Costs are
/// compared as whole multiples of 2^-40, so that the result does not depend on the order of additions.
///
/// Exact for any weights whose total, over their common divisor and times the candidates' common denominator, is below
/// 2^22 (every published model); beyond, weights count in units of that fraction of their total.
///
/// Throws InputError for options out of range, more than 255 candidates, or candidates whose sparsities have no common
/// denominator small enough.
Selection select_patterns(const std::vector<SelectionItem>& items, const SelectionOptions& options);

/// Minimises the sum of measured costs over all choices whose mean sparsity is at or above the target; of equally cheap
/// ones that of the least mean. `costs[item][candidate]` in the order of options.candidates, at least 0; outliers,
/// locality, alpha and beta do not count. Otherwise as above.
Selection select_patterns(const std::vector<SelectionItem>& items, const std::vector<std::vector<double>>& costs,
                          const SelectionOptions& options);

/// "target mean sparsity 0.5000, reached 0.6250 (the target cannot be reached exactly)"; where any mean above would do,
/// without the bracket.
std::string reached_text(const Selection& selection);

/// Throws InputError, which names the largest mean that can be reached, where that of the items that need not stay
/// dense is below the target.
void require_reached(const Selection& selection);

}  // namespace flexcim

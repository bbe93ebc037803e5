#include "flow/select/selection_rules.h"

#include <algorithm>
#include <cmath>

namespace flexcim {

std::vector<Candidate> in_tie_order(std::vector<Candidate> candidates) {
  std::sort(candidates.begin(), candidates.end(),
            [](Candidate a, Candidate b) { return a.n != b.n ? a.n > b.n : a.m > b.m; });
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return candidates;
}

std::size_t kept_dense(const std::vector<double>& costs, const std::vector<Candidate>& candidates) {
  std::size_t best = candidates.size();
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (candidates[c].dense() && (best == candidates.size() || costs[c] < costs[best])) best = c;
  }
  return best;
}

Candidate widest_dense(const std::vector<Candidate>& candidates) {
  int largest = 1;
  for (const Candidate each : candidates) largest = std::max(largest, each.m);
  return {largest, largest};
}

double cost_unit(const std::vector<std::vector<double>>& costs) {
  double largest = 1;
  for (const std::vector<double>& item : costs) {
    for (const double cost : item) largest = std::max(largest, cost);
  }
  int exponent = 0;
  std::frexp(largest * static_cast<double>(costs.size() + 1), &exponent);
  return std::ldexp(1.0, std::min(40, 61 - exponent));
}

double mean_sparsity(const std::vector<SelectionItem>& items, const std::vector<Candidate>& chosen, bool count_kept) {
  double pruned = 0;
  double total = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].keep_dense && !count_kept) continue;
    const auto weight = static_cast<double>(items[i].weight);
    pruned += weight * (chosen[i].m - chosen[i].n) / chosen[i].m;
    total += weight;
  }
  return total > 0 ? pruned / total : 0;
}

}  // namespace flexcim

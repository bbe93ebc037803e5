// What every selection has in common, whatever it optimises: the order of ties, how costs compare, the mean.
#pragma once

#include "flow/select/selection.h"

#include <cstddef>
#include <vector>

namespace flexcim {

/// Larger N first, then larger M, each once: the order in which ties are broken.
std::vector<Candidate> in_tie_order(std::vector<Candidate> candidates);

/// The place of the dense candidate of least cost, the first of them on a tie; candidates.size() where there is none.
std::size_t kept_dense(const std::vector<double>& costs, const std::vector<Candidate>& candidates);

/// The largest M over itself: what stays dense where the set has no dense candidate. `candidates` has at least one.
Candidate widest_dense(const std::vector<Candidate>& candidates);

/// How many units of cost a cost of 1 has, as whole numbers of which costs are compared: fine enough for any sensible
/// difference and coarse enough that no sum over the items overflows. `costs[item][candidate]`, at least 0.
double cost_unit(const std::vector<std::vector<double>>& costs);

/// By weight, over the items that count; 0 where none does.
double mean_sparsity(const std::vector<SelectionItem>& items, const std::vector<Candidate>& chosen, bool count_kept);

}  // namespace flexcim

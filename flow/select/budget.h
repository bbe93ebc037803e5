// Which N:M each item gets where the hardware has a budget of cycles, energy or bytes in place of a mean sparsity
// (flow.md §3).
#pragma once

#include "flow/select/selection.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace flexcim {

/// What an item spends of the budget, in one unit for all items, each at least 0.
struct ItemSpend {
  std::vector<std::int64_t> candidates;  ///< as each of SelectionOptions::candidates, in their order
  std::int64_t dense = 0;                ///< as an item that stays dense
};

struct BudgetSelection {
  Selection selection;     ///< its target is the mean that it reaches: none was asked for
  std::int64_t limit = 0;  ///< asked for
  std::int64_t spend = 0;  ///< of all items; above the limit only where `least` is
  std::int64_t least = 0;  ///< that any choice spends
  /// 0: no choice within the limit costs less. Otherwise none within limit - slack does: there were too many states.
  std::int64_t slack = 0;
};

/// Sums of spends are at most this; so is a limit.
constexpr std::int64_t kMostSpend = std::int64_t{1} << 62;

/// States that are kept of all items together: 8 bytes each.
constexpr std::size_t kMostBudgetStates = std::size_t{1} << 24;

/// Minimises the sum of measured costs, `costs[item][candidate]` in the order of options.candidates, each at least 0,
/// over all choices that spend at most `limit` (0..kMostSpend) in all. What stays dense spends and costs too. Of
/// equally cheap choices the one that spends least, then the one whose first item has the larger N, then the larger M,
/// then likewise for the second item and so on. Costs are compared as select_patterns compares its own. Of the options
/// `candidates` and `count_kept` count. Where even the least spend is above the limit, the best choice of that spend.
///
/// A dynamic programme over the items, whose states are the totals that no other total beats in both spend and cost.
/// Where there are more than most_states / items, the spends are cut into as many steps of equal length and only the
/// cheapest state of each step goes on (and the one that spends least): `slack` adds the lengths up. The limit is never
/// exceeded.
///
/// Throws InputError for tables of other sizes, negative or not finite values, spends whose sum is above kMostSpend,
/// and whatever select_patterns refuses in items and candidates.
BudgetSelection select_within(const std::vector<SelectionItem>& items, const std::vector<std::vector<double>>& costs,
                              const std::vector<ItemSpend>& spends, std::int64_t limit, const SelectionOptions& options,
                              std::size_t most_states = kMostBudgetStates);

/// The choices that no other choice beats in both spend and cost, by rising spend: with more than `most_points` (at
/// least 2) of them those that are best within limits at equal distances from the least spend to that of the least
/// cost, both ends among them. `limit` of each is its own spend: select_within gives the same for it, where `slack` is
/// 0.
std::vector<BudgetSelection> pareto_front(const std::vector<SelectionItem>& items,
                                          const std::vector<std::vector<double>>& costs,
                                          const std::vector<ItemSpend>& spends, std::size_t most_points,
                                          const SelectionOptions& options, std::size_t most_states = kMostBudgetStates);

/// What all items spend when every one stays dense. Throws InputError for more than kMostSpend.
std::int64_t dense_spend(const std::vector<ItemSpend>& spends);

/// Throws InputError, which names the least that can be spent in `unit` ("cycles"), where that is above the limit.
void require_within(const BudgetSelection& selection, std::string_view unit);

}  // namespace flexcim

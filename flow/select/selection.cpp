#include "flow/select/selection.h"

#include "flow/base/error.h"
#include "flow/select/selection_rules.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace flexcim {
namespace {

constexpr std::int64_t kMostUnits = std::int64_t{1} << 22;   // states of one item
constexpr std::int64_t kMostStates = std::int64_t{1} << 28;  // of all items: bytes of the choice table
constexpr std::size_t kMostCandidates = 255;                 // a choice is one byte, and one value says "none"
constexpr std::uint8_t kNoChoice = 255;
constexpr std::int64_t kUnreachable = std::numeric_limits<std::int64_t>::max();

/// What choosing candidate `candidate` for an item means: this much cost, this many units of sparsity.
struct Choice {
  std::uint8_t candidate = 0;
  std::int64_t cost = 0;
  std::int64_t units = 0;
};

void require(bool condition, const std::string& message) {
  if (!condition) throw InputError("selection: " + message);
}

void check(const std::vector<SelectionItem>& items, const SelectionOptions& options) {
  require(!options.candidates.empty(), "the candidate set is empty");
  require(options.candidates.size() <= kMostCandidates, "more than 255 candidates");
  require(options.target >= 0 && options.target < 1,
          "target sparsity " + std::to_string(options.target) + " is outside [0, 1)");
  require(std::isfinite(options.alpha) && options.alpha >= 0, "alpha is negative or not a number");
  require(std::isfinite(options.beta) && options.beta >= 0, "beta is negative or not a number");
  for (const SelectionItem& item : items) {
    require(std::isfinite(item.outliers) && std::isfinite(item.locality), "a figure is not a number");
    require(item.weight > 0, "a weight is not positive");
  }
}

class Objective {
 public:
  Objective(const std::vector<Candidate>& candidates, const SelectionOptions& options) : options_(options) {
    for (const Candidate c : candidates) {
      largest_n_ = std::max(largest_n_, c.n);
      largest_m_ = std::max(largest_m_, c.m);
    }
  }
  double operator()(const SelectionItem& item, Candidate c) const {
    return options_.alpha * std::fabs(c.n - item.outliers * largest_n_) +
           options_.beta * std::fabs(c.m - (1 - item.locality) * largest_m_);
  }

 private:
  const SelectionOptions& options_;
  int largest_n_ = 1;
  int largest_m_ = 1;
};

/// cost[item][candidate].
using Costs = std::vector<std::vector<double>>;

std::int64_t common_denominator(const std::vector<Candidate>& candidates, std::int64_t most) {
  std::int64_t denominator = 1;
  for (const Candidate c : candidates) {
    denominator = std::lcm(denominator, static_cast<std::int64_t>(c.m / std::gcd(c.n, c.m)));
    require(denominator <= most, "the candidates' sparsities have no common denominator up to " + std::to_string(most));
  }
  return denominator;
}

/// The weights of at least one item in the smallest integers of the same ratios, or close to them where their total
/// would exceed `most`.
std::vector<std::int64_t> small_weights(const std::vector<SelectionItem>& items, const std::vector<std::size_t>& which,
                                        std::int64_t most) {
  std::vector<std::int64_t> weights;
  std::int64_t divisor = items[which.front()].weight;
  double total = 0;
  for (const std::size_t i : which) {
    weights.push_back(items[i].weight);
    divisor = std::gcd(divisor, items[i].weight);
    total += static_cast<double>(items[i].weight);
  }
  const double excess = total / static_cast<double>(divisor) / static_cast<double>(most);
  for (std::int64_t& weight : weights) {
    weight /= divisor;
    if (excess > 1) weight = std::max<std::int64_t>(1, std::llround(static_cast<double>(weight) / excess));
  }
  return weights;
}

/// For each item and each number of units that it and all later items are to make, the choice that costs least.
class Programme {
 public:
  explicit Programme(const std::vector<std::vector<Choice>>& items) : items_(items), table_(items.size()) {
    std::vector<std::int64_t> later{0};
    for (std::size_t i = items.size(); i-- > 0;) {
      std::int64_t most = 0;
      for (const Choice& choice : items[i]) most = std::max(most, choice.units);
      std::vector<std::int64_t> best(later.size() + static_cast<std::size_t>(most), kUnreachable);
      table_[i].assign(best.size(), kNoChoice);
      for (std::size_t c = 0; c < items[i].size(); ++c) {  // in tie order: only a lower cost replaces
        const auto shift = static_cast<std::size_t>(items[i][c].units);
        for (std::size_t u = 0; u < later.size(); ++u) {
          if (later[u] == kUnreachable || later[u] + items[i][c].cost >= best[u + shift]) continue;
          best[u + shift] = later[u] + items[i][c].cost;
          table_[i][u + shift] = static_cast<std::uint8_t>(c);
        }
      }
      later = std::move(best);
    }
    reachable_ = std::move(later);
  }

  /// The least reachable number of units that is at least `wanted`, or the largest of all.
  std::size_t nearest(double wanted) const {
    std::size_t result = 0;
    for (std::size_t u = 0; u < reachable_.size(); ++u) {
      if (reachable_[u] == kUnreachable) continue;
      result = u;
      if (static_cast<double>(u) >= wanted) break;
    }
    return result;
  }

  /// Of the reachable numbers of units that are at least `wanted` the one that costs least, the smallest of them on a
  /// tie; the largest of all where there is none.
  std::size_t cheapest(double wanted) const {
    std::size_t result = nearest(wanted);
    for (std::size_t u = result + 1; u < reachable_.size(); ++u) {
      if (reachable_[u] < reachable_[result]) result = u;
    }
    return result;
  }

  /// The candidate of each item.
  std::vector<std::uint8_t> choices(std::size_t units) const {
    std::vector<std::uint8_t> result;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const Choice& choice = items_[i][table_[i][units]];
      result.push_back(choice.candidate);
      units -= static_cast<std::size_t>(choice.units);
    }
    return result;
  }

 private:
  const std::vector<std::vector<Choice>>& items_;
  std::vector<std::vector<std::uint8_t>> table_;
  std::vector<std::int64_t> reachable_;
};

/// How the mean that the choice is to have follows from the target.
enum class Mean {
  nearest,  ///< the reachable one nearest to it, at or above it
  at_least  ///< any at or above it
};

/// The candidates in tie order, `costs` in theirs.
Selection solve(const std::vector<SelectionItem>& items, const std::vector<Candidate>& candidates, const Costs& costs,
                const SelectionOptions& options, Mean mean) {
  Selection result;
  result.target = options.target;
  result.chosen.resize(items.size());
  std::vector<std::size_t> open;     // items that choose
  std::vector<std::size_t> counted;  // and those that count in the mean, the open ones first
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].keep_dense) {
      open.push_back(i);
      continue;
    }
    const std::size_t dense = kept_dense(costs[i], candidates);
    result.chosen[i] = dense < candidates.size() ? candidates[dense] : widest_dense(candidates);
    if (dense < candidates.size()) result.objective += costs[i][dense];
  }
  result.open = !open.empty();
  counted = open;
  for (std::size_t i = 0; options.count_kept && i < items.size(); ++i) {
    if (items[i].keep_dense) counted.push_back(i);
  }

  if (!open.empty()) {
    const std::int64_t most =
        std::min(kMostUnits, kMostStates / static_cast<std::int64_t>(std::max<std::size_t>(1, open.size())));
    const std::int64_t denominator =
        common_denominator(candidates, most / static_cast<std::int64_t>(std::max<std::size_t>(1, counted.size())));
    const std::vector<std::int64_t> weights = small_weights(items, counted, most / denominator);
    const double unit = cost_unit(costs);

    std::vector<std::vector<Choice>> choices(open.size());
    for (std::size_t k = 0; k < open.size(); ++k) {
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        const std::int64_t sparsity = (candidates[c].m - candidates[c].n) * denominator / candidates[c].m;
        choices[k].push_back(
            {static_cast<std::uint8_t>(c), std::llround(costs[open[k]][c] * unit), sparsity * weights[k]});
      }
    }
    const auto total =
        static_cast<double>(std::accumulate(weights.begin(), weights.end(), std::int64_t{0}) * denominator);
    const double wanted = total * (options.target - 1e-12);
    const Programme programme(choices);
    const std::vector<std::uint8_t> best =
        programme.choices(mean == Mean::nearest ? programme.nearest(wanted) : programme.cheapest(wanted));
    for (std::size_t k = 0; k < open.size(); ++k) {
      result.chosen[open[k]] = candidates[best[k]];
      result.objective += costs[open[k]][best[k]];
    }
  }

  result.reached = mean_sparsity(items, result.chosen, options.count_kept);
  result.exact = std::fabs(result.reached - result.target) <= 1e-9;
  result.any_above = mean == Mean::at_least;
  return result;
}

}  // namespace

Selection select_patterns(const std::vector<SelectionItem>& items, const SelectionOptions& options) {
  check(items, options);
  const std::vector<Candidate> candidates = in_tie_order(options.candidates);
  const Objective objective(candidates, options);
  Costs costs;
  for (const SelectionItem& item : items) {
    costs.emplace_back();
    for (const Candidate each : candidates) costs.back().push_back(objective(item, each));
  }
  return solve(items, candidates, costs, options, Mean::nearest);
}

Selection select_patterns(const std::vector<SelectionItem>& items, const std::vector<std::vector<double>>& measured,
                          const SelectionOptions& options) {
  check(items, options);
  const std::vector<Candidate> candidates = in_tie_order(options.candidates);
  Costs costs;
  for (const std::vector<double>& own : measured) {
    costs.emplace_back();
    for (const Candidate each : candidates) {
      const auto at = std::find(options.candidates.begin(), options.candidates.end(), each);
      costs.back().push_back(own.at(static_cast<std::size_t>(at - options.candidates.begin())));
    }
  }
  return solve(items, candidates, costs, options, Mean::at_least);
}

std::string reached_text(const Selection& selection) {
  return fmt::format("target mean sparsity {:.4f}, reached {:.4f}{}", selection.target, selection.reached,
                     selection.exact   ? ""
                     : !selection.open ? " (all stay dense)"
                     : selection.any_above && selection.reached > selection.target
                         ? ""
                         : " (the target cannot be reached exactly)");
}

void require_reached(const Selection& selection) {
  if (!selection.open || selection.exact || selection.reached > selection.target) return;
  throw InputError(
      fmt::format("a mean sparsity of {} cannot be reached with these candidates and the blocks that may be "
                  "pruned; the most is {}",
                  selection.target, selection.reached));
}

}  // namespace flexcim

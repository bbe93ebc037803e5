#include "flow/select/budget.h"

#include "flow/base/error.h"
#include "flow/select/selection_rules.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <queue>

namespace flexcim {
namespace {

constexpr std::size_t kMostCandidates = 255;  // a choice is one byte

void require(bool condition, const std::string& message) {
  if (!condition) throw InputError("selection: " + message);
}

/// Adds up to kMostSpend.
void add(std::int64_t& sum, std::int64_t spend) {
  require(spend >= 0, "a spend is negative");
  require(spend <= kMostSpend - sum, "the spends add up to more than 2^62");
  sum += spend;
}

/// What one candidate of an item means: so much spent, so many units of cost.
struct Choice {
  std::uint8_t candidate = 0;
  std::int64_t spend = 0;
  std::int64_t cost = 0;
};

/// Items and tables as the programme takes them: candidates in tie order, what stays dense apart.
struct Problem {
  const std::vector<SelectionItem>& items;
  const std::vector<std::vector<double>>& costs;
  const SelectionOptions& options;
  std::vector<Candidate> candidates;         ///< in tie order
  std::vector<std::size_t> places;           ///< of each of them in the caller's order
  std::vector<std::size_t> open;             ///< items that choose
  std::vector<std::vector<Choice>> choices;  ///< of each open item, in tie order
  std::int64_t kept = 0;                     ///< spent by what stays dense
  std::int64_t least = 0;                    ///< spent in all by the choice that spends least

  Problem(const std::vector<SelectionItem>& all, const std::vector<std::vector<double>>& measured,
          const std::vector<ItemSpend>& spends, const SelectionOptions& how)
      : items(all), costs(measured), options(how), candidates(in_tie_order(how.candidates)) {
    check(spends);
    for (const Candidate each : candidates) {
      const auto at = std::find(options.candidates.begin(), options.candidates.end(), each);
      places.push_back(static_cast<std::size_t>(at - options.candidates.begin()));
    }
    const double unit = cost_unit(costs);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].keep_dense) {
        kept += spends[i].dense;
        continue;
      }
      open.push_back(i);
      std::vector<Choice>& own = choices.emplace_back();
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        own.push_back(
            {static_cast<std::uint8_t>(c), spends[i].candidates[places[c]], std::llround(costs[i][places[c]] * unit)});
      }
      least += std::min_element(own.begin(), own.end(), [](const Choice& a, const Choice& b) {
                 return a.spend < b.spend;
               })->spend;
    }
    least += kept;
  }

 private:
  void check(const std::vector<ItemSpend>& spends) const {
    require(!options.candidates.empty(), "the candidate set is empty");
    require(candidates.size() <= kMostCandidates, "more than 255 candidates");
    require(costs.size() == items.size() && spends.size() == items.size(),
            fmt::format("{} items have costs of {} and spends of {}", items.size(), costs.size(), spends.size()));
    std::int64_t most = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      require(items[i].weight > 0, "a weight is not positive");
      require(costs[i].size() == options.candidates.size() && spends[i].candidates.size() == options.candidates.size(),
              fmt::format("item {} has {} costs and {} spends of {} candidates", i, costs[i].size(),
                          spends[i].candidates.size(), options.candidates.size()));
      for (const double cost : costs[i]) require(std::isfinite(cost) && cost >= 0, "a cost is negative or not finite");
      std::int64_t largest = spends[i].dense;
      for (const std::int64_t spend : spends[i].candidates) {
        require(spend >= 0, "a spend is negative");
        largest = std::max(largest, spend);
      }
      require(spends[i].dense >= 0, "a spend is negative");
      add(most, largest);
    }
  }
};

/// Of an item and all later ones: totals that no other total beats, by rising spend and falling cost.
struct State {
  std::int64_t spend = 0;
  std::int64_t cost = 0;
};

/// How a state came about: the item's candidate, and the state of the later items.
struct Step {
  std::uint32_t later = 0;
  std::uint8_t candidate = 0;
};

class Programme {
 public:
  /// Totals above `limit` are left out, but for that which spends least.
  Programme(const Problem& problem, std::int64_t limit, std::size_t most_states) : problem_(problem) {
    const std::size_t count = problem.choices.size();
    most_ = std::max<std::size_t>(2, std::min<std::size_t>(most_states / std::max<std::size_t>(1, count),
                                                           std::numeric_limits<std::uint32_t>::max()));
    std::int64_t before = std::max(limit, problem.least) - problem.least;  // to spend beyond the least of all items
    std::int64_t later_least = 0;
    steps_.resize(count);
    states_ = {State{}};
    for (std::size_t i = count; i-- > 0;) {
      const auto cheapest = std::min_element(problem.choices[i].begin(), problem.choices[i].end(),
                                             [](const Choice& a, const Choice& b) { return a.spend < b.spend; });
      later_least += cheapest->spend;
      merge(i, later_least + before);
      thin(i);
    }
  }

  /// Never empty; without the spend of what stays dense.
  const std::vector<State>& states() const { return states_; }
  std::int64_t slack() const { return slack_; }

  BudgetSelection selection(std::size_t state) const {
    BudgetSelection result;
    result.spend = result.limit = problem_.kept + states_[state].spend;
    result.least = problem_.least;
    result.slack = slack_;
    Selection& selection = result.selection;
    selection.open = !problem_.open.empty();
    selection.exact = true;
    selection.chosen.resize(problem_.items.size());
    std::size_t next = 0;
    for (std::size_t i = 0; i < problem_.items.size(); ++i) {
      if (problem_.items[i].keep_dense) {
        keep(i, selection);
        continue;
      }
      const Step step = steps_[next++][state];
      selection.chosen[i] = problem_.candidates[step.candidate];
      selection.objective += problem_.costs[i][problem_.places[step.candidate]];
      state = step.later;
    }
    selection.reached = selection.target = mean_sparsity(problem_.items, selection.chosen, problem_.options.count_kept);
    return result;
  }

 private:
  void keep(std::size_t item, Selection& selection) const {
    std::vector<double> costs;
    for (const std::size_t place : problem_.places) costs.push_back(problem_.costs[item][place]);
    const std::size_t dense = kept_dense(costs, problem_.candidates);
    const bool listed = dense < problem_.candidates.size();
    selection.chosen[item] = listed ? problem_.candidates[dense] : widest_dense(problem_.candidates);
    if (listed) selection.objective += costs[dense];
  }

  /// The next total that a candidate gives: the state `at` of the later items and itself.
  struct Head {
    std::int64_t spend, cost;
    std::uint32_t at;
    std::uint8_t candidate;

    /// Whether `other` comes first: by spend, cost and ties.
    bool operator<(const Head& other) const {
      if (spend != other.spend) return spend > other.spend;
      if (cost != other.cost) return cost > other.cost;
      return candidate > other.candidate;
    }
  };

  /// Puts item `i` in front of the states: each of its candidates shifts them, and what is beaten goes.
  void merge(std::size_t i, std::int64_t most) {
    std::priority_queue<Head> heads;
    const auto push = [&](const Choice& choice, std::size_t at) {
      const std::int64_t spend = states_[at].spend + choice.spend;
      if (spend > most) return;
      heads.push({spend, states_[at].cost + choice.cost, static_cast<std::uint32_t>(at), choice.candidate});
    };
    for (const Choice& choice : problem_.choices[i]) push(choice, 0);
    std::vector<State> merged;
    std::int64_t least_cost = std::numeric_limits<std::int64_t>::max();
    while (!heads.empty()) {
      const Head head = heads.top();
      heads.pop();
      if (head.cost < least_cost) {
        least_cost = head.cost;
        merged.push_back({head.spend, head.cost});
        steps_[i].push_back({head.at, head.candidate});
      }
      if (head.at + 1 < states_.size()) push(problem_.choices[i][head.candidate], head.at + 1);
    }
    states_ = std::move(merged);
  }

  /// Of each step of spend only the last state, which is the cheapest; and the first of all.
  void thin(std::size_t i) {
    if (states_.size() <= most_) return;
    const std::int64_t first = states_.front().spend;
    const std::int64_t length = (states_.back().spend - first) / static_cast<std::int64_t>(most_ - 1) + 1;
    std::size_t kept = 1;
    for (std::size_t s = 1; s < states_.size(); ++s) {
      const bool last =
          s + 1 == states_.size() || (states_[s].spend - first) / length != (states_[s + 1].spend - first) / length;
      if (!last) continue;
      states_[kept] = states_[s];
      steps_[i][kept++] = steps_[i][s];
    }
    states_.resize(kept);
    steps_[i].resize(kept);
    steps_[i].shrink_to_fit();
    slack_ += length - 1;
  }

  const Problem& problem_;
  std::size_t most_ = 0;  ///< states of an item
  std::vector<State> states_;
  std::vector<std::vector<Step>> steps_;  ///< of each open item's states
  std::int64_t slack_ = 0;
};

}  // namespace

BudgetSelection select_within(const std::vector<SelectionItem>& items, const std::vector<std::vector<double>>& costs,
                              const std::vector<ItemSpend>& spends, std::int64_t limit, const SelectionOptions& options,
                              std::size_t most_states) {
  require(limit >= 0 && limit <= kMostSpend, fmt::format("a budget of {} is outside 0..2^62", limit));
  const Problem problem(items, costs, spends, options);
  const Programme programme(problem, limit, most_states);
  // Beyond the limit there is only the least spend of all: the last state is the cheapest.
  BudgetSelection result = programme.selection(programme.states().size() - 1);
  result.limit = limit;
  return result;
}

std::vector<BudgetSelection> pareto_front(const std::vector<SelectionItem>& items,
                                          const std::vector<std::vector<double>>& costs,
                                          const std::vector<ItemSpend>& spends, std::size_t most_points,
                                          const SelectionOptions& options, std::size_t most_states) {
  require(most_points >= 2, "a front has at least 2 points");
  const Problem problem(items, costs, spends, options);
  const Programme programme(problem, kMostSpend, most_states);
  const std::vector<State>& states = programme.states();
  std::vector<BudgetSelection> front;
  if (states.size() <= most_points) {
    for (std::size_t s = 0; s < states.size(); ++s) front.push_back(programme.selection(s));
    return front;
  }
  const double first = static_cast<double>(states.front().spend);
  const double range = static_cast<double>(states.back().spend) - first;
  std::size_t state = 0;
  for (std::size_t k = 0; k < most_points; ++k) {
    const std::size_t before = state;
    const double limit = first + range * static_cast<double>(k) / static_cast<double>(most_points - 1);
    while (state + 1 < states.size() &&
           (k + 1 == most_points || static_cast<double>(states[state + 1].spend) <= limit)) {
      ++state;
    }
    if (k == 0 || state != before) front.push_back(programme.selection(state));
  }
  return front;
}

std::int64_t dense_spend(const std::vector<ItemSpend>& spends) {
  std::int64_t sum = 0;
  for (const ItemSpend& each : spends) add(sum, each.dense);
  return sum;
}

void require_within(const BudgetSelection& selection, std::string_view unit) {
  if (selection.spend <= selection.limit) return;
  throw InputError(fmt::format(
      "a budget of {} {} cannot be kept with these candidates and the blocks that may be pruned; the least is {}",
      selection.limit, unit, selection.least));
}

}  // namespace flexcim

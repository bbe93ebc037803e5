// Selection within a budget against every choice there is.
#include "flow/select/budget.h"

#include "flow/base/error.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using Catch::Matchers::Contains;

namespace flexcim {
namespace {

/// A choice of candidates, with what it spends and costs.
struct Total {
  std::vector<Candidate> chosen;
  std::int64_t spend = 0;
  double cost = 0;
};

struct Case {
  std::vector<SelectionItem> items;
  std::vector<std::vector<double>> costs;
  std::vector<ItemSpend> spends;
  SelectionOptions options;

  BudgetSelection within(std::int64_t limit, std::size_t most_states = kMostBudgetStates) const {
    return select_within(items, costs, spends, limit, options, most_states);
  }
  std::vector<BudgetSelection> front(std::size_t points, std::size_t most_states = kMostBudgetStates) const {
    return pareto_front(items, costs, spends, points, options, most_states);
  }

  /// Every choice, in tie order: item 0 varies slowest, larger N first, then larger M.
  std::vector<Total> totals() const {
    std::vector<Total> all{{}};
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::vector<Total> longer;
      for (const Total& total : all) {
        for (const Total& own : choices_of(i)) {
          Total next = total;
          next.chosen.push_back(own.chosen.front());
          next.spend += own.spend;
          next.cost += own.cost;
          longer.push_back(next);
        }
      }
      all = longer;
    }
    return all;
  }

 private:
  std::vector<Total> choices_of(std::size_t item) const {
    std::vector<std::size_t> order;
    for (std::size_t c = 0; c < options.candidates.size(); ++c) order.push_back(c);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const Candidate x = options.candidates[a], y = options.candidates[b];
      return x.n != y.n ? x.n > y.n : x.m > y.m;
    });
    std::vector<Total> choices;
    int widest = 1;
    for (const std::size_t c : order) {
      const Candidate candidate = options.candidates[c];
      widest = std::max(widest, candidate.m);
      if (!items[item].keep_dense) {
        choices.push_back({{candidate}, spends[item].candidates[c], costs[item][c]});
      } else if (candidate.dense() && (choices.empty() || costs[item][c] < choices.front().cost)) {
        choices = {{{candidate}, spends[item].dense, costs[item][c]}};
      }
    }
    if (choices.empty()) choices = {{{{widest, widest}}, spends[item].dense, 0}};
    return choices;
  }
};

/// Few values, so that there are ties of spends and of costs. Costs are whole multiples of 1/4: sums are exact.
Case random_case(std::mt19937& random) {
  static const std::vector<Candidate> all{{8, 8}, {4, 4}, {4, 8}, {2, 8}, {2, 4}, {1, 4}, {6, 8}};
  const auto below = [&](unsigned end) { return static_cast<int>(random() % end); };
  Case result;
  result.options.candidates = all;
  std::shuffle(result.options.candidates.begin(), result.options.candidates.end(), random);
  result.options.candidates.resize(1 + random() % 4);
  result.options.count_kept = random() % 2 == 0;
  const unsigned spends = random() % 2 == 0 ? 4 : 40;
  const unsigned costs = random() % 2 == 0 ? 3 : 30;
  const int items = 1 + below(6);
  for (int i = 0; i < items; ++i) {
    SelectionItem& item = result.items.emplace_back();
    item.keep_dense = random() % 5 == 0;
    item.weight = 1 + below(4);
    result.costs.emplace_back();
    ItemSpend& spend = result.spends.emplace_back();
    spend.dense = below(spends);
    for (std::size_t c = 0; c < result.options.candidates.size(); ++c) {
      result.costs.back().push_back(below(costs) / 4.0);
      spend.candidates.push_back(below(spends));
    }
  }
  return result;
}

/// The cheapest within a limit, of those the one that spends least, the first in tie order; null where there is none.
const Total* best_within(const std::vector<Total>& totals, std::int64_t limit) {
  const Total* best = nullptr;
  for (const Total& total : totals) {
    if (total.spend > limit) continue;
    if (best == nullptr || total.cost < best->cost || (total.cost == best->cost && total.spend < best->spend)) {
      best = &total;
    }
  }
  return best;
}

std::int64_t least_of(const std::vector<Total>& totals) {
  return std::min_element(totals.begin(), totals.end(),
                          [](const Total& a, const Total& b) { return a.spend < b.spend; })
      ->spend;
}

/// Three items, two of them alike, of two candidates.
Case small_case() {
  Case result;
  result.options.candidates = {{2, 4}, {4, 4}};
  result.items.resize(3);
  result.costs = {{1, 0}, {1, 0}, {5, 0}};
  result.spends = {{{10, 18}, 18}, {{10, 18}, 18}, {{20, 36}, 36}};
  return result;
}

TEST_CASE("A budget: the cheapest choice within every limit is that of all choices") {
  const auto seed = GENERATE(range(0U, 400U));
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const Case each = random_case(random);
  const std::vector<Total> totals = each.totals();
  const std::int64_t least = least_of(totals);
  for (int round = 0; round < 8; ++round) {
    const std::int64_t limit = round == 0 ? kMostSpend : least + static_cast<std::int64_t>(random() % 60);
    INFO("limit " << limit);
    const Total& best = *best_within(totals, limit);
    const BudgetSelection found = each.within(limit);
    CHECK(found.spend == best.spend);
    CHECK(found.selection.objective == best.cost);
    CHECK(found.selection.chosen == best.chosen);
    CHECK(found.limit == limit);
    CHECK(found.least == least);
    CHECK(found.slack == 0);
    CHECK_NOTHROW(require_within(found, "cycles"));
  }
}

TEST_CASE("A budget below the least spend gives the best choice of that spend, and is refused by name") {
  const auto seed = GENERATE(range(0U, 50U));
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const Case each = random_case(random);
  const std::vector<Total> totals = each.totals();
  const std::int64_t least = least_of(totals);
  if (least == 0) return;
  const BudgetSelection found = each.within(least - 1);
  CHECK(found.spend == least);
  CHECK(found.selection.chosen == best_within(totals, least)->chosen);
  CHECK_THROWS_WITH(require_within(found, "cycles"),
                    Contains("a budget of " + std::to_string(least - 1) + " cycles cannot be kept") &&
                        Contains("the least is " + std::to_string(least)));
}

TEST_CASE("A front has the choices that no other beats, as a selection within the spend of each gives them") {
  const auto seed = GENERATE(range(0U, 300U));
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const Case each = random_case(random);
  const std::vector<Total> totals = each.totals();
  std::vector<const Total*> expected;
  for (std::int64_t limit = least_of(totals); limit <= 6 * 40; ++limit) {
    const Total* best = best_within(totals, limit);
    if (expected.empty() || best->cost < expected.back()->cost) expected.push_back(best);
  }
  const std::vector<BudgetSelection> front = each.front(1000);
  REQUIRE(front.size() == expected.size());
  for (std::size_t i = 0; i < front.size(); ++i) {
    CHECK(front[i].spend == expected[i]->spend);
    CHECK(front[i].limit == expected[i]->spend);
    CHECK(front[i].selection.objective == expected[i]->cost);
    CHECK(front[i].selection.chosen == expected[i]->chosen);
    CHECK(each.within(front[i].limit).selection.chosen == front[i].selection.chosen);
  }
  // Fewer points: those that are best within limits at equal distances.
  const std::vector<BudgetSelection> thin = each.front(3);
  CHECK(thin.size() <= 3);
  CHECK(thin.front().spend == expected.front()->spend);
  CHECK(thin.back().spend == expected.back()->spend);
  if (front.size() > 3) {
    const std::int64_t middle = (front.front().spend + front.back().spend) / 2;
    CHECK(thin[thin.size() - 2].spend == each.within(middle).spend);
  }
}

TEST_CASE("With too few states the limit holds, and what is lost is less than the slack says") {
  std::mt19937 random(1);
  int coarse = 0, dearer = 0;
  for (int round = 0; round < 200; ++round) {
    INFO("round " << round);
    const Case each = random_case(random);
    const std::vector<Total> totals = each.totals();
    const std::int64_t limit = least_of(totals) + static_cast<std::int64_t>(random() % 60);
    const BudgetSelection found = each.within(limit, 3 * each.items.size());
    CHECK(found.spend <= limit);
    CHECK(found.selection.objective >= best_within(totals, limit)->cost);
    const Total* sure = best_within(totals, limit - found.slack);
    if (sure != nullptr) CHECK(found.selection.objective <= sure->cost);
    coarse += found.slack > 0 ? 1 : 0;
    dearer += found.selection.objective > best_within(totals, limit)->cost ? 1 : 0;
    for (const BudgetSelection& point : each.front(1000, 3 * each.items.size())) {
      CHECK(point.selection.objective >= best_within(totals, point.spend)->cost);
    }
  }
  CHECK(coarse > 20);
  CHECK(dearer > 0);
}

TEST_CASE("A budget by hand: what spends most for what it saves is pruned first, and what stays dense spends, too") {
  Case each = small_case();
  CHECK(dense_spend(each.spends) == 18 + 18 + 36);
  // Dense 72. Either small one saves 8 for 1, the large one 16 for 5.
  BudgetSelection found = each.within(71);
  CHECK(found.spend == 64);
  CHECK(found.selection.objective == 1);
  CHECK(found.selection.chosen == std::vector<Candidate>{{4, 4}, {2, 4}, {4, 4}});  // the first has the larger N
  CHECK(found.selection.reached == Approx(0.5 / 3));
  CHECK(found.selection.target == found.selection.reached);
  CHECK(each.within(56).selection.chosen == std::vector<Candidate>{{2, 4}, {2, 4}, {4, 4}});
  CHECK(each.within(55).spend == 48);  // the large one and a small one: 20 + 10 + 18
  CHECK(each.within(40).selection.objective == 7);
  each.items[0].keep_dense = true;
  found = each.within(48);
  CHECK(found.spend == 48);
  CHECK(found.selection.chosen == std::vector<Candidate>{{4, 4}, {2, 4}, {2, 4}});
  CHECK(found.selection.reached == 0.5);
  CHECK(found.least == 48);
  for (SelectionItem& item : each.items) item.keep_dense = true;
  found = each.within(72);
  CHECK(found.spend == 72);
  CHECK_FALSE(found.selection.open);
}

TEST_CASE("Hundreds of linears take a moment, with the slack that they have") {
  std::mt19937 random(7);
  Case each;
  each.options.candidates = {{8, 8}, {4, 8}, {2, 8}, {1, 8}};
  for (int i = 0; i < 224; ++i) {
    each.items.emplace_back();
    const auto spend = static_cast<std::int64_t>(1'000'000 + random() % 1'000'000);
    each.spends.push_back({{spend, spend * 55 / 100, spend * 3 / 10, spend / 5}, spend});
    const double cost = static_cast<double>(1 + random() % 1000) / 1000;
    each.costs.push_back({0, cost, 4 * cost, 12 * cost});
  }
  const std::int64_t dense = dense_spend(each.spends);
  const BudgetSelection found = each.within(dense * 6 / 10, 1 << 18);
  CHECK(found.spend <= dense * 6 / 10);
  CHECK(found.spend > dense * 59 / 100);
  CHECK(found.slack < dense / 2);
  const std::vector<BudgetSelection> front = each.front(9, 1 << 18);
  REQUIRE(front.size() == 9);
  for (std::size_t i = 1; i < front.size(); ++i) {
    CHECK(front[i].spend > front[i - 1].spend);
    CHECK(front[i].selection.objective < front[i - 1].selection.objective);
  }
  CHECK(front.back().spend == dense);
}

TEST_CASE("What is no budget, or no table of the items, is refused") {
  const Case good = small_case();
  CHECK_THROWS_WITH(good.within(-1), Contains("a budget of -1 is outside 0..2^62"));
  CHECK_THROWS_WITH(good.front(1), Contains("a front has at least 2 points"));
  const auto refused = [&](const auto& change, const std::string& why) {
    Case bad = good;
    change(bad);
    CHECK_THROWS_WITH(bad.within(50), Contains(why));
  };
  refused([](Case& c) { c.costs.pop_back(); }, "3 items have costs of 2 and spends of 3");
  refused([](Case& c) { c.costs[1].pop_back(); }, "item 1 has 1 costs and 2 spends of 2 candidates");
  refused([](Case& c) { c.spends[2].candidates.pop_back(); }, "item 2 has 2 costs and 1 spends of 2 candidates");
  refused([](Case& c) { c.costs[0][0] = -1; }, "a cost is negative or not finite");
  refused([](Case& c) { c.costs[0][0] = 1 / 0.0; }, "a cost is negative or not finite");
  refused([](Case& c) { c.spends[0].candidates[1] = -1; }, "a spend is negative");
  refused([](Case& c) { c.spends[0].dense = -1; }, "a spend is negative");
  refused([](Case& c) { c.spends[0].dense = c.spends[1].dense = kMostSpend; }, "the spends add up to more than 2^62");
  refused([](Case& c) { c.items[0].weight = 0; }, "a weight is not positive");
  refused([](Case& c) { c.options.candidates.clear(); }, "the candidate set is empty");
}

}  // namespace
}  // namespace flexcim

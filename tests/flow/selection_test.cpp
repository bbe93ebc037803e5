#include "flow/select/selection.h"

#include "flow/base/error.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace flexcim {
namespace {

double cost(const SelectionItem& item, Candidate c, const SelectionOptions& options) {
  int n_max = 0;
  int m_max = 0;
  for (const Candidate each : options.candidates) {
    n_max = std::max(n_max, each.n);
    m_max = std::max(m_max, each.m);
  }
  return options.alpha * std::fabs(c.n - item.outliers * n_max) +
         options.beta * std::fabs(c.m - (1 - item.locality) * m_max);
}

/// Every choice, in tie order: item 0 varies slowest, larger N first, then larger M.
struct BruteForce {
  const std::vector<SelectionItem>& items;
  const SelectionOptions& options;
  std::vector<Candidate> order;
  double wanted = 0;
  double best = 1e300;
  std::vector<Candidate> chosen;
  std::vector<Candidate> current;
  std::vector<double> means;

  BruteForce(const std::vector<SelectionItem>& all, const SelectionOptions& how) : items(all), options(how) {
    order = options.candidates;
    std::sort(order.begin(), order.end(), [](Candidate a, Candidate b) { return a.n != b.n ? a.n > b.n : a.m > b.m; });
    visit([&](double mean) { means.push_back(mean); });
    double above = 2;
    double largest = 0;
    for (const double mean : means) {
      if (mean >= options.target - 1e-9) above = std::min(above, mean);
      largest = std::max(largest, mean);
    }
    wanted = above <= 1 ? above : largest;
    visit([&](double mean) {
      if (std::fabs(mean - wanted) > 1e-9) return;
      double sum = 0;
      for (std::size_t i = 0; i < items.size(); ++i) sum += cost(items[i], current[i], options);
      if (sum < best - 1e-9) {
        best = sum;
        chosen = current;
      }
    });
  }

  template <class F>
  void visit(const F& leaf) {
    if (current.size() == items.size()) {
      double pruned = 0;
      double total = 0;
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].keep_dense && !options.count_kept) continue;
        pruned += static_cast<double>(items[i].weight) * (1.0 - static_cast<double>(current[i].n) / current[i].m);
        total += static_cast<double>(items[i].weight);
      }
      leaf(total > 0 ? pruned / total : 0.0);
      return;
    }
    for (const Candidate c : order) {
      if (items[current.size()].keep_dense && !c.dense()) continue;
      current.push_back(c);
      visit(leaf);
      current.pop_back();
    }
  }
};

std::vector<Candidate> random_candidates(std::mt19937& random) {
  const std::vector<Candidate> all = {{1, 2}, {2, 2}, {1, 4}, {2, 4}, {3, 4}, {4, 4}, {1, 8}, {2, 8}, {4, 8}, {8, 8}};
  std::vector<Candidate> some;
  for (const Candidate c : all) {
    if (random() % 2 == 0) some.push_back(c);
  }
  if (std::none_of(some.begin(), some.end(), [](Candidate c) { return c.dense(); })) some.push_back({8, 8});
  return some;
}

TEST_CASE("selection equals brute force on random instances, ties included") {
  std::mt19937 random(20250414);
  for (int trial = 0; trial < 4000; ++trial) {
    INFO("trial " << trial);
    SelectionOptions options;
    options.candidates = random_candidates(random);
    // Quarters make many exact ties; alpha and beta are powers of two for the same reason.
    const bool coarse = random() % 2 == 0;
    options.alpha = std::ldexp(1.0, static_cast<int>(random() % 3));
    options.beta = std::ldexp(1.0, static_cast<int>(random() % 4));
    options.target = static_cast<double>(random() % 17) / 20;
    options.count_kept = random() % 2 == 0;
    const std::size_t length = options.candidates.size() > 6 ? 1 + random() % 3 : 1 + random() % 4;
    std::vector<SelectionItem> items(length);
    for (SelectionItem& item : items) {
      std::uniform_real_distribution<> unit(0, 1);
      item.outliers = coarse ? static_cast<double>(random() % 5) / 4 : unit(random);
      item.locality = coarse ? static_cast<double>(random() % 5) / 4 : unit(random);
      item.weight = random() % 3 == 0 ? 1 + static_cast<int>(random() % 6) : 1;
      item.keep_dense = random() % 5 == 0;
    }
    const Selection selection = select_patterns(items, options);
    const BruteForce truth(items, options);
    CHECK(selection.chosen == truth.chosen);
    CHECK(selection.objective == Approx(truth.best).margin(1e-8));
    CHECK(selection.reached == Approx(truth.wanted).margin(1e-9));
    CHECK(selection.target == options.target);
    CHECK(selection.exact == (std::fabs(truth.wanted - options.target) <= 1e-9));
  }
}

TEST_CASE("a selection by hand") {
  // N_max = M_max = 8. Costs |N - 8 O| + 4 |M - 8 (1 - D)|:
  //   block 0, O = 1, D = 0:  2:4 6+16 = 22   2:8 6+0 = 6   4:8 4+0 = 4   8:8 0
  //   block 1, O = 0, D = 1:  2:4 2+16 = 18   2:8 2+32 = 34  4:8 4+32 = 36  8:8 8+32 = 40
  // Mean 0.5 means: (8:8, none reaches 1.0) no; 2:8 + sparsity 0.25 no; so both 0.5: 4:8 (4) and 2:4 (18).
  SelectionOptions options;
  options.candidates = parse_candidates("2:4,2:8,4:8,8:8");
  const Selection selection = select_patterns({{1, 0}, {0, 1}}, options);
  CHECK(selection.chosen == std::vector<Candidate>{{4, 8}, {2, 4}});
  CHECK(selection.objective == 22);
  CHECK(selection.reached == 0.5);
  CHECK(selection.exact);
}

TEST_CASE("an unreachable target takes the nearest mean above, or else the largest, and says so") {
  SelectionOptions options;
  options.candidates = parse_candidates("2:4,4:4");
  options.target = 0.6;  // beyond the largest mean
  Selection selection = select_patterns(std::vector<SelectionItem>(3), options);
  CHECK(selection.reached == 0.5);
  CHECK_FALSE(selection.exact);
  options.target = 0.2;  // 1/6 and 2/6 are reachable
  selection = select_patterns(std::vector<SelectionItem>(3), options);
  CHECK(selection.reached == Approx(1.0 / 3));
  CHECK_FALSE(selection.exact);
  options.target = 1.0 / 3;
  CHECK(select_patterns(std::vector<SelectionItem>(3), options).exact);
}

TEST_CASE("blocks that stay dense count in the mean only where asked, and need no dense candidate") {
  SelectionOptions options;
  options.candidates = parse_candidates("2:4,2:8");
  std::vector<SelectionItem> items(4);
  items.front().keep_dense = items.back().keep_dense = true;
  const Selection apart = select_patterns(items, options);
  CHECK(apart.chosen == std::vector<Candidate>{{8, 8}, {2, 4}, {2, 4}, {8, 8}});
  CHECK(apart.reached == 0.5);
  options.count_kept = true;
  options.target = 0.3;  // (0 + 0.5 + 0.75 + 0) / 4 is the nearest above
  CHECK(select_patterns(items, options).reached == Approx(0.3125));
  items = std::vector<SelectionItem>(2);
  items.front().keep_dense = items.back().keep_dense = true;
  CHECK(select_patterns(items, options).reached == 0);
}

/// How fast that is, scripts/bench flow says.
TEST_CASE("128 blocks with 12 candidates") {
  SelectionOptions options;
  options.candidates = parse_candidates("1:2,2:2,1:4,2:4,3:4,4:4,1:8,2:8,4:8,8:8,4:16,8:16");
  options.target = 0.6;
  std::mt19937 random(3);
  std::vector<SelectionItem> items(128);
  for (SelectionItem& item : items) {
    item.outliers = std::uniform_real_distribution<>(0, 1)(random);
    item.locality = std::uniform_real_distribution<>(0, 1)(random);
  }
  CHECK(select_patterns(items, options).reached >= 0.6);
}

TEST_CASE("weights of any size are handled, awkward ones to a part in a million") {
  SelectionOptions options;
  std::vector<SelectionItem> items(20);
  std::mt19937_64 random(5);
  for (SelectionItem& item : items) {
    item.weight = static_cast<std::int64_t>(random() >> 16) | 1;
    item.outliers = 0.5;
  }
  options.target = 0.55;
  CHECK(select_patterns(items, options).reached == Approx(0.55).margin(1e-5));
}

TEST_CASE("candidate lists") {
  CHECK(parse_candidates("2:4,dense,4:8") == std::vector<Candidate>{{2, 4}, {4, 8}, {8, 8}});
  CHECK(parse_candidates("2:4,2:4,4:4,dense") == std::vector<Candidate>{{2, 4}, {4, 4}});
  for (const char* bad : {"", "dense", "2:4,", ",2:4", "4:2", "0:4", "2:300", "2", "a:b", "2:4 ,4:8", "2:4:8"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_candidates(bad), InputError);
  }
}

TEST_CASE("options out of range are input errors") {
  const std::vector<SelectionItem> items(3);
  SelectionOptions options;
  options.target = 1;
  CHECK_THROWS_AS(select_patterns(items, options), InputError);
  options = {};
  options.alpha = -1;
  CHECK_THROWS_AS(select_patterns(items, options), InputError);
  options = {};
  options.beta = std::nan("");
  CHECK_THROWS_AS(select_patterns(items, options), InputError);
  options = {};
  options.candidates = parse_candidates("1:251,1:241,1:239,1:233");  // primes
  CHECK_THROWS_AS(select_patterns(items, options), InputError);
  options.candidates.clear();
  CHECK_THROWS_AS(select_patterns(items, options), InputError);
}

TEST_CASE("measured costs: the cheapest choice at or above the target, against every choice") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> cost_of(0, 1);
  SelectionOptions options;
  options.candidates = {{2, 4}, {8, 8}, {2, 8}, {4, 8}};
  for (int round = 0; round < 200; ++round) {
    std::vector<SelectionItem> items(4);
    std::vector<std::vector<double>> costs;
    for (SelectionItem& item : items) {
      item.weight = 1 + static_cast<std::int64_t>(random() % 5);
      item.keep_dense = random() % 6 == 0;
      costs.push_back({cost_of(random), 0, cost_of(random), cost_of(random)});
    }
    options.target = 0.05 * static_cast<double>(random() % 20);
    double best = 1e300;
    double most = 0;
    for (int code = 0; code < 256; ++code) {
      double sum = 0;
      double pruned = 0;
      double total = 0;
      bool possible = true;
      for (std::size_t i = 0; i < 4; ++i) {
        const auto c = static_cast<std::size_t>(code >> (2 * i) & 3);
        possible &= !items[i].keep_dense || c == 1;
        sum += costs[i][c];
        if (items[i].keep_dense) continue;
        pruned += static_cast<double>(items[i].weight) * options.candidates[c].pattern().sparsity();
        total += static_cast<double>(items[i].weight);
      }
      const double mean = total > 0 ? pruned / total : 0;
      if (!possible) continue;
      most = std::max(most, mean);
      if (mean >= options.target - 1e-9) best = std::min(best, sum);
    }
    const Selection found = select_patterns(items, costs, options);
    if (best < 1e300) {
      CHECK(found.objective == Approx(best).margin(1e-9));
      CHECK(found.reached >= options.target - 1e-9);
    } else {
      CHECK(found.reached == Approx(most).margin(1e-9));
    }
  }
}

TEST_CASE("a mean above the target is no failure where any would do") {
  SelectionOptions options;
  options.candidates = {{8, 8}, {4, 8}, {2, 8}};
  options.target = 0.6;
  const std::vector<SelectionItem> items(2);
  CHECK(reached_text(select_patterns(items, {{0, 1, 2}, {0, 1, 2}}, options)) ==
        "target mean sparsity 0.6000, reached 0.6250");
  options.target = 0.9;
  CHECK(reached_text(select_patterns(items, {{0, 1, 2}, {0, 1, 2}}, options)) ==
        "target mean sparsity 0.9000, reached 0.7500 (the target cannot be reached exactly)");
  CHECK_THROWS_AS(require_reached(select_patterns(items, {{0, 1, 2}, {0, 1, 2}}, options)), InputError);
}

}  // namespace
}  // namespace flexcim

#include "flow/map/nearest_pattern.h"

#include "flow/base/error.h"
#include "flow/model/golden.h"
#include "flow/pack/packed_linear.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/random_patterns.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

namespace flexcim {
namespace {

/// Whether no group of `pattern` has more than N ones in `row`, a bit per weight.
bool is_of(Pattern pattern, unsigned row, int length) {
  for (int begin = 0; begin < length; begin += pattern.m) {
    const unsigned group = row >> begin & ((1u << pattern.m) - 1);
    if (__builtin_popcount(group) > pattern.n) return false;
  }
  return true;
}

/// By trying every row that is as long as both groups together.
bool brute_force_fits(Pattern inner, Pattern outer) {
  const int length = std::lcm(inner.m, outer.m);
  for (unsigned row = 0; row < 1u << length; ++row) {
    if (is_of(inner, row, length) && !is_of(outer, row, length)) return false;
  }
  return true;
}

MacroGeometry macro_of(std::vector<Pattern> patterns) {
  MacroGeometry g;
  g.patterns = std::move(patterns);
  return g;
}

}  // namespace

TEST_CASE("a pattern fits another one if every row of it does, as trying all rows says") {
  int fitting = 0;
  for (int outer_m = 1; outer_m <= 8; ++outer_m) {
    for (int inner_m = 1; inner_m <= 8; ++inner_m) {
      if (std::lcm(outer_m, inner_m) > 15) continue;
      for (int outer_n = 1; outer_n <= outer_m; ++outer_n) {
        for (int inner_n = 1; inner_n <= inner_m; ++inner_n) {
          const Pattern inner{inner_n, inner_m}, outer{outer_n, outer_m};
          INFO(inner_n << ":" << inner_m << " in " << outer_n << ":" << outer_m);
          const bool fits = always_fits(inner, outer);
          REQUIRE(fits == brute_force_fits(inner, outer));
          fitting += fits ? 1 : 0;
        }
      }
    }
  }
  CHECK(fitting > 100);
}

TEST_CASE("weights run as the sparsest pattern of the list that holds them whatever they are, or dense") {
  const MacroGeometry fixed = macro_of({{}, {2, 4}});
  for (const Pattern held : {Pattern{2, 4}, {1, 2}, {1, 4}, {1, 8}, {2, 8}}) {
    INFO(to_string(held));
    CHECK(nearest_pattern(fixed, held) == Pattern{2, 4});
  }
  for (const Pattern other : {Pattern{}, {3, 4}, {3, 8}, {4, 8}, {4, 16}}) {
    INFO(to_string(other));
    CHECK(nearest_pattern(fixed, other).dense());
  }
  const MacroGeometry vegeta = macro_of({{}, {1, 4}, {2, 4}});
  CHECK(nearest_pattern(vegeta, {1, 8}) == Pattern{1, 4});
  CHECK(nearest_pattern(vegeta, {2, 8}) == Pattern{2, 4});
  CHECK(nearest_pattern(macro_of({{}, {2, 4}, {1, 2}}), {1, 2}) == Pattern{1, 2});  // equally sparse: the smaller M
  CHECK(nearest_pattern(macro_of({{}}), {1, 8}).dense());
  // A macro for all patterns has no nearest ones, not even of those that it cannot run.
  CHECK(nearest_pattern({}, {4, 8}) == Pattern{4, 8});
  CHECK(nearest_pattern({}, {5, 16}) == Pattern{5, 16});
}

TEST_CASE("the nearest pattern is the best of the list by brute force, and weights repacked for it are the same") {
  int changed = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    MacroGeometry g;
    do g.patterns = test::random_patterns(random, g.sub_macros, g.pairs_per_set);
    while (g.patterns.empty());
    const std::vector<Pattern> reachable = reachable_patterns(8, 4);
    const Pattern wanted = reachable[random() % reachable.size()];
    INFO("seed " << seed << ": " << to_string(wanted) << " on " << test::patterns_text(g));
    const Pattern nearest = nearest_pattern(g, wanted);
    REQUIRE(supports(g, nearest));
    REQUIRE(brute_force_fits(wanted, nearest));
    for (const Pattern each : g.patterns) {
      if (brute_force_fits(wanted, each)) REQUIRE(each.sparsity() <= nearest.sparsity());
    }
    if (supports(g, wanted)) REQUIRE(nearest == wanted);

    const PackedLinear linear = test::random_linear(random, wanted, 5, 1 + static_cast<int>(random() % 40));
    const PackedLinear repacked = repack(linear, nearest);
    validate(repacked, "repacked");
    REQUIRE(repacked.pattern == nearest);
    REQUIRE(repacked.name == linear.name);
    REQUIRE(repacked.scales == linear.scales);
    const Matrix<std::int8_t> x = test::random_activations(random, 2, linear.in);
    REQUIRE(golden_gemm(unpack(repacked), x) == golden_gemm(unpack(linear), x));
    if (!nearest.dense()) {  // kept zeros stay kept
      const auto kept = [](const PackedLinear& of) {
        return std::count_if(of.indices.begin(), of.indices.end(), [](auto i) { return i != PackedLinear::kEmpty; });
      };
      REQUIRE(kept(repacked) == kept(linear));
    }
    changed += nearest == wanted ? 0 : 1;
  }
  CHECK(changed > 20);
}

TEST_CASE("weights are not repacked for a pattern that they do not fit") {
  std::mt19937 random(1);
  const PackedLinear linear = test::random_linear(random, {4, 8}, 4, 16);
  CHECK_THROWS_AS(repack(linear, {1, 4}), InputError);
}

TEST_CASE("a macro wired for few patterns has the lines, multiplexers and metadata that these need") {
  struct Case {
    std::vector<Pattern> patterns;
    int window, lines, windows, first, second, grouped_metadata, scan_metadata;
  };
  // P = 4, I = 4: the published macro, dense only, 1:2, 2:4 with all pairs on the lines, 2:4 with a first stage,
  // VEGETA's patterns, a full multiplexer per cell.
  for (const Case& c : {Case{{}, 1, 2, 4, 4, 4, 1, 3},
                        {{{}}, 1, 1, 1, 1, 1, 0, 0},
                        {{{}, {1, 2}}, 1, 2, 1, 1, 1, 1, 1},
                        {{{}, {2, 4}}, 2, 4, 1, 1, 2, 2, 2},
                        {{{}, {2, 4}}, 1, 2, 2, 2, 2, 1, 2},
                        {{{}, {1, 4}, {2, 4}}, 2, 4, 1, 1, 2, 2, 2},
                        {{}, 4, 8, 1, 1, 4, 3, 3}}) {
    MacroGeometry g = macro_of(c.patterns);
    g.window = c.window;
    g.validate();
    INFO(test::patterns_text(g) << ", w " << c.window);
    CHECK(g.lines() == c.lines);
    CHECK(g.windows() == c.windows);
    CHECK(g.first_stage_inputs() == c.first);
    CHECK(g.second_stage_inputs() == c.second);
    CHECK(rules_of(Sequencing::grouped).metadata_bits(g.largest_m(), g.window) == c.grouped_metadata);
    CHECK(rules_of(Sequencing::scan).metadata_bits(g.largest_m(), g.window) == c.scan_metadata);
  }
}

TEST_CASE("a list of patterns has dense and nothing out of reach, and the macro runs no other") {
  CHECK_THROWS_WITH(macro_of({{2, 4}}).validate(), "dense is missing from the patterns; every macro runs it");
  CHECK_THROWS_WITH(macro_of({{}, {5, 8}}).validate(),
                    "5:8 is out of the reach of P = 4, I = 4, which is dense, 1:2, 1:4, 2:4, 3:4, 1:8, 2:8, 3:8, 4:8");
  CHECK_THROWS_WITH(require_support(macro_of({{}, {2, 4}}), {1, 4}, "x"),
                    "x: the hardware (P = 4, I = 4) cannot run pattern 1:4; it runs dense, 2:4");
}

}  // namespace flexcim

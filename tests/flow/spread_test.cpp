// Patterns for a model of which only the shape is known: the mix reaches the target, evenly over the depth.
#include "flow/select/spread.h"

#include "flow/base/error.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

const std::vector<Candidate> kThree{{8, 8}, {4, 8}, {2, 8}};
constexpr DenseEnds kNoEnds{false, false};

std::ptrdiff_t count(const Selection& selection, Candidate candidate) {
  return std::count(selection.chosen.begin(), selection.chosen.end(), candidate);
}

}  // namespace

TEST_CASE("A mix has the two candidates beside its target, in the shares of its mean") {
  const Selection mix = spread_patterns(10, 0.6, kThree, kNoEnds);  // 0.5 + 0.25 x 4/10
  CHECK(count(mix, {4, 8}) == 6);
  CHECK(count(mix, {2, 8}) == 4);
  CHECK(mix.exact);
  CHECK(mix.reached == Approx(0.6));
  CHECK(mix.open);
  // Evenly: of any two neighbours of the sparser ones, at most two others lie between.
  CHECK(mix.chosen ==
        std::vector<Candidate>{{4, 8}, {4, 8}, {2, 8}, {4, 8}, {2, 8}, {4, 8}, {4, 8}, {2, 8}, {4, 8}, {2, 8}});
  CHECK(count(spread_patterns(10, 0.25, kThree, kNoEnds), {8, 8}) == 5);
  CHECK(count(spread_patterns(10, 0, kThree, kNoEnds), {8, 8}) == 10);
  CHECK(count(spread_patterns(10, 0.75, kThree, kNoEnds), {2, 8}) == 10);
}

TEST_CASE("A mean that no mix reaches is exceeded by as little as can be") {
  const Selection mix = spread_patterns(7, 0.6, kThree, kNoEnds);  // 2.8 blocks
  CHECK(count(mix, {2, 8}) == 3);
  CHECK_FALSE(mix.exact);
  CHECK(mix.reached == Approx(0.5 + 0.25 * 3 / 7));
}

TEST_CASE("Blocks kept dense are dense and not in the mean") {
  const Selection mix = spread_patterns(32, 0.6, kThree, DenseEnds{true, true});
  CHECK(mix.chosen.front().dense());
  CHECK(mix.chosen.back().dense());
  CHECK(count(mix, {4, 8}) == 18);
  CHECK(count(mix, {2, 8}) == 12);
  CHECK(mix.exact);
  const Selection none = spread_patterns(2, 0.6, kThree, DenseEnds{true, true});
  CHECK_FALSE(none.open);
  CHECK(none.chosen == std::vector<Candidate>(2));
  CHECK(spread_patterns(1, 0.6, kThree, DenseEnds{true, true}).chosen.size() == 1);
}

TEST_CASE("Of equally sparse candidates the one with the largest M is mixed, without a dense one blocks may be dense") {
  CHECK(count(spread_patterns(4, 0.5, {{2, 4}, {4, 8}, {1, 2}}, kNoEnds), {4, 8}) == 4);
  const Selection half = spread_patterns(4, 0.25, {{4, 8}}, kNoEnds);
  CHECK(count(half, {1, 1}) == 2);
  CHECK(half.exact);
  CHECK_THROWS_WITH(spread_patterns(4, 0.8, kThree, kNoEnds), "0.8 is above the sparsity of every candidate");
}

// Reasons of points without figures, in few lines.
#include "platform/sweep/reasons.h"

#include <catch2/catch.hpp>

using namespace flexcim;

TEST_CASE("Reasons: those that differ in numbers only are one, which keeps the numbers that are the same in all") {
  ReasonGroups groups;
  groups.add(PointStatus::failed, "window=1: gemm 256 x 512, 7 tokens: too large", 2);
  groups.add(PointStatus::failed, "window=2: gemm 256 x 512, 1024 tokens: too large", 1);
  groups.add(PointStatus::failed, "window=2: gemm 256 x 512, 7 tokens: too small", 1);
  const std::vector<ReasonCount> counts = groups.commonest(10);
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].reason == "window=…: gemm 256 x 512, … tokens: too large");
  CHECK(counts[0].points == 3);
  CHECK(counts[1].reason == "window=2: gemm 256 x 512, 7 tokens: too small");
}

TEST_CASE("Reasons: the commonest come first, and points that are invalid are not those that have failed") {
  ReasonGroups groups;
  groups.add(PointStatus::failed, "1", 1);
  groups.add(PointStatus::invalid, "2", 4);
  groups.add(PointStatus::failed, "", 2);
  groups.add(PointStatus::failed, "no number", 3);
  const std::vector<ReasonCount> counts = groups.commonest(3);
  REQUIRE(counts.size() == 3);
  CHECK(counts[0].status == PointStatus::invalid);
  CHECK(counts[0].reason == "2");
  CHECK(counts[1].reason == "no number");
  CHECK(counts[2].reason.empty());
  CHECK(counts[2].points == 2);
}

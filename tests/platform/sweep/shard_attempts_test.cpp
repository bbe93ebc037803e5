#include "platform/sweep/shard_attempts.h"

#include <catch2/catch.hpp>

using namespace flexcim;

using Shards = std::vector<std::uint64_t>;

TEST_CASE("shard attempts: only what is neither complete nor worked on is begun") {
  ShardAttempts attempts(4);
  CHECK(attempts.to_begin({{}, {5, true}, {2}, {}}, {3}) == Shards{0, 2});
  attempts.begun({0, 2});
  CHECK(attempts.to_begin({{}, {5, true}, {2}, {}}, {0, 2, 3}).empty());
  CHECK(attempts.given_up().empty());
}

TEST_CASE("shard attempts: three without a new row are enough") {
  ShardAttempts attempts(2);
  for (int i = 0; i < ShardAttempts::kInARow; ++i) {
    REQUIRE(attempts.to_begin({{0, true}, {7}}, {}) == Shards{1});
    attempts.begun({1});
  }
  CHECK(attempts.to_begin({{0, true}, {7}}, {1}).empty());
  CHECK(attempts.given_up().empty());  // the third is at it
  CHECK(attempts.to_begin({{0, true}, {7}}, {}).empty());
  CHECK(attempts.given_up() == std::set<std::uint64_t>{1});
  CHECK(attempts.to_begin({{0, true}, {8, true}}, {}).empty());
  CHECK(attempts.given_up().empty());  // its file came late
}

TEST_CASE("shard attempts: who gets on is begun again and again, and what was not begun does not count") {
  ShardAttempts attempts(1);
  for (std::uint64_t rows = 0; rows < 20; ++rows) {
    REQUIRE(attempts.to_begin({{rows}}, {}) == Shards{0});
    attempts.begun({0});
  }
  ShardAttempts refused(1);
  for (int i = 0; i < 20; ++i) REQUIRE(refused.to_begin({{}}, {}) == Shards{0});
}

#include "flow/pack/packed_linear.h"

#include "flow/base/error.h"
#include "tests/flow/random_linear.h"

#include <catch2/catch.hpp>

using namespace flexcim;

TEST_CASE("int8 weights that satisfy their pattern pack and unpack to themselves") {
  std::mt19937 random(1);
  for (Pattern pattern : {Pattern{}, Pattern{1, 2}, Pattern{2, 4}, Pattern{3, 8}, Pattern{4, 8}}) {
    const Matrix<std::int8_t> weights = unpack(test::random_linear(random, pattern, 5, 37));
    const PackedLinear packed = pack_int8(weights, pattern, "W");
    validate(packed, "W");
    CHECK(unpack(packed) == weights);
  }
}

TEST_CASE("a kept zero keeps its slot") {
  Matrix<std::int8_t> weights(1, 4);
  Matrix<std::uint8_t> kept(1, 4);
  weights(0, 3) = 5;
  kept(0, 1) = kept(0, 3) = 1;
  const PackedLinear packed = pack_kept(weights, kept, {2, 4}, "W");
  CHECK(packed.indices == std::vector<std::uint8_t>{1, 3});
  CHECK(packed.values == std::vector<std::int8_t>{0, 5});
}

TEST_CASE("weights that cannot be packed are refused by row and input") {
  Matrix<std::int8_t> weights(2, 8);
  weights(1, 4) = weights(1, 5) = weights(1, 7) = 1;
  CHECK_THROWS_WITH(
      pack_int8(weights, {2, 4}, "file.safetensors: tensor weight"),
      "file.safetensors: tensor weight: weight [1][7] is one non-zero too many for pattern 2:4 in inputs 4..7");
  weights(1, 7) = -128;
  CHECK_THROWS_WITH(pack_int8(weights, {3, 4}, "W"), "W: weight [1][7] is -128; weights are -127..127");
  Matrix<std::uint8_t> nothing(2, 8);
  weights(1, 7) = 0;
  CHECK_THROWS_WITH(pack_kept(weights, nothing, {2, 4}, "W"), "W: weight [1][4] is not kept but 1");
}

TEST_CASE("a packed linear from outside is checked entry by entry") {
  std::mt19937 random(2);
  PackedLinear linear = test::random_linear(random, {2, 4}, 3, 10);
  REQUIRE_NOTHROW(validate(linear, "P"));
  SECTION("index beyond the group") { linear.indices[0] = 4; }
  SECTION("index beyond the matrix") { linear.indices[linear.entry(0, 2, 0)] = 2; }
  SECTION("index twice") { linear.indices[1] = linear.indices[0]; }
  SECTION("-128") { linear.values[0] = -128; }
  SECTION("size") { linear.values.own().pop_back(); }
  SECTION("empty slot with a value") {
    linear.indices[0] = PackedLinear::kEmpty;
    linear.values[0] = 3;
  }
  CHECK_THROWS_AS(validate(linear, "P"), InputError);
}

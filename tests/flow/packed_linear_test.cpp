#include "flow/pack/packed_linear.h"

#include "flow/base/error.h"
#include "flow/pack/quantize.h"
#include "tests/flow/random_linear.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

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
  const int weight_bits = GENERATE(8, 4);
  PackedLinear linear = test::random_linear(random, {2, 4}, 3, 9, 0, weight_bits);
  const int limit = weight_limit(weight_bits);
  const std::string range = "; weights are -" + std::to_string(limit) + ".." + std::to_string(limit);
  const std::size_t first = linear.entry(1, 1, 0), second = linear.entry(1, 1, 1), last = linear.entry(1, 2, 0);
  linear.indices[first] = 1;  // of inputs 4..7
  linear.indices[second] = 3;
  linear.indices[last] = 0;  // of input 8
  linear.values[first] = static_cast<std::int8_t>(limit);
  linear.values[second] = static_cast<std::int8_t>(-limit);
  REQUIRE_NOTHROW(validate(linear, "P"));
  std::string refusal;
  SECTION("index beyond the group") {
    linear.indices[first] = 4;
    refusal = "P: row 1, group 1: index 4 is outside the group";
  }
  SECTION("index beyond the matrix") {
    linear.indices[last] = 1;
    refusal = "P: row 1, group 2: index 1 is outside the group";
  }
  SECTION("index twice") {
    linear.indices[second] = 1;
    refusal = "P: weight [1][5] is kept twice";
  }
  SECTION("too large") {
    linear.values[second] = static_cast<std::int8_t>(-limit - 1);
    refusal = "P: weight [1][7] is -" + std::to_string(limit + 1) + range;
  }
  SECTION("size") {
    linear.values.own().pop_back();
    refusal = "P: values, indices and scales do not fit the shape 3x9 at 2:4";
  }
  SECTION("indices") {
    linear.indices.own().pop_back();
    refusal = "P: values, indices and scales do not fit the shape 3x9 at 2:4";
  }
  SECTION("scales") {
    linear.scales.pop_back();
    refusal = "P: values, indices and scales do not fit the shape 3x9 at 2:4";
  }
  SECTION("empty slot with a value") {
    linear.indices[first] = PackedLinear::kEmpty;
    refusal = "P: weight [1][4]: an empty slot holds a value";
  }
  CHECK_THROWS_WITH(validate(linear, "P"), refusal);
}

namespace {

/// By the words of PackedLinear.
bool is_valid(const PackedLinear& linear) {
  const int limit = weight_limit(linear.weight_bits);
  for (int o = 0; o < linear.out; ++o) {
    for (int g = 0; g < linear.groups(); ++g) {
      std::set<int> kept;
      for (int n = 0; n < linear.pattern.n; ++n) {
        const std::size_t e = linear.entry(o, g, n);
        const int index = linear.indices[e];
        const std::int8_t value = linear.values[e];
        if (std::abs(value) > limit) return false;
        if (index == PackedLinear::kEmpty && value != 0) return false;
        if (index == PackedLinear::kEmpty) continue;
        if (index >= linear.pattern.m || g * linear.pattern.m + index >= linear.in) return false;
        if (!kept.insert(index).second) return false;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("entries are checked alike in whole groups and others, in order or not") {
  std::mt19937 random(3);
  int refused = 0;
  constexpr int kTries = 4000;
  for (int i = 0; i < kTries; ++i) {
    const Pattern pattern = std::vector<Pattern>{{2, 4}, {4, 8}, {3, 8}, {8, 8}, {1, 2}}[random() % 5];
    const int groups = 1 + static_cast<int>(random() % 20);
    const int in = random() % 4 == 0 ? groups * pattern.m - 1 : groups * pattern.m;
    PackedLinear linear = test::random_linear(random, pattern, 2, in, 0, random() % 2 == 0 ? 8 : 4);
    auto& values = linear.values.own();
    auto& indices = linear.indices.own();
    if (random() % 2 == 0) {
      const std::size_t group = random() % (values.size() / static_cast<std::size_t>(pattern.n));
      const auto first = static_cast<std::ptrdiff_t>(group) * pattern.n, last = first + pattern.n - 1;
      std::swap(indices[static_cast<std::size_t>(first)], indices[static_cast<std::size_t>(last)]);
      std::swap(values[static_cast<std::size_t>(first)], values[static_cast<std::size_t>(last)]);
    }
    if (random() % 2 == 0) {
      const std::size_t e = random() % values.size();
      switch (random() % 4) {
        case 0:
          values[e] = static_cast<std::int8_t>(random());
          break;
        case 1:
          indices[e] = static_cast<std::uint8_t>(random() % static_cast<unsigned>(pattern.m + 1));
          break;
        case 2:
          indices[e] = PackedLinear::kEmpty;
          break;
        default:
          indices[e] = indices[random() % indices.size()];
      }
    }
    const bool valid = is_valid(linear);
    refused += valid ? 0 : 1;
    if (valid) {
      CHECK_NOTHROW(validate(linear, "P"));
    } else {
      CHECK_THROWS_AS(validate(linear, "P"), InputError);
    }
  }
  CHECK(refused > kTries / 10);
  CHECK(refused < kTries * 9 / 10);
}

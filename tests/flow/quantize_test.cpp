#include "flow/pack/quantize.h"

#include "flow/base/error.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace flexcim {
namespace {

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

TEST_CASE("a rounding right shift rounds ties away from zero") {
  CHECK(rounding_shift_right(5, 0) == 5);
  CHECK(rounding_shift_right(-5, 0) == -5);
  CHECK(rounding_shift_right(1, 1) == 1);    // 0.5
  CHECK(rounding_shift_right(-1, 1) == -1);  // -0.5
  CHECK(rounding_shift_right(3, 1) == 2);    // 1.5
  CHECK(rounding_shift_right(-3, 1) == -2);
  CHECK(rounding_shift_right(5, 2) == 1);  // 1.25
  CHECK(rounding_shift_right(-5, 2) == -1);
  CHECK(rounding_shift_right(6, 2) == 2);  // 1.5
  CHECK(rounding_shift_right(-6, 2) == -2);
  CHECK(rounding_shift_right(std::int64_t{1} << 61, 62) == 1);
  CHECK(rounding_shift_right(-(std::int64_t{1} << 61), 62) == -1);
  CHECK(rounding_shift_right((std::int64_t{1} << 61) - 1, 62) == 0);
  CHECK(rounding_shift_right(-(std::int64_t{1} << 61) + 1, 62) == 0);
}

TEST_CASE("a real factor becomes a normalised mantissa and a shift") {
  CHECK(make_requantization(0) == Requantization{0, 0});
  CHECK(make_requantization(1.0) == Requantization{1 << 30, 30});
  CHECK(make_requantization(0.5) == Requantization{1 << 30, 31});
  CHECK(make_requantization(0.75) == Requantization{3 << 29, 31});
  CHECK(make_requantization(0.1) == Requantization{1717986918, 34});       // 0.1 * 2^34 = 1717986918.4
  CHECK(make_requantization(1.0 - 1e-12) == Requantization{1 << 30, 30});  // rounds up to the next power of two
  CHECK(make_requantization(std::ldexp(1.0, 30)) == Requantization{1 << 30, 0});
  CHECK(make_requantization(std::nextafter(std::ldexp(1.0, 31), 0.0)) == Requantization{kMax, 0});
  CHECK(make_requantization(std::ldexp(1.0, -32)) == Requantization{1 << 30, 62});
  CHECK(make_requantization(std::ldexp(0.99, -32)) == Requantization{0, 0});
  CHECK_THROWS_AS(make_requantization(std::ldexp(1.0, 31)), InputError);
  CHECK_THROWS_AS(make_requantization(-1.0), InputError);
  CHECK_THROWS_AS(make_requantization(std::numeric_limits<double>::quiet_NaN()), InputError);
  CHECK_THROWS_AS(make_requantization(std::numeric_limits<double>::infinity()), InputError);
}

TEST_CASE("requantization rounds half away from zero and saturates") {
  const Requantization half = make_requantization(0.5);
  CHECK(requantize(1, half) == 1);
  CHECK(requantize(-1, half) == -1);
  CHECK(requantize(3, half) == 2);
  CHECK(requantize(-3, half) == -2);
  CHECK(requantize(253, half) == 127);  // 126.5
  CHECK(requantize(254, half) == 127);
  CHECK(requantize(255, half) == 127);    // 127.5 -> 128 -> 127
  CHECK(requantize(-255, half) == -128);  // -127.5 -> -128
  CHECK(requantize(-256, half) == -128);
  CHECK(requantize(-258, half) == -128);
  CHECK(requantize(kMax, half) == 127);
  CHECK(requantize(kMin, half) == -128);
  CHECK(requantize(kMax, Requantization{kMax, 0}) == 127);
  CHECK(requantize(kMin, Requantization{kMax, 0}) == -128);
  CHECK(requantize(kMin, make_requantization(std::ldexp(1.0, -32))) == -1);  // exactly -0.5
  CHECK(requantize(kMax, make_requantization(std::ldexp(1.0, -32))) == 0);   // just below 0.5
  CHECK(requantize(kMin, Requantization{}) == 0);
  CHECK(requantize(1000, make_requantization(0.1)) == 100);
  CHECK(requantize(-1235, make_requantization(0.1)) == -123);  // the mantissa lies below 0.1, so this is no tie
}

TEST_CASE("requantization equals exact arithmetic on random operands") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const double factor =
        std::ldexp(std::uniform_real_distribution<>(0.5, 1.0)(random), std::uniform_int_distribution<>(-31, 2)(random));
    const Requantization by = make_requantization(factor);
    CHECK(std::fabs(std::ldexp(by.mantissa, -by.shift) / factor - 1) <= std::ldexp(1.0, -31));
    const auto accumulator = static_cast<std::int32_t>(random());
    // long double holds the 62-bit product exactly.
    const long double exact = std::roundl(ldexpl(static_cast<long double>(accumulator) * by.mantissa, -by.shift));
    const long double bounded = exact < -128 ? -128 : exact > 127 ? 127 : exact;
    CHECK(requantize(accumulator, by) == static_cast<int>(bounded));
  }
}

TEST_CASE("scales take the largest magnitude to 127") {
  const float values[] = {0.5f, -2.54f, 1.0f};
  CHECK(max_abs(values, 3) == 2.54f);
  CHECK(max_abs(values, 0) == 0);
  CHECK(int8_scale(2.54f) == 2.54f / 127);
  CHECK(weight_scale(2.54f, 8) == 2.54f / 127);
  CHECK(weight_scale(2.54f, 4) == 2.54f / 7);
  CHECK(int8_scale(0) == 1);
  CHECK(int8_scale(std::numeric_limits<float>::denorm_min()) == 1);  // the quotient would be zero
}

TEST_CASE("quantization rounds ties away from zero, weights to -127..127 or -7..7, activations to -128..127") {
  const std::vector<float> values = {0.5f,   -0.5f,  1.5f,  -1.5f,   0.49999997f, -0.49999997f, 126.5f,
                                     127.4f, 127.5f, 1e30f, -127.4f, -127.5f,     -128.5f,      -1e30f};
  std::vector<std::int8_t> out(values.size());
  quantize_weights(values.data(), values.size(), 1.0f, out.data());
  CHECK(out == std::vector<std::int8_t>{1, -1, 2, -2, 0, 0, 127, 127, 127, 127, -127, -127, -127, -127});
  quantize_weights(values.data(), values.size(), 1.0f, out.data(), 4);
  CHECK(out == std::vector<std::int8_t>{1, -1, 2, -2, 0, 0, 7, 7, 7, 7, -7, -7, -7, -7});
  quantize_activations(values.data(), values.size(), 1.0f, out.data());
  CHECK(out == std::vector<std::int8_t>{1, -1, 2, -2, 0, 0, 127, 127, 127, 127, -127, -128, -128, -128});
}

TEST_CASE("quantization equals libm's round on random values") {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> values(-140, 140);
  for (int i = 0; i < 20000; ++i) {
    const float x = i % 2 == 0 ? values(random) : std::round(values(random) * 2) / 2;
    std::int8_t weight = 0;
    quantize_weights(&x, 1, 0.75f, &weight);
    CHECK(weight == static_cast<int>(std::fmax(-127.0f, std::fmin(127.0f, std::round(x / 0.75f)))));
  }
}

}  // namespace
}  // namespace flexcim

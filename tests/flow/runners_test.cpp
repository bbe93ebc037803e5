#include "flow/model/capture_runner.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/golden.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/quantize.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace flexcim;

namespace {

Matrix<float> random_input(std::size_t tokens, std::size_t in, std::mt19937& random) {
  Matrix<float> x(tokens, in);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(random() % 2001) / 500.0f - 2.0f;
  return x;
}

PackedLinear random_linear(const std::string& name, Pattern pattern, int out, int in, std::mt19937& random) {
  Matrix<std::int8_t> weights(out, in);
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < in; ++i) {
      if (i % pattern.m < pattern.n) weights(o, i) = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    }
  }
  PackedLinear packed = pack_int8(weights, pattern, name);
  packed.name = name;
  for (float& scale : packed.scales) scale = 0.001f * static_cast<float>(1 + random() % 9);
  return packed;
}

}  // namespace

TEST_CASE("int8 runner: quantizes, multiplies exactly, scales, statically or per token") {
  std::mt19937 random(1);
  const LinearInfo info{"l", 0, 0, 7, 18};
  const Matrix<float> x = random_input(5, 18, random);
  for (const float static_scale : {0.01f, 0.0f}) {  // 0.01: activations beyond 1.27 saturate
    PackedLinear linear = random_linear("l", {2, 4}, 7, 18, random);
    linear.activation_scale = static_scale;
    Int8Runner runner({linear});
    CHECK(runner.activation_scale(info) == static_scale);
    Matrix<float> y(5, 7);
    runner.run(info, x, y);
    const Matrix<std::int8_t> weights = unpack(linear);
    for (std::size_t t = 0; t < 5; ++t) {
      const float scale = static_scale != 0 ? static_scale : int8_scale(max_abs(x.row(t), 18));
      for (std::size_t o = 0; o < 7; ++o) {
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < 18; ++i) {
          const long rounded = std::lround(static_cast<double>(x(t, i) / scale));
          sum += static_cast<std::int32_t>(std::min(127l, std::max(-128l, rounded))) * weights(o, i);
        }
        REQUIRE(y(t, o) == dequantize(sum, scale, linear.scales[o]));
      }
    }
  }
}

TEST_CASE("capture runner: keeps the int8 inputs and sums of the chosen linears and changes nothing") {
  std::mt19937 random(2);
  const LinearInfo a{"a", 0, 0, 3, 8}, b{"b", 0, 1, 4, 8};
  PackedLinear packed_a = random_linear("a", {1, 1}, 3, 8, random);
  packed_a.activation_scale = 0.02f;
  const std::vector<PackedLinear> linears{packed_a, random_linear("b", {1, 2}, 4, 8, random)};
  Int8Runner plain(linears);
  CaptureRunner runner(linears, {"a"});
  CHECK(runner.captured("a").input.values.rows() == 0);
  const Matrix<float> first = random_input(2, 8, random), second = random_input(3, 8, random);
  for (const Matrix<float>* x : {&first, &second}) {
    Matrix<float> direct(x->rows(), 3), through(x->rows(), 3), other(x->rows(), 4);
    plain.run(a, *x, direct);
    runner.run(a, *x, through);
    runner.run(b, *x, other);
    CHECK(through == direct);
  }
  const QuantizedInput& captured = runner.captured("a").input;
  REQUIRE((captured.values.rows() == 5 && captured.values.cols() == 8));
  CHECK(captured.scales == std::vector<float>(5, 0.02f));
  for (std::size_t t = 0; t < 5; ++t) {
    std::vector<std::int8_t> expected(8);
    quantize_activations(t < 2 ? first.row(t) : second.row(t - 2), 8, 0.02f, expected.data());
    CHECK(std::vector<std::int8_t>(captured.values.row(t), captured.values.row(t) + 8) == expected);
  }
  CHECK(runner.captured("a").sums == golden_gemm(unpack(packed_a), captured.values));
  CHECK_THROWS_AS(runner.captured("b"), std::out_of_range);
}

TEST_CASE("float runner: runs other weights where they are given") {
  const Scratch scratch;
  tiny_llama(3).write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  FloatRunner doubled(*model, [&](const LinearInfo& linear) {
    Matrix<float> weights = model->weights(linear);
    for (std::size_t i = 0; i < weights.size(); ++i) weights.data()[i] *= 2;
    return weights;
  });
  FloatRunner plain(*model);
  std::mt19937 random(3);
  const LinearInfo& linear = model->linears()[4];
  const Matrix<float> x = random_input(3, linear.in, random);
  Matrix<float> once(3, linear.out), twice(3, linear.out);
  plain.run(linear, x, once);
  doubled.run(linear, x, twice);
  for (std::size_t i = 0; i < once.size(); ++i) CHECK(twice.data()[i] == 2 * once.data()[i]);
}

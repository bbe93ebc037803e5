// Attention with int8 products against that in float, and that nothing of it depends on how a sequence is cut.
#include "flow/model/int8_attention.h"

#include "flow/base/error.h"
#include "flow/model/attention.h"
#include "flow/model/float_runner.h"
#include "flow/model/golden.h"
#include "flow/model/load_model.h"
#include "flow/pack/quantize.h"
#include "tests/flow/reference.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

using namespace flexcim;

namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

Matrix<float> random_rows(std::mt19937& random, std::size_t rows, std::size_t cols) {
  std::normal_distribution<float> normal(0.0f, 1.0f);
  Matrix<float> matrix(rows, cols);
  for (std::size_t i = 0; i < matrix.size(); ++i) matrix.data()[i] = normal(random);
  return matrix;
}

/// What is told to it, by class.
class Told : public LinearRunner {
 public:
  void run(const LinearInfo&, MatrixView<const float>, MatrixView<float>) override {}
  std::array<std::uint64_t, kOperatorClasses> units{};
  MemoryUse attention_use;

  std::uint64_t of(OperatorClass operators) const { return units[static_cast<std::size_t>(operators)]; }

 private:
  void count(OperatorClass operators, std::uint64_t more, const MemoryUse& use) override {
    units[static_cast<std::size_t>(operators)] += more;
    if (operators != OperatorClass::attention) return;
    attention_use.read += use.read;
    attention_use.written += use.written;
  }
};

/// The golden products, counted, with or without overlap.
class Counted : public GoldenAttention {
 public:
  explicit Counted(bool overlaps) : overlaps_(overlaps) {}
  void start(const AttentionTask& task, Matrix<std::int8_t> inputs) override {
    GoldenAttention::start(task, std::move(inputs));
    most_ = std::max(most_, ++begun_);
    ++all_;
  }
  Matrix<std::int32_t> finish() override {
    --begun_;
    return GoldenAttention::finish();
  }
  bool overlaps() const override { return overlaps_; }
  int most() const { return most_; }
  int all() const { return all_; }
  int begun() const { return begun_; }

 private:
  const bool overlaps_;
  int begun_ = 0, most_ = 0, all_ = 0;
};

/// Queries, keys and values of a sequence: eight heads of 16 over two.
struct Sequence {
  static constexpr std::size_t heads = 8, kv_heads = 2, head = 16;
  Matrix<float> queries, keys, values;

  explicit Sequence(std::size_t tokens, unsigned seed = 5) {
    std::mt19937 random(seed);
    queries = random_rows(random, tokens, heads * head);
    keys = random_rows(random, tokens, kv_heads * head);
    values = random_rows(random, tokens, kv_heads * head);
  }
  std::size_t tokens() const { return queries.rows(); }

  Matrix<float> in_float(std::size_t window = kAll) const {
    KeyValueCache cache(kv_heads, head);
    cache.append(keys, values);
    Matrix<float> out(tokens(), heads * head);
    cache.attend(queries, out, window);
    return out;
  }
  /// In pieces of `piece` tokens.
  Matrix<float> in_int8(std::size_t piece, Counted& products, LinearRunner& runner, std::size_t window = kAll) const {
    Int8Cache cache(kv_heads, head);
    Matrix<float> out(tokens(), heads * head);
    for (std::size_t first = 0; first < tokens(); first += piece) {
      const std::size_t count = std::min(piece, tokens() - first);
      const auto rows = [&](const Matrix<float>& all) { return all.view().row_range(first, count); };
      cache.append("test:", rows(keys), rows(values));
      products.appended(cache, count);
      attend_int8("test:", cache, rows(queries), out.view().row_range(first, count), window, products, runner);
    }
    return out;
  }
};

/// |a - b| / |b|
double distance(const Matrix<float>& a, const Matrix<float>& b) {
  double error = 0, square = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += std::pow(static_cast<double>(a.data()[i]) - b.data()[i], 2);
    square += std::pow(static_cast<double>(b.data()[i]), 2);
  }
  return std::sqrt(error / square);
}

}  // namespace

TEST_CASE("A cache holds each key and value in int8 with a scale of its own") {
  const Sequence sequence(5);
  Int8Cache cache(Sequence::kv_heads, Sequence::head);
  cache.append("test:", sequence.keys, sequence.values);
  REQUIRE(cache.length() == 5);
  std::vector<std::int8_t> expected(Sequence::head);
  for (std::size_t t = 0; t < 5; ++t) {
    for (std::size_t h = 0; h < Sequence::kv_heads; ++h) {
      const float* const row = sequence.values.row(t) + h * Sequence::head;
      const float scale = int8_scale(max_abs(row, Sequence::head));
      CHECK(cache.value_scales(h)[t] == scale);
      quantize_weights(row, Sequence::head, scale, expected.data());
      for (std::size_t i = 0; i < Sequence::head; ++i) {
        CHECK(cache.values(h)(t, i) == expected[i]);
        CHECK(attention_weights(cache, {AttentionProduct::weighted_values, h, t + 1})(i, t) == expected[i]);
        CHECK(attention_weights(cache, {AttentionProduct::scores, h, t + 1})(t, i) == cache.keys(h)(t, i));
      }
    }
  }
}

TEST_CASE("Attention in int8 is near that in float, with and without a window") {
  const Sequence sequence(150);  // more than the queries of a product
  Told told;
  for (const std::size_t window : {kAll, std::size_t{9}, std::size_t{1}}) {
    CAPTURE(window);
    Counted products(false);
    const double error = distance(sequence.in_int8(150, products, told, window), sequence.in_float(window));
    CHECK(error > 1e-4);
    CHECK(error < 0.02);
    CHECK(products.all() == 2 * 2 * 2);  // two heads, two pieces of queries, two products
  }
}

TEST_CASE("Attention in int8 is the same to the bit in pieces and where products overlap") {
  const Sequence sequence(140);
  Told told;
  for (const std::size_t window : {kAll, std::size_t{9}}) {
    Counted serial(false), pieces(false), tokens(false), overlapped(true);
    const Matrix<float> whole = sequence.in_int8(140, serial, told, window);
    CHECK(sequence.in_int8(33, pieces, told, window) == whole);
    CHECK(sequence.in_int8(1, tokens, told, window) == whole);
    CHECK(sequence.in_int8(140, overlapped, told, window) == whole);
    CHECK(serial.most() == 1);
    CHECK(overlapped.most() == 3);
    CHECK(overlapped.begun() == 0);
  }
}

TEST_CASE("Attention in int8 tells what the host computes for it") {
  const Sequence sequence(10);
  Told told;
  Counted products(false);
  sequence.in_int8(10, products, told, 4);
  constexpr std::uint64_t heads = Sequence::heads, head = Sequence::head;
  constexpr std::uint64_t scores = heads * (1 + 2 + 3 + 4 * 7);
  CHECK(told.of(OperatorClass::softmax) == scores);
  CHECK(told.of(OperatorClass::elementwise) == scores);
  CHECK(told.of(OperatorClass::quantize) == 10 * heads * head + scores);
  CHECK(told.of(OperatorClass::dequantize) == 10 * heads * head + scores);
  CHECK(told.of(OperatorClass::attention) == 0);
  CHECK(told.attention_use.read == 10);
  CHECK(told.attention_use.written == 10);
}

TEST_CASE("A query key or value that is not finite is named") {
  const auto error = [](Matrix<float> Sequence::*which) {
    Sequence sequence(4);
    (sequence.*which)(2, 3) = std::numeric_limits<float>::quiet_NaN();
    Told told;
    Counted products(false);
    try {
      sequence.in_int8(4, products, told);
    } catch (const InputError& found) {
      return std::string(found.what());
    }
    return std::string("none");
  };
  CHECK(error(&Sequence::queries) == "test: queries: token 2, column 3 is NaN");
  CHECK(error(&Sequence::keys) == "test: keys: token 2, column 3 is NaN");
  CHECK(error(&Sequence::values) == "test: values: token 2, column 3 is NaN");
}

TEST_CASE("A model whose attention has int8 products gives the same bits in pieces") {
  const Scratch scratch;
  tiny_llama(17).write(scratch.str());
  const auto model = load_model(scratch.str());
  class Runner : public FloatRunner {
   public:
    using FloatRunner::FloatRunner;
    std::unique_ptr<AttentionProducts> attention(int) override { return std::make_unique<GoldenAttention>(); }
  };
  const std::vector<int> tokens = random_tokens(20);
  const auto logits = [&](LinearRunner& runner, std::size_t piece) {
    std::vector<std::unique_ptr<BlockState>> states;
    for (int block = 0; block < model->blocks(); ++block) states.push_back(model->new_state(block));
    std::vector<float> all;
    for (std::size_t first = 0; first < tokens.size(); first += piece) {
      const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(first);
      Matrix<float> x = model->embed({begin, begin + static_cast<std::ptrdiff_t>(piece)});
      for (int block = 0; block < model->blocks(); ++block) {
        model->run_block(block, x, *states[static_cast<std::size_t>(block)], runner);
      }
      all.insert(all.end(), x.data(), x.data() + x.size());
    }
    return all;
  };
  Runner int8(*model);
  FloatRunner in_float(*model);
  const std::vector<float> whole = logits(int8, 20);
  CHECK(logits(int8, 5) == whole);
  CHECK(logits(int8, 1) == whole);
  CHECK(logits(in_float, 20) != whole);
}

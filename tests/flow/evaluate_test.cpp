#include "flow/model/evaluate.h"

#include "flow/base/error.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

/// -log2 of the probability of `next` after `tokens`, in double.
double bits_after(const LanguageModel& model, const std::vector<int>& tokens, int next) {
  FloatRunner runner(model);
  const Matrix<float> logits = sequence_logits(model, runner, tokens, tokens.size() - 1);
  double total = 0;
  for (std::size_t v = 0; v < logits.cols(); ++v) total += std::exp(static_cast<double>(logits(0, v)));
  return std::log2(total) - logits(0, next) / std::log(2.0);
}

}  // namespace

TEST_CASE("bits per token: every token once, in the first window that reaches it") {
  const Scratch scratch;
  tiny_llama(10).write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  FloatRunner runner(*model);
  std::mt19937 random(11);
  const int context = 8;
  for (const std::size_t length : {2, 7, 8, 9, 12, 13, 31}) {
    std::vector<int> tokens;
    for (std::size_t i = 0; i < length; ++i) tokens.push_back(static_cast<int>(random() % 50));
    double expected = 0;
    for (std::size_t t = 1; t < length; ++t) {
      std::size_t begin = 0;
      while (begin + context <= t) begin += context / 2;  // windows [0,8), [4,12), [8,16)...
      expected += bits_after(*model, {tokens.begin() + begin, tokens.begin() + t}, tokens[t]);
    }
    expected /= static_cast<double>(length - 1);
    int calls = 0, last = 0, total = 0;
    const double found = bits_per_token(*model, runner, {tokens}, context, 1, [&](int done, int all) {
      ++calls;
      last = done;
      total = all;
    });
    CHECK(found == Approx(expected).epsilon(1e-12));
    CHECK((calls == total && last == total));
    CHECK(total == static_cast<int>(length <= 8 ? 1 : 1 + (length - 8 + 3) / 4));
    CHECK(bits_per_token(*model, runner, {tokens}, context, 2) == found);
    CHECK(bits_per_token(*model, runner, {tokens}, context, 5) == found);
  }
}

TEST_CASE("bits per token: sequences know nothing of each other") {
  const Scratch scratch;
  tiny_llama(12).write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  FloatRunner runner(*model);
  const std::vector<std::vector<int>> rows{{3, 1, 4, 1, 5}, {9, 2, 6}, {5}, {3, 5}};
  double expected = 0;
  int scored = 0;
  for (const std::vector<int>& row : rows) {
    for (std::size_t t = 1; t < row.size(); ++t, ++scored) {
      const std::size_t begin = t < 4 ? 0 : 2;  // windows [0,4), [2,6)
      expected += bits_after(
          *model, {row.begin() + static_cast<std::ptrdiff_t>(begin), row.begin() + static_cast<std::ptrdiff_t>(t)},
          row[t]);
    }
  }
  CHECK(scored == 4 + 2 + 0 + 1);
  CHECK(bits_per_token(*model, runner, rows, 4, 1) == Approx(expected / scored).epsilon(1e-12));
  CHECK(bits_per_token(*model, runner, rows, 4, 3) == bits_per_token(*model, runner, rows, 4, 1));
  // Run together they would be 11 tokens, of which 10 are scored.
  CHECK(bits_per_token(*model, runner, {{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5}}, 4, 1) !=
        Approx(expected / scored).epsilon(1e-3));
}

TEST_CASE("bits per token: bad texts and contexts are refused") {
  const Scratch scratch;
  tiny_llama(10).write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  FloatRunner runner(*model);
  const auto error = [&](const std::vector<int>& tokens, int context) {
    return message_of<InputError>([&] { bits_per_token(*model, runner, {tokens}, context, 2); });
  };
  CHECK(error({1, 2}, 0).empty());
  CHECK_THAT(error({}, 0), Contains("at least two tokens"));
  CHECK_THAT(error({1}, 0), Contains("at least two tokens"));
  CHECK_THAT(error({1, 2}, 1), Contains("a context of 1 tokens"));
  CHECK_THAT(error({1, 2}, 65), Contains("a context of 65 tokens is outside the model's 2 to 64"));
  CHECK_THAT(error({1, 50}, 0), Contains("token 1 is outside"));
  CHECK_THAT(error({50, 1}, 0), Contains("token 0 is 50"));
}

#include "flow/model/generate.h"

#include "flow/base/error.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "tests/flow/tiny_model.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

/// A FloatRunner that adds up what it is told of.
class CountingRunner : public LinearRunner {
 public:
  explicit CountingRunner(const LanguageModel& model) : inner_(model) {}
  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override {
    inner_.run(linear, x, y);
  }
  std::uint64_t of(OperatorClass operators) const { return units_[static_cast<std::size_t>(operators)]; }
  std::uint64_t read(OperatorClass operators) const { return read_[static_cast<std::size_t>(operators)]; }
  std::uint64_t written(OperatorClass operators) const { return written_[static_cast<std::size_t>(operators)]; }

 private:
  void count(OperatorClass operators, std::uint64_t units, const MemoryUse& use) override {
    units_[static_cast<std::size_t>(operators)] += units;
    read_[static_cast<std::size_t>(operators)] += use.read;
    written_[static_cast<std::size_t>(operators)] += use.written;
  }

  FloatRunner inner_;
  std::array<std::uint64_t, kOperatorClasses> units_{}, read_{}, written_{};
};

}  // namespace

TEST_CASE("generate: each token is the likeliest after all before it, read anew as one sequence") {
  for (const TinyModel& tiny : {tiny_llama(21), tiny_mamba(22)}) {
    const Scratch scratch;
    tiny.write(scratch.str());
    const auto model = load_model(scratch.str());
    FloatRunner runner(*model);
    std::vector<int> sequence{3, 14, 15, 9};
    std::vector<int> told;
    const std::vector<int> tokens =
        generate_greedy(*model, runner, sequence, 12, {}, [&](int n) { told.push_back(n); });
    REQUIRE(tokens.size() == 12);
    CHECK(told == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    for (const int token : tokens) {
      const Matrix<float> logits = sequence_logits(*model, runner, sequence, sequence.size() - 1);
      const float* likeliest = std::max_element(logits.data(), logits.data() + logits.size());
      REQUIRE(token == likeliest - logits.data());
      sequence.push_back(token);
    }
  }
}

TEST_CASE("generate: the runner hears of every operator of a Llama") {
  const Scratch scratch;
  tiny_llama(23).write(scratch.str());
  const auto model = load_model(scratch.str());
  CountingRunner runner(*model);
  generate_greedy(*model, runner, {1, 2, 3}, 2);
  // Two layers; three tokens read, then one; hidden 20, 4 heads of 6 over 2 key/value heads, intermediate 27, 50 ids.
  const std::uint64_t layers = 2, read = 3 + 1;
  CHECK(runner.of(OperatorClass::embedding) == read * 20);
  CHECK(runner.of(OperatorClass::norm) == layers * 2 * read * 20 + 2 * 20);
  CHECK(runner.of(OperatorClass::rope) == layers * read * (4 * 6 + 2 * 6));
  const std::uint64_t scores = layers * 4 * ((1 + 2 + 3) + 4);  // the token at position p sees p + 1
  CHECK(runner.of(OperatorClass::softmax) == scores);
  CHECK(runner.of(OperatorClass::attention) == scores * (6 + 6));
  CHECK(runner.of(OperatorClass::activation) == layers * read * 27);
  CHECK(runner.of(OperatorClass::elementwise) == layers * read * (20 + 27 + 20));
  CHECK(runner.of(OperatorClass::head) == 2 * 20 * 50);
  CHECK(runner.of(OperatorClass::convolution) + runner.of(OperatorClass::scan) == 0);
  // Rows of 20 for embedding and head; of the cache what each token adds, and what it sees.
  CHECK(runner.read(OperatorClass::embedding) == read);
  CHECK(runner.read(OperatorClass::head) == 2 * 50);
  CHECK(runner.written(OperatorClass::attention) == layers * read);
  CHECK(runner.read(OperatorClass::attention) == layers * ((1 + 2 + 3) + 4));
  CHECK(model->sequence_memory().cache.rows == 2 * 2);
  CHECK(model->sequence_memory().cache.values == 6);
  CHECK(model->sequence_memory().state == 0);
}

TEST_CASE("generate: the runner hears of every operator of a Mamba") {
  const Scratch scratch;
  tiny_mamba(24).write(scratch.str());
  const auto model = load_model(scratch.str());
  CountingRunner runner(*model);
  generate_greedy(*model, runner, {1, 2, 3}, 2);
  // Two layers; three tokens read, then one; hidden 20, 37 channels, 3 states, 4 taps, 50 ids.
  const std::uint64_t layers = 2, read = 3 + 1;
  CHECK(runner.of(OperatorClass::embedding) == read * 20);
  CHECK(runner.of(OperatorClass::norm) == layers * read * 20 + 2 * 20);
  CHECK(runner.of(OperatorClass::convolution) == layers * read * 37 * 4);
  CHECK(runner.of(OperatorClass::scan) == layers * read * 37 * 3);
  CHECK(runner.of(OperatorClass::activation) == layers * read * 3 * 37);  // after the convolution, steps, gate
  CHECK(runner.of(OperatorClass::elementwise) == layers * read * (37 + 20));
  CHECK(runner.of(OperatorClass::head) == 2 * 20 * 50);
  CHECK(runner.of(OperatorClass::attention) + runner.of(OperatorClass::softmax) == 0);
  // The state of both comes and goes once for all tokens of a pass, of which there are two.
  CHECK(runner.read(OperatorClass::convolution) == 2 * layers * 37 * 3);
  CHECK(runner.written(OperatorClass::convolution) == 2 * layers * 37 * 3);
  CHECK(runner.read(OperatorClass::scan) == 2 * layers * 37 * 3);
  CHECK(runner.written(OperatorClass::scan) == 2 * layers * 37 * 3);
  CHECK(model->sequence_memory().cache.rows == 0);
  CHECK(model->sequence_memory().state == 37 * (3 + 3));
}

TEST_CASE("generate: no prompt, no room, no such token") {
  const Scratch scratch;
  tiny_llama(25).write(scratch.str());
  const auto model = load_model(scratch.str());  // a context of 64
  FloatRunner runner(*model);
  CHECK_THROWS_WITH(generate_greedy(*model, runner, {}, 1), Catch::Contains("prompt is empty"));
  CHECK_THROWS_WITH(generate_greedy(*model, runner, std::vector<int>(60), 5),
                    Catch::Contains("60 tokens and 5 more exceed the model's context of 64"));
  CHECK_THROWS_AS(generate_greedy(*model, runner, {50}, 1), InputError);
  CHECK(generate_greedy(*model, runner, std::vector<int>(60), 4).size() == 4);
}

TEST_CASE("generate: the text ends with the first end-of-text token") {
  for (const TinyModel& tiny : {tiny_llama(26), tiny_mamba(27)}) {
    const Scratch scratch;
    tiny.write(scratch.str());
    const auto model = load_model(scratch.str());
    FloatRunner runner(*model);
    const std::vector<int> prompt{3, 14, 15, 9};
    const std::vector<int> whole = generate_greedy(*model, runner, prompt, 12);
    for (std::size_t last = 0; last < whole.size(); ++last) {
      const auto first = std::find(whole.begin(), whole.end(), whole[last]) + 1;
      int told = 0;
      const std::vector<int> tokens =
          generate_greedy(*model, runner, prompt, 12, {1000, whole[last]}, [&](int n) { told = n; });
      CHECK(tokens == std::vector<int>(whole.begin(), first));
      CHECK(told == static_cast<int>(tokens.size()));
    }
    // A token of the prompt ends nothing.
    CHECK(generate_greedy(*model, runner, prompt, 12, {1000}) == whole);
  }
}

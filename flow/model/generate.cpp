#include "flow/model/generate.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/model/evaluate.h"

#include <algorithm>

namespace flexcim {
namespace {

using Product = std::uint64_t;

/// The logits after the last of `tokens`, which follow those that the states have seen.
Matrix<float> next_logits(const LanguageModel& model, LinearRunner& runner, const std::vector<int>& tokens,
                          const std::vector<std::unique_ptr<BlockState>>& states) {
  const Product hidden = static_cast<Product>(model.hidden());
  Matrix<float> x = model.embed(tokens);
  runner.on_operator(OperatorClass::embedding, x.size(), {x.rows(), 0});
  for (int block = 0; block < model.blocks(); ++block) {
    model.run_block(block, x, *states[static_cast<std::size_t>(block)], runner);
  }
  const MatrixView<const float> last = MatrixView<const float>(x).row_range(tokens.size() - 1, 1);
  if (model.final_norm()) runner.on_operator(OperatorClass::norm, hidden);
  if (runner.runs_head()) {
    Matrix<float> logits(1, static_cast<std::size_t>(model.vocabulary()));
    runner.run(head_linear(model), model.normalised(last), logits);
    return logits;
  }
  const auto vocabulary = static_cast<Product>(model.vocabulary());
  runner.on_operator(OperatorClass::head, hidden * vocabulary, {vocabulary, 0});
  return model.logits(last);
}

}  // namespace

std::vector<int> generate_greedy(const LanguageModel& model, LinearRunner& runner, const std::vector<int>& prompt,
                                 int count, const std::vector<int>& ends, const std::function<void(int)>& on_token) {
  if (prompt.empty()) throw InputError("the prompt is empty: a model needs at least one token to go on from");
  if (prompt.size() + static_cast<std::size_t>(count) > static_cast<std::size_t>(model.context())) {
    throw InputError("a prompt of " + std::to_string(prompt.size()) + " tokens and " + std::to_string(count) +
                     " more exceed the model's context of " + std::to_string(model.context()));
  }
  std::vector<std::unique_ptr<BlockState>> states;
  states.reserve(static_cast<std::size_t>(model.blocks()));
  for (int block = 0; block < model.blocks(); ++block) states.push_back(model.new_state(block));
  std::vector<int> tokens;
  std::vector<int> input = prompt;
  bool ended = false;
  while (!ended && static_cast<int>(tokens.size()) < count) {
    const Matrix<float> logits = naming_not_finite("step " + std::to_string(tokens.size()) + " of the generation",
                                                   [&] { return next_logits(model, runner, input, states); });
    require_finite_logits(logits, tokens.size());
    const float* likeliest = std::max_element(logits.data(), logits.data() + logits.size());
    tokens.push_back(static_cast<int>(likeliest - logits.data()));
    if (on_token) on_token(static_cast<int>(tokens.size()));
    ended = std::find(ends.begin(), ends.end(), tokens.back()) != ends.end();
    input = {tokens.back()};
  }
  return tokens;
}

}  // namespace flexcim

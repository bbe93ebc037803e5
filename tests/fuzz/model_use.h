// What is done with a model, whatever is in it.
#pragma once

#include "flow/model/language_model.h"
#include "tests/fuzz/target.h"

#include <vector>

namespace flexcim::fuzz {

/// Runs two tokens through a small model; refuses by InputError what is not finite.
inline void run_model(const LanguageModel& model, LinearRunner& runner) {
  constexpr int kLargest = 1 << 12;  // beyond it is time, not new code
  if (model.hidden() > kLargest || model.vocabulary() > kLargest || model.blocks() > 8) return;
  Matrix<float> x = model.embed(std::vector<int>(std::min(model.context(), 2), 0));
  for (int block = 0; block < model.blocks(); ++block) {
    const auto state = model.new_state(block);
    model.run_block(block, x, *state, runner);
  }
  model.logits(x);
}

}  // namespace flexcim::fuzz

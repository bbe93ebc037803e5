// Text from a language model.
#pragma once

#include "flow/model/language_model.h"

#include <functional>
#include <vector>

namespace flexcim {

/// Greedy decoding of at most `count` >= 1 tokens: the prompt is read as one sequence (prefill) and gives the first;
/// each further one takes a step with the token before it (decode). The likeliest token is taken, the lowest id of
/// equals. The text ends with the first token that is among `ends` (end_tokens) and includes it. `runner` is told of
/// embedding, final norm and head, too, or runs the head (LinearRunner::runs_head). `on_token` is called after each
/// token with their number so far. Throws InputError for an empty prompt, an id outside the vocabulary, prompt.size() +
/// count above model.context(), and, naming the first place, where an input of a linear or a logit is not finite.
std::vector<int> generate_greedy(const LanguageModel& model, LinearRunner& runner, const std::vector<int>& prompt,
                                 int count, const std::vector<int>& ends = {},
                                 const std::function<void(int)>& on_token = {});

}  // namespace flexcim

// How well a model predicts a text.
#pragma once

#include "flow/model/language_model.h"

#include <cstddef>
#include <functional>
#include <vector>

namespace flexcim {

/// The logits of a sequence from its start, positions [first, tokens.size()) of them: (tokens.size() - first) x
/// vocabulary.
Matrix<float> sequence_logits(const LanguageModel& model, LinearRunner& runner, const std::vector<int>& tokens,
                              std::size_t first = 0);

/// What predicting tokens 1, 2... of a sequence costs in all, in bits: the sum of -log2 of their probabilities.
/// `hidden` (tokens x hidden) is what the last block has left of it. Throws as require_finite_logits does.
double sequence_bits(const LanguageModel& model, MatrixView<const float> hidden, const std::vector<int>& tokens);

/// Throws NotFiniteError naming token and id for the first logit (tokens x vocabulary) that is not finite; the first
/// row is that of token `first`.
void require_finite_logits(MatrixView<const float> logits, std::size_t first);

/// The mean of -log2 of the probability that the model gives to a token, over all tokens but the first of each
/// sequence: bits per byte where tokens are bytes; perplexity is 2 to that power. Windows of `context` tokens of a
/// sequence start context/2 apart, and a window scores the tokens that no earlier one did: each token is scored once,
/// with at least context/2 tokens before it (fewer in the sequence's first window).
///
/// Windows are spread over `threads` threads (0: one per processor) that share `runner`, which must allow that; the
/// result is the same to the bit for any number of threads. context is 2..model.context(), 0 for the latter. `progress`
/// is told after each window how many of how many are done, by one thread at a time. Throws InputError where no
/// sequence has two tokens, for a bad context, an id outside the vocabulary, and, naming the first place (and the row,
/// where there are several sequences), where an input of a linear or a logit is not finite.
double bits_per_token(const LanguageModel& model, LinearRunner& runner, const std::vector<std::vector<int>>& sequences,
                      int context, int threads, const std::function<void(int, int)>& progress = {});

}  // namespace flexcim

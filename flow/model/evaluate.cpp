#include "flow/model/evaluate.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>

namespace flexcim {
namespace {

/// Tokens [begin, end) of a sequence, of which those from `fresh` on are scored.
struct Window {
  std::size_t row = 0;  ///< of the sequence
  std::size_t begin = 0;
  std::size_t fresh = 0;
  std::size_t end = 0;
};

void cut(std::size_t row, std::size_t tokens, std::size_t context, std::vector<Window>& windows) {
  std::size_t begin = 0;
  for (std::size_t done = 1; done < tokens; done = windows.back().end, begin += context / 2) {
    windows.push_back({row, begin, done, std::min(begin + context, tokens)});
  }
}

/// -log2 softmax(logits)[token]
double bits(const float* logits, std::size_t vocabulary, int token) {
  const double largest = *std::max_element(logits, logits + vocabulary);
  double total = 0;
  for (std::size_t v = 0; v < vocabulary; ++v) total += std::exp(logits[v] - largest);
  return (std::log(total) - (logits[token] - largest)) / std::log(2.0);
}

/// The logits of a window, from that of position fresh - 1 on, which predicts its first fresh token.
Matrix<float> window_logits(const LanguageModel& model, LinearRunner& runner, const std::vector<int>& tokens,
                            const Window& window) {
  // The last token of a window is only predicted; position i predicts token i + 1.
  const std::vector<int> inputs(tokens.begin() + static_cast<std::ptrdiff_t>(window.begin),
                                tokens.begin() + static_cast<std::ptrdiff_t>(window.end - 1));
  return naming_not_finite("window from token " + std::to_string(window.begin),
                           [&] { return sequence_logits(model, runner, inputs, window.fresh - 1 - window.begin); });
}

/// What `body` returns; where there are several rows, a NotFiniteError of it names this one.
template <class Body>
auto naming_row(std::size_t rows, std::size_t row, const Body& body) {
  return rows > 1 ? naming_not_finite("row " + std::to_string(row), body) : body();
}

}  // namespace

void require_finite_logits(MatrixView<const float> logits, std::size_t first) {
  for (std::size_t t = 0; t < logits.rows; ++t) {
    const std::size_t v = first_not_finite(logits.row(t), logits.cols);
    if (v == logits.cols) continue;
    throw NotFiniteError("the logits of token " + std::to_string(first + t) + " are not finite: that of id " +
                         std::to_string(v) + " is " + std::string(not_finite_text(logits.row(t)[v])));
  }
}

Matrix<float> sequence_logits(const LanguageModel& model, LinearRunner& runner, const std::vector<int>& tokens,
                              std::size_t first) {
  Matrix<float> x = model.embed(tokens);
  for (int block = 0; block < model.blocks(); ++block) {
    const std::unique_ptr<BlockState> state = model.new_state(block);
    model.run_block(block, x, *state, runner);
  }
  return model.logits(MatrixView<const float>(x).row_range(first, tokens.size() - first));
}

double sequence_bits(const LanguageModel& model, MatrixView<const float> hidden, const std::vector<int>& tokens) {
  constexpr std::size_t kTogether = 256;  // tokens whose logits are in memory
  double sum = 0;
  for (std::size_t first = 0; first + 1 < tokens.size(); first += kTogether) {
    const std::size_t count = std::min(kTogether, tokens.size() - 1 - first);
    const Matrix<float> logits = model.logits(hidden.row_range(first, count));
    require_finite_logits(logits, first);
    for (std::size_t t = 0; t < count; ++t) sum += bits(logits.row(t), logits.cols(), tokens[first + t + 1]);
  }
  return sum;
}

double bits_per_token(const LanguageModel& model, LinearRunner& runner, const std::vector<std::vector<int>>& sequences,
                      int context, int threads, const std::function<void(int, int)>& progress) {
  if (context == 0) context = model.context();
  if (context < 2 || context > model.context()) {
    throw InputError("a context of " + std::to_string(context) + " tokens is outside the model's 2 to " +
                     std::to_string(model.context()));
  }
  std::vector<Window> windows;
  for (std::size_t row = 0; row < sequences.size(); ++row) {
    cut(row, sequences[row].size(), static_cast<std::size_t>(context), windows);
  }
  if (windows.empty()) throw InputError("an evaluation text needs at least two tokens");
  std::vector<double> sums(windows.size());
  std::mutex mutex;
  int done = 0;
  parallel_for(threads, windows.size(), 1, [&](std::size_t w, std::size_t) {
    const Window& window = windows[w];
    const std::vector<int>& tokens = sequences[window.row];
    const Matrix<float> logits = naming_row(sequences.size(), window.row, [&] {
      Matrix<float> found = window_logits(model, runner, tokens, window);
      require_finite_logits(found, window.fresh - 1);
      return found;
    });
    for (std::size_t t = window.fresh; t < window.end; ++t) {
      if (tokens[t] < 0 || tokens[t] >= model.vocabulary()) {
        throw InputError("token " + std::to_string(t) + " is outside the model's vocabulary");
      }
      sums[w] += bits(logits.row(t - window.fresh), logits.cols(), tokens[t]);
    }
    if (progress) {
      const std::lock_guard<std::mutex> lock(mutex);
      progress(++done, static_cast<int>(windows.size()));
    }
  });
  std::size_t scored = 0;
  for (const Window& window : windows) scored += window.end - window.fresh;
  return std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(scored);
}

}  // namespace flexcim

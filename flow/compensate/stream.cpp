#include "flow/compensate/stream.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/parallel.h"
#include "flow/model/evaluate.h"

#include <algorithm>
#include <limits>
#include <string>

namespace flexcim {
namespace {

/// Thrown out of a block once the inputs that were asked for are there: the rest of the block would be for nothing.
struct Reached {
  Matrix<float> inputs;
};

/// Runs the linears of a block before a stage and throws the inputs of those in it.
class StageRunner final : public LinearRunner {
 public:
  StageRunner(const BlockWeights& weights, int stage) : weights_(weights), stage_(stage) {}

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override {
    require_finite(x, "input of linear", linear.name);
    if (linear.stage < stage_) return matmul(x, *weights_[static_cast<std::size_t>(linear.index)], y);
    Matrix<float> inputs(x.rows, x.cols);
    for (std::size_t t = 0; t < x.rows; ++t) std::copy_n(x.row(t), x.cols, inputs.row(t));
    throw Reached{std::move(inputs)};
  }

 private:
  const BlockWeights& weights_;
  int stage_;
};

std::string name_of(std::size_t sequence) { return "calibration: sequence " + std::to_string(sequence); }

}  // namespace

Stream::Stream(const LanguageModel& model, const std::vector<std::vector<int>>& sequences, int threads)
    : model_(model), threads_(threads) {
  if (sequences.empty()) throw InputError("calibration: there are no sequences");
  for (const std::vector<int>& sequence : sequences) {
    if (sequence.empty()) throw InputError("calibration: a sequence is empty");
    sequences_.push_back(&sequence);
    hidden_.push_back(model.embed(sequence));
  }
}

std::size_t Stream::tokens() const {
  std::size_t tokens = 0;
  for (const Matrix<float>& each : hidden_) tokens += each.rows();
  return tokens;
}

std::vector<Matrix<float>> Stream::inputs(int block, int stage, const BlockWeights& weights, std::size_t begin,
                                          std::size_t count) const {
  std::vector<Matrix<float>> result(std::min(count, hidden_.size() - begin));
  parallel_for(threads_, result.size(), 1, [&](std::size_t k, std::size_t) {
    Matrix<float> hidden = hidden_[begin + k];
    StageRunner runner(weights, stage);
    try {
      naming_not_finite(name_of(begin + k), [&] { model_.run_block(block, hidden, *model_.new_state(block), runner); });
    } catch (Reached& reached) {
      result[k] = std::move(reached.inputs);
    }
  });
  return result;
}

std::size_t Stream::together() const {
  constexpr std::size_t kTokens = 4096;
  return std::max<std::size_t>(1, kTokens / hidden_.front().rows());
}

Stream Stream::sample(std::size_t count) const {
  Stream part(*this);
  count = std::min(count, hidden_.size());
  part.sequences_.clear();
  part.hidden_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    part.sequences_.push_back(sequences_[i * hidden_.size() / count]);
    part.hidden_.push_back(hidden_[i * hidden_.size() / count]);
  }
  return part;
}

void Stream::advance(int block, const BlockWeights& weights) {
  parallel_for(threads_, hidden_.size(), 1, [&](std::size_t s, std::size_t) {
    StageRunner runner(weights, std::numeric_limits<int>::max());
    naming_not_finite(name_of(s), [&] { model_.run_block(block, hidden_[s], *model_.new_state(block), runner); });
  });
}

double Stream::bits_per_token() const {
  std::vector<double> bits(hidden_.size());
  parallel_for(threads_, hidden_.size(), 1, [&](std::size_t s, std::size_t) {
    naming_not_finite(name_of(s), [&] { bits[s] = sequence_bits(model_, hidden_[s], *sequences_[s]); });
  });
  double sum = 0;
  std::size_t tokens = 0;
  for (std::size_t s = 0; s < bits.size(); ++s) {
    sum += bits[s];
    tokens += sequences_[s]->size() - 1;
  }
  return tokens > 0 ? sum / static_cast<double>(tokens) : 0;
}

}  // namespace flexcim

#include "flow/compensate/stream.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/parallel.h"
#include "flow/model/evaluate.h"

#include <algorithm>
#include <string>

namespace flexcim {
namespace {

/// Runs linears with the weights of their block.
class WeightsRunner final : public LinearRunner {
 public:
  explicit WeightsRunner(const BlockWeights& weights) : weights_(weights) {}

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override {
    require_finite(x, "input of linear", linear.name);
    matmul(x, *weights_[static_cast<std::size_t>(linear.index)], y);
  }

 private:
  const BlockWeights& weights_;
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
    WeightsRunner runner(weights);
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

StreamPass::StreamPass(Stream& stream, int block)
    : stream_(stream), states_(stream.sequences()), passes_(stream.sequences()) {
  const BlockWeights none;
  parallel_for(stream.threads_, passes_.size(), 1, [&](std::size_t s, std::size_t) {
    WeightsRunner runner(none);
    states_[s] = stream.model_.new_state(block);
    naming_not_finite(name_of(s),
                      [&] { passes_[s] = stream.model_.begin_block(block, stream.hidden_[s], *states_[s], runner); });
  });
}

void StreamPass::advance(const BlockWeights& weights) {
  parallel_for(stream_.threads_, passes_.size(), 1, [&](std::size_t s, std::size_t) {
    WeightsRunner runner(weights);
    naming_not_finite(name_of(s), [&] { passes_[s]->advance(runner); });
  });
}

}  // namespace flexcim

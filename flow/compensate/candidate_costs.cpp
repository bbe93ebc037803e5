#include "flow/compensate/candidate_costs.h"

#include "flow/compensate/compensate.h"
#include "flow/compensate/gram.h"
#include "flow/compensate/stream.h"
#include "flow/model/linear_ranges.h"
#include "flow/model/matmul.h"
#include "flow/pack/pruners.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

namespace flexcim {
namespace {

/// tr(A H Aᵀ) = Σ_t |A x_t|², the squared outputs of weights A for the inputs of a Gram matrix H.
double squared_outputs(const Matrix<float>& a, const Matrix<float>& gram, int threads) {
  Matrix<float> product(a.rows(), a.cols());
  matmul_transposed(a, gram, product, threads);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a.data()[i]) * static_cast<double>(product.data()[i]);
  }
  return sum;
}

class Measurement {
 public:
  Measurement(const LanguageModel& model, const std::vector<std::vector<int>>& sequences, const ModelPruning& pruning,
              const CostOptions& options, const Progress& progress)
      : model_(model),
        pruning_(pruning),
        options_(options),
        progress_(progress),
        pruners_(pruning),
        stream_(model, sequences, pruning.threads),
        sample_(stream_.sample(by_loss() ? options.loss_sequences : 0)) {
    for (const Candidate each : options.candidates) {
      const Pattern pattern = each.pattern();
      const bool known = std::find(patterns_.begin(), patterns_.end(), pattern) != patterns_.end();
      if (pattern.dense() || known) continue;
      patterns_.push_back(pattern);
      if (pattern.sparsity() > patterns_[sparsest_].sparsity()) sparsest_ = patterns_.size() - 1;
    }
  }

  MeasuredCosts run() {
    blocks_.resize(static_cast<std::size_t>(model_.blocks()));
    for (const LinearInfo& linear : model_.linears()) {
      BlockWeights& weights = blocks_[static_cast<std::size_t>(linear.block)];
      weights.resize(std::max(weights.size(), static_cast<std::size_t>(linear.index) + 1));
      if (by_loss()) weights.back() = std::make_shared<const PanelMatrix>(model_.weights(linear));
    }
    if (by_loss()) dense_loss_ = loss(0, blocks_.front());
    for (const LinearRange& block : block_ranges(model_.linears())) run_block(block);
    return std::move(result_);
  }

 private:
  bool by_loss() const { return options_.measure == CostMeasure::loss; }
  bool by_block() const { return options_.granularity == Granularity::block; }

  void run_block(LinearRange block) {
    const std::vector<LinearInfo>& linears = model_.linears();
    const int number = linears[block.first].block;
    BlockWeights& dense = blocks_[static_cast<std::size_t>(number)];
    std::vector<double> errors(patterns_.size());  // of the item
    BlockWeights sparsest = dense;                 // the item pruned
    StreamPass pass(stream_, number);
    for (const LinearRange& stage : stage_ranges(linears, block)) {
      std::optional<Matrix<float>> gram;  // made for the first that is measured
      std::optional<InverseFactor> factor;
      for (std::size_t i = stage.first; i < stage.last; ++i) {
        const Matrix<float> weights = model_.weights(linears[i]);
        const std::size_t at = i - block.first;
        dense[at] = std::make_shared<const PanelMatrix>(weights);
        const bool measured = !left_out();
        if (measured && !gram) {
          gram = gram_of(pass, static_cast<std::size_t>(linears[i].in));
          if (pruning_.update == Update::compensate) factor = damped_inverse_factor(*gram, pruning_.threads);
        }
        const double outputs = measured ? squared_outputs(weights, *gram, pruning_.threads) : 0;
        for (std::size_t p = 0; measured && p < patterns_.size(); ++p) {
          const Matrix<float> kept = pruned(linears[i], weights, *gram, factor, patterns_[p]);
          if (outputs > 0) errors[p] += squared_outputs(difference(weights, kept), *gram, pruning_.threads) / outputs;
          if (by_loss() && p == sparsest_) sparsest[at] = std::make_shared<const PanelMatrix>(kept);
        }
        if (!by_block() || i + 1 == block.last) {
          end_item(number, measured, errors, sparsest);
          errors.assign(patterns_.size(), 0);
          sparsest = dense;
        }
        if (progress_) progress_(static_cast<int>(i) + 1, static_cast<int>(linears.size()));
      }
      pass.advance(dense);
    }
    if (by_loss()) sample_.advance(number, dense);
    dense.clear();
  }

  bool left_out() const {
    return result_.slopes.size() < options_.left_out.size() && options_.left_out[result_.slopes.size()];
  }

  /// Makes the next item's slope; notes its errors.
  void end_item(int block, bool measured, const std::vector<double>& errors, const BlockWeights& sparsest) {
    double slope = measured ? 1 : 0;
    if (measured && by_loss() && !patterns_.empty()) {
      const double rise = std::max(0.0, loss(block, sparsest) - dense_loss_);
      slope = errors[sparsest_] > 0 ? rise / errors[sparsest_] : 0;
    }
    result_.slopes.push_back(slope);
    result_.errors.emplace_back();
    for (const Candidate each : options_.candidates) {
      const auto at = std::find(patterns_.begin(), patterns_.end(), each.pattern());
      result_.errors.back().push_back(at == patterns_.end() ? 0
                                                            : errors[static_cast<std::size_t>(at - patterns_.begin())]);
    }
  }

  Matrix<float> gram_of(const StreamPass& pass, std::size_t inputs) const {
    Matrix<float> gram(inputs, inputs);
    for (std::size_t s = 0; s < pass.sequences(); ++s) add_gram(pass.input(s), pass.input(s), gram, pruning_.threads);
    return gram;
  }

  /// The weights of a linear that alone is pruned.
  Matrix<float> pruned(const LinearInfo& linear, const Matrix<float>& weights, const Matrix<float>& gram,
                       const std::optional<InverseFactor>& factor, Pattern pattern) {
    const Pruner& pruner = pruners_.get(pattern, linear.name);
    if (factor) {
      const Compensated compensated = compensate(weights, *factor, pruner, pruning_.threads);
      return kept_weights(compensated.weights, compensated.pruned, pattern);
    }
    InputStatistics statistics;
    for (std::size_t j = 0; j < gram.rows(); ++j) statistics.channel_norms.push_back(std::sqrt(gram(j, j)));
    const std::vector<float> factors = saliency_factors(linear, statistics, pruning_.saliency);
    return kept_weights(weights, pruner.prune(weights, factors, pruning_.threads), pattern);
  }

  static Matrix<float> difference(const Matrix<float>& a, const Matrix<float>& b) {
    Matrix<float> result(a.rows(), a.cols());
    for (std::size_t i = 0; i < a.size(); ++i) result.data()[i] = a.data()[i] - b.data()[i];
    return result;
  }

  /// Bits per token of the sample, which stands before `block`.
  double loss(int block, const BlockWeights& weights) const {
    Stream sample = sample_;
    sample.advance(block, weights);
    for (int next = block + 1; next < model_.blocks(); ++next) {
      sample.advance(next, blocks_[static_cast<std::size_t>(next)]);
    }
    return sample.bits_per_token();
  }

  const LanguageModel& model_;
  const ModelPruning& pruning_;
  const CostOptions& options_;
  const Progress& progress_;
  std::vector<Pattern> patterns_;  ///< of the candidates, the dense one left out
  std::size_t sparsest_ = 0;       ///< of them
  Pruners pruners_;
  Stream stream_;
  Stream sample_;                     ///< on which the loss is measured
  std::vector<BlockWeights> blocks_;  ///< dense: all that are still to come, or the block at work
  double dense_loss_ = 0;
  MeasuredCosts result_;
};

}  // namespace

std::vector<std::vector<double>> MeasuredCosts::costs(double power) const {
  std::vector<std::vector<double>> result = errors;
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (double& cost : result[i]) cost *= std::pow(slopes[i], power);
  }
  return result;
}

MeasuredCosts candidate_costs(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                              const ModelPruning& pruning, const CostOptions& options, const Progress& progress) {
  return Measurement(model, sequences, pruning, options, progress).run();
}

}  // namespace flexcim

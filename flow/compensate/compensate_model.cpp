#include "flow/compensate/compensate_model.h"

#include "flow/base/parallel.h"
#include "flow/compensate/compensate.h"
#include "flow/compensate/gram.h"
#include "flow/compensate/stream.h"
#include "flow/pack/pruners.h"
#include "flow/pack/quantize.h"
#include "flow/pack/quantize_linear.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace flexcim {
namespace {

class Pass {
 public:
  Pass(const LanguageModel& model, const std::vector<std::vector<int>>& sequences, const ModelPruning& pruning,
       const std::function<void(PackedLinear&&)>& sink, const Progress& progress)
      : model_(model),
        pruning_(pruning),
        sink_(sink),
        progress_(progress),
        pruners_(model, pruning),
        dense_(model, sequences, pruning.threads) {}

  std::vector<LinearReport> run(double* bits_per_token) {
    const std::vector<LinearInfo>& linears = model_.linears();
    for (std::size_t first = 0; first < linears.size();) {
      std::size_t last = first;
      while (last < linears.size() && linears[last].block == linears[first].block) ++last;
      run_block(first, last);
      first = last;
    }
    if (bits_per_token != nullptr) *bits_per_token = (own_ ? *own_ : dense_).bits_per_token();
    return std::move(reports_);
  }

 private:
  void run_block(std::size_t first, std::size_t last) {
    const std::vector<LinearInfo>& linears = model_.linears();
    const int block = linears[first].block;
    BlockWeights dense(last - first);
    BlockWeights own(last - first);
    for (std::size_t i = first; i < last;) {
      std::size_t end = i;
      while (end < last && linears[end].stage == linears[i].stage) ++end;
      run_stage(i, end, first, dense, own);
      i = end;
    }
    if (own_) own_->advance(block, own);
    dense_.advance(block, dense);
  }

  /// Linears [begin, end) of the block that begins with linear `first`.
  void run_stage(std::size_t begin, std::size_t end, std::size_t first, BlockWeights& dense, BlockWeights& own) {
    const LinearInfo& info = model_.linears()[begin];
    bool pruned = false;
    for (std::size_t i = begin; i < end; ++i) pruned |= !pruning_.patterns[i].dense();
    const bool changed = own_.has_value();  // the inputs are not the dense model's
    const auto inputs = static_cast<std::size_t>(info.in);
    Matrix<float> gram(changed || pruned ? inputs : 0, changed || pruned ? inputs : 0);
    Matrix<float> with_dense(changed ? inputs : 0, changed ? inputs : 0);
    const float largest = collect(info, dense, own, gram, with_dense);
    bool singular = gram.rows() > dense_.tokens();
    for (std::size_t j = 0; j < gram.rows(); ++j) singular |= gram(j, j) == 0;

    std::optional<InverseFactor> factor;
    if (gram.rows() > 0) {
      factor = damped_inverse_factor(std::move(gram), pruning_.threads);
    }
    for (std::size_t i = begin; i < end; ++i) {
      const Matrix<float> weights = model_.weights(model_.linears()[i]);
      dense[i - first] = std::make_shared<const PanelMatrix>(weights);
      const Matrix<float> target = changed ? refitted_weights(weights, with_dense, *factor, pruning_.threads) : weights;
      own[i - first] = prune(i, target, factor, largest);
      reports_.back().singular = singular;
    }
    // From here on, what the pruned model computes is another thing.
    if (pruned && !own_) own_.emplace(dense_);
  }

  /// Adds up the Gram matrices that have a size; returns the largest magnitude of the inputs.
  float collect(const LinearInfo& info, const BlockWeights& dense, const BlockWeights& own, Matrix<float>& gram,
                Matrix<float>& with_dense) const {
    float largest = 0;
    const std::size_t together = dense_.together();
    for (std::size_t begin = 0; begin < dense_.sequences(); begin += together) {
      std::vector<Matrix<float>> of_dense;
      std::vector<Matrix<float>> of_own;
      if (!own_ || with_dense.rows() > 0) of_dense = dense_.inputs(info.block, info.stage, dense, begin, together);
      if (own_) of_own = own_->inputs(info.block, info.stage, own, begin, together);
      const std::vector<Matrix<float>>& inputs = own_ ? of_own : of_dense;
      for (std::size_t s = 0; s < inputs.size(); ++s) {
        largest = std::max(largest, max_abs(inputs[s].data(), inputs[s].size()));
        if (gram.rows() > 0) add_gram(inputs[s], inputs[s], gram, pruning_.threads);
        if (with_dense.rows() > 0) add_gram(of_dense[s], inputs[s], with_dense, pruning_.threads);
      }
    }
    return largest;
  }

  /// Prunes and hands on linear i; returns the weights with which the model goes on.
  std::shared_ptr<const PanelMatrix> prune(std::size_t i, const Matrix<float>& target,
                                           const std::optional<InverseFactor>& factor, float largest) {
    const LinearInfo& info = model_.linears()[i];
    const Pruner& pruner = pruners_.get(pruning_.patterns[i], info.name);
    Compensated compensated;
    if (pruner.rule().pattern.dense()) {
      compensated.weights = target;
      compensated.pruned.indices.assign(target.size(), 0);
    } else {
      compensated = compensate(target, *factor, pruner, pruning_.threads);
    }
    auto own = std::make_shared<const PanelMatrix>(
        kept_weights(compensated.weights, compensated.pruned, pruner.rule().pattern));
    LinearReport report;
    report.pattern = pruner.rule().pattern;
    report.policy = pruner.rule().policy;
    report.saliency_total = compensated.pruned.saliency_total;
    report.saliency_kept = compensated.pruned.saliency_kept;
    QuantizedLinear quantized = quantize_linear(info.name, compensated.weights, pruner.rule(),
                                                std::move(compensated.pruned), pruning_.weight_bits, pruning_.threads);
    report.squared_error = quantized.squared_error;
    report.squared_weights = quantized.squared_weights;
    report.parameters = static_cast<double>(info.out) * info.in;
    reports_.push_back(report);
    quantized.packed.activation_scale = pruning_.static_activations ? int8_scale(largest) : 0.0f;
    sink_(std::move(quantized.packed));
    if (progress_) progress_(static_cast<int>(i) + 1, static_cast<int>(model_.linears().size()));
    return own;
  }

  const LanguageModel& model_;
  const ModelPruning& pruning_;
  const std::function<void(PackedLinear&&)>& sink_;
  const Progress& progress_;
  Pruners pruners_;
  Stream dense_;
  std::optional<Stream> own_;  ///< of the pruned model, once it differs
  std::vector<LinearReport> reports_;
};

}  // namespace

std::vector<LinearReport> compensate_model(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                           const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                           const Progress& progress, double* bits_per_token) {
  return Pass(model, sequences, pruning, sink, progress).run(bits_per_token);
}

}  // namespace flexcim

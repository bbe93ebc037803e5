#include "flow/compensate/compensate_model.h"

#include "flow/compensate/compensate.h"
#include "flow/compensate/gram.h"
#include "flow/compensate/stream.h"
#include "flow/model/linear_ranges.h"
#include "flow/pack/finish_linear.h"
#include "flow/pack/pruners.h"
#include "flow/pack/quantize.h"

#include <algorithm>
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
    for (const LinearRange& block : block_ranges(model_.linears())) run_block(block);
    if (bits_per_token != nullptr) *bits_per_token = (own_ ? *own_ : dense_).bits_per_token();
    return std::move(reports_);
  }

 private:
  void run_block(LinearRange block) {
    const int number = model_.linears()[block.first].block;
    BlockWeights dense(block.size());
    BlockWeights own(block.size());
    for (const LinearRange& stage : stage_ranges(model_.linears(), block)) run_stage(stage, block.first, dense, own);
    if (own_) own_->advance(number, own);
    dense_.advance(number, dense);
  }

  /// One stage of the block that begins with linear `first`.
  void run_stage(LinearRange stage, std::size_t first, BlockWeights& dense, BlockWeights& own) {
    const LinearInfo& info = model_.linears()[stage.first];
    bool pruned = false;
    for (std::size_t i = stage.first; i < stage.last; ++i) pruned |= !pruning_.patterns[i].dense();
    const bool changed = own_.has_value();  // the inputs are not the dense model's
    const auto inputs = static_cast<std::size_t>(info.in);
    Matrix<float> gram(changed || pruned ? inputs : 0, changed || pruned ? inputs : 0);
    Matrix<float> with_dense(changed ? inputs : 0, changed ? inputs : 0);
    const float largest = collect(info, dense, own, gram, with_dense);
    bool singular = gram.rows() > dense_.tokens();
    for (std::size_t j = 0; j < gram.rows(); ++j) singular |= gram(j, j) == 0;

    InverseFactor factor;  // not needed where nothing changes
    if (gram.rows() > 0) factor = damped_inverse_factor(std::move(gram), pruning_.threads);
    for (std::size_t i = stage.first; i < stage.last; ++i) {
      const Matrix<float> weights = model_.weights(model_.linears()[i]);
      dense[i - first] = std::make_shared<const PanelMatrix>(weights);
      const Matrix<float> target = changed ? refitted_weights(weights, with_dense, factor, pruning_.threads) : weights;
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
  std::shared_ptr<const PanelMatrix> prune(std::size_t i, const Matrix<float>& target, const InverseFactor& factor,
                                           float largest) {
    const LinearInfo& info = model_.linears()[i];
    const Pruner& pruner = pruners_.get(pruning_.patterns[i], info.name);
    Compensated compensated = compensate(target, factor, pruner, pruning_.threads);
    auto own = std::make_shared<const PanelMatrix>(
        kept_weights(compensated.weights, compensated.pruned, pruner.rule().pattern));
    FinishedLinear finished =
        finish_linear(info, compensated.weights, pruner.rule(), std::move(compensated.pruned), pruning_, largest);
    reports_.push_back(finished.report);
    sink_(std::move(finished.packed));
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

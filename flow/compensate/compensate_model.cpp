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
       const std::function<void(PackedLinear&&)>& sink, const Progress& progress, const LossTrial* trial)
      : model_(model),
        pruning_(pruning),
        sink_(sink),
        progress_(progress),
        pruners_(model, pruning),
        dense_(model, sequences, pruning.threads) {
    if (trial != nullptr) tried_.emplace(model, trial->sequences, pruning.threads);
  }

  std::vector<LinearReport> run() {
    for (const LinearRange& block : block_ranges(model_.linears())) run_block(block);
    return std::move(reports_);
  }

  /// After `run`, where there is a trial.
  double trial_bits() const { return tried_->bits_per_token(); }

 private:
  void run_block(LinearRange block) {
    const int number = model_.linears()[block.first].block;
    // From the first pruned linear on, what the pruned model computes is another thing.
    for (std::size_t i = block.first; i < block.last && !own_; ++i) {
      if (!pruning_.patterns[i].dense()) own_.emplace(dense_);
    }
    StreamPass dense(dense_, number);
    std::optional<StreamPass> own;
    if (own_) own.emplace(*own_, number);
    std::optional<StreamPass> tried;
    if (tried_) tried.emplace(*tried_, number);
    for (const LinearRange& stage : stage_ranges(model_.linears(), block)) {
      BlockWeights dense_weights(block.size());
      BlockWeights own_weights(block.size());
      prune_stage(stage, dense, own ? *own : dense, dense_weights, own_weights);
      dense.advance(dense_weights);
      if (own) own->advance(own_weights);
      if (tried) tried->advance(own_weights);
    }
  }

  /// Prunes the linears of one stage; gives their weights in both models.
  void prune_stage(LinearRange stage, const StreamPass& dense, const StreamPass& own, BlockWeights& dense_weights,
                   BlockWeights& own_weights) {
    bool pruned = false;
    for (std::size_t i = stage.first; i < stage.last; ++i) pruned |= !pruning_.patterns[i].dense();
    const bool refitted = changed_;
    const auto inputs = static_cast<std::size_t>(model_.linears()[stage.first].in);
    Matrix<float> gram(refitted || pruned ? inputs : 0, refitted || pruned ? inputs : 0);
    Matrix<float> with_dense(refitted ? inputs : 0, refitted ? inputs : 0);
    const float largest = collect(dense, own, gram, with_dense);
    bool singular = gram.rows() > dense_.tokens();
    for (std::size_t j = 0; j < gram.rows(); ++j) singular |= gram(j, j) == 0;

    InverseFactor factor;  // not needed where nothing changes
    if (gram.rows() > 0) factor = damped_inverse_factor(std::move(gram), pruning_.threads);
    for (std::size_t i = stage.first; i < stage.last; ++i) {
      const LinearInfo& linear = model_.linears()[i];
      const Matrix<float> weights = model_.weights(linear);
      const auto at = static_cast<std::size_t>(linear.index);
      dense_weights[at] = std::make_shared<const PanelMatrix>(weights);
      const Matrix<float> target = refitted ? refitted_weights(weights, with_dense, factor, pruning_.threads) : weights;
      own_weights[at] = prune(i, target, factor, largest);
      reports_.back().singular = singular;
    }
    changed_ |= pruned;
  }

  /// Adds up the Gram matrices that have a size; returns the largest magnitude of the inputs.
  float collect(const StreamPass& dense, const StreamPass& own, Matrix<float>& gram, Matrix<float>& with_dense) const {
    float largest = 0;
    for (std::size_t s = 0; s < own.sequences(); ++s) {
      const MatrixView<const float> inputs = own.input(s);
      for (std::size_t t = 0; t < inputs.rows; ++t) largest = std::max(largest, max_abs(inputs.row(t), inputs.cols));
      if (gram.rows() > 0) add_gram(inputs, inputs, gram, pruning_.threads);
      if (with_dense.rows() > 0) add_gram(dense.input(s), inputs, with_dense, pruning_.threads);
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
  std::optional<Stream> own_;    ///< of the pruned model, from the first block on that is pruned
  std::optional<Stream> tried_;  ///< of the trial, through the pruned model
  bool changed_ = false;         ///< whether a linear has been pruned
  std::vector<LinearReport> reports_;
};

}  // namespace

std::vector<LinearReport> compensate_model(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                           const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                           const Progress& progress, LossTrial* trial) {
  Pass pass(model, sequences, pruning, sink, progress, trial);
  std::vector<LinearReport> reports = pass.run();
  if (trial != nullptr) trial->bits_per_token = pass.trial_bits();
  return reports;
}

}  // namespace flexcim

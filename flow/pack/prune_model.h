// Pruning and quantizing a whole model, linear by linear (flow.md §4, §5).
#pragma once

#include "flow/pack/packed_linear.h"
#include "flow/prune/prune.h"
#include "flow/select/analyze.h"
#include "flow/select/method.h"

#include <functional>
#include <vector>

namespace flexcim {

struct ModelPruning {
  std::vector<Pattern> patterns;  ///< one per linear of the model
  /// For all linears that are not dense. window_shared keeps at least as much as window at the same number of phases,
  /// and reaches every input of patterns whose default selects do not.
  IndexPolicy policy = IndexPolicy::window_shared;
  int window = 1;                       ///< w of the hardware
  int shared_rows = 32;                 ///< C of the hardware
  Saliency saliency = Saliency::wanda;  ///< where nothing is compensated
  Update update = Update::none;
  int weight_bits = 8;             ///< 4 or 8
  bool static_activations = true;  ///< one activation scale per linear from calibration; otherwise per token
  bool already_pruned = false;     ///< the weights satisfy the patterns: dropping a non-zero one is an InputError
  int threads = 0;
};

/// What became of one linear.
struct LinearReport {
  Pattern pattern;
  IndexPolicy policy = IndexPolicy::element;
  double saliency_total = 0;
  double saliency_kept = 0;
  double squared_error = 0;    ///< of quantization, over the kept weights
  double squared_weights = 0;  ///< of the kept weights
  double parameters = 0;       ///< out * in
  bool singular = false;  ///< compensation's Gram matrix: fewer tokens than inputs, or inputs that are always 0; its
                          ///< damping decides there
};

/// All linears of a model, in order, and what became of them.
struct PrunedModel {
  std::vector<PackedLinear> linears;
  std::vector<LinearReport> reports;
};

/// The policy of a linear with this pattern: that of `pruning`, but element for a dense one.
IndexPolicy policy_for(const ModelPruning& pruning, Pattern pattern);

/// Throws InputError, naming the linear, for rules that Pruner refuses.
void require_pruners(const LanguageModel& model, const ModelPruning& pruning);

/// Prunes, quantizes and hands on every linear, in order; the float weights of four are in memory at a time. Throws
/// InputError as require_pruners does, before the first linear is handed on, and as require_finite_saliency does.
std::vector<LinearReport> prune_model(const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                                      const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                      const Progress& progress = {});

}  // namespace flexcim

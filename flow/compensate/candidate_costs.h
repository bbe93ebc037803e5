// What each candidate pattern would cost each block or linear, measured on calibration text (flow.md §3).
#pragma once

#include "flow/pack/prune_model.h"
#include "flow/select/analyze.h"

#include <vector>

namespace flexcim {

/// What the cost of a candidate is made of. An item's error with a pattern is the squared error of its linears' outputs
/// over the squares of the outputs, from the dense inputs' Gram matrix, summed over its linears.
enum class CostMeasure {
  error,  ///< the error itself
  loss    ///< the error times what error costs, its slope: the rise of the model's calibration loss, bits per token and
          ///< at least 0, when the item alone takes the sparsest of the candidates, over its error then. Small rises
          ///< drown in the noise of a calibration text, and of many the luckiest would be chosen; errors are exact.
};

/// Of every item.
struct MeasuredCosts {
  std::vector<std::vector<double>> errors;  ///< [item][candidate], 0 of dense candidates
  std::vector<double> slopes;               ///< [item]; 1 where only errors are measured, 0 of items left out

  /// errors x slopes^power. A slope is measured on little text, and next to a dense model: a power below 1 draws slopes
  /// together.
  std::vector<std::vector<double>> costs(double power = 1) const;
};

struct CostOptions {
  CostMeasure measure = CostMeasure::error;
  Granularity granularity = Granularity::linear;
  std::vector<Candidate> candidates;
  std::vector<bool> left_out;       ///< per item: whether it is not measured; empty: none is
  std::size_t loss_sequences = 16;  ///< on which the loss is measured, spread over the calibration's
};

/// Items as `granularity` has them. Each linear is pruned by the rules of
/// `pruning` (whose patterns do not count), with compensation or without, on the dense model's inputs. For `loss` all
/// weights of the model are in memory, for `error` those of a block. The same to the last bit for any number of
/// threads. Throws as calibrate does.
MeasuredCosts candidate_costs(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                              const ModelPruning& pruning, const CostOptions& options, const Progress& progress = {});

}  // namespace flexcim

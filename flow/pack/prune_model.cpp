#include "flow/pack/prune_model.h"

#include "flow/base/error.h"
#include "flow/base/parallel.h"
#include "flow/pack/finish_linear.h"
#include "flow/pack/pruners.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace flexcim {
namespace {

constexpr std::size_t kLoadedTogether = 4;

/// The weights of linears [first, last), each loaded by a thread of its own: converting them is single-threaded work.
std::vector<Matrix<float>> load(const LanguageModel& model, std::size_t first, std::size_t last, int threads) {
  std::vector<Matrix<float>> weights(last - first);
  parallel_for(threads, weights.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) weights[i] = model.weights(model.linears()[first + i]);
  });
  return weights;
}

}  // namespace

IndexPolicy policy_for(const ModelPruning& pruning, Pattern pattern) {
  return pattern.dense() ? IndexPolicy::element : pruning.policy;
}

void require_pruners(const LanguageModel& model, const ModelPruning& pruning) { Pruners(model, pruning); }

std::vector<LinearReport> prune_model(const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                                      const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                      const Progress& progress) {
  const std::vector<LinearInfo>& linears = model.linears();
  if (statistics.size() != linears.size() || pruning.patterns.size() != linears.size()) {
    throw std::logic_error("prune_model: one pattern and one entry of statistics per linear");
  }
  Pruners pruners(model, pruning);

  std::vector<LinearReport> reports;
  std::vector<Matrix<float>> loaded;
  for (std::size_t i = 0; i < linears.size(); ++i) {
    if (i % kLoadedTogether == 0) {
      loaded.clear();  // before the next are there
      loaded = load(model, i, std::min(linears.size(), i + kLoadedTogether), pruning.threads);
    }
    const Pruner& pruner = pruners.get(pruning.patterns[i], linears[i].name);
    const Matrix<float>& weights = loaded[i % kLoadedTogether];
    const std::vector<float> factors = saliency_factors(linears[i], statistics[i], pruning.saliency);
    Pruned pruned = pruner.prune(weights, factors, pruning.threads);
    if (!std::isfinite(pruned.saliency_total)) require_finite_saliency(linears[i], weights, factors);
    if (pruning.already_pruned && pruned.lost > 0) {
      throw InputError(linears[i].name + ": " + std::to_string(pruned.lost) + " non-zero weights do not fit pattern " +
                       to_string(pruning.patterns[i]) + " with index policy " +
                       std::string(to_string(pruner.rule().policy)));
    }
    FinishedLinear finished =
        finish_linear(linears[i], weights, pruner.rule(), std::move(pruned), pruning, statistics[i].max_abs);
    reports.push_back(finished.report);
    sink(std::move(finished.packed));
    if (progress) progress(static_cast<int>(i) + 1, static_cast<int>(linears.size()));
  }
  return reports;
}

}  // namespace flexcim

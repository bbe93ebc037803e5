#include "flow/compensate/calibration_loss.h"

#include "flow/compensate/compensate_model.h"
#include "flow/compensate/stream.h"
#include "flow/pack/pruners.h"

namespace flexcim {

double calibration_loss(const LanguageModel& model, const Calibration& calibration, const ModelPruning& pruning,
                        PrunedModel* pruned) {
  const auto& sequences = calibration.held_out.empty() ? calibration.sequences : calibration.held_out;
  if (pruning.update == Update::compensate) {
    LossTrial trial{sequences};
    const auto keep = [&](PackedLinear&& linear) {
      if (pruned != nullptr) pruned->linears.push_back(std::move(linear));
    };
    std::vector<LinearReport> reports = compensate_model(model, calibration.sequences, pruning, keep, {}, &trial);
    if (pruned != nullptr) pruned->reports = std::move(reports);
    return trial.bits_per_token;
  }
  Pruners pruners(model, pruning);
  Stream stream(model, sequences, pruning.threads);
  const std::vector<LinearInfo>& linears = model.linears();
  BlockWeights weights;
  for (std::size_t i = 0; i < linears.size(); ++i) {
    const Matrix<float> all = model.weights(linears[i]);
    const Pattern pattern = pruning.patterns.at(i);
    const Pruned kept =
        pruners.get(pattern, linears[i].name)
            .prune(all, saliency_factors(linears[i], calibration.statistics.at(i), pruning.saliency), pruning.threads);
    weights.push_back(std::make_shared<const PanelMatrix>(kept_weights(all, kept, pattern)));
    if (i + 1 < linears.size() && linears[i + 1].block == linears[i].block) continue;
    stream.advance(linears[i].block, weights);
    weights.clear();
  }
  return stream.bits_per_token();
}

}  // namespace flexcim

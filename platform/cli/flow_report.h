// What the flow subcommands print: tables for people, JSON for programs.
#pragma once

#include "flow/model/language_model.h"
#include "flow/pack/choose_patterns.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace flexcim {

/// Sums the linears' reports over each block or keeps them, as the granularity says.
std::vector<LinearReport> reports_by(Granularity granularity, const LanguageModel& model,
                                     const std::vector<LinearReport>& linears);

/// The table of flow.md §8: per block (or linear) the figures or the measured cost, the choice and, where `reports` are
/// given, what pruning and quantization cost; then target and reached mean, what was tried on the calibration text, and
/// what there is to say of compensation. The quantization error is relative: root of squared error over squared kept
/// weights.
std::string choice_table(const LanguageModel& model, const PatternChooser& chooser, const Choice& choice,
                         const std::vector<LinearReport>& reports);

/// The figures alone.
std::string figures_table(const LanguageModel& model, const std::vector<OutlierFigures>& figures,
                          const std::vector<SelectionItem>& items, Granularity granularity);

/// Pruning and quantization alone, per linear, for patterns that were given.
std::string report_table(const LanguageModel& model, const std::vector<LinearReport>& linears);

/// {"blocks": [{"n", "m"}...], "objective", "target", "reached", "exact"}.
nlohmann::ordered_json selection_json(const Selection& selection);

/// selection_json with each block's (or linear's) figures or measured cost, and what pruning cost where `reports` are
/// given; "measure", "granularity", "trials", "taken", "cost_of_dense_ends" (null where it cannot be), "singular".
nlohmann::ordered_json choice_json(const LanguageModel& model, const PatternChooser& chooser, const Choice& choice,
                                   const std::vector<LinearReport>& reports);

/// {"linears": [{"name", "pattern", "sparsity", "saliency_kept_percent", "quantization_error_percent", "policy"}...],
/// "sparsity"}.
nlohmann::ordered_json report_json(const LanguageModel& model, const std::vector<LinearReport>& linears);

/// Wall time of the steps of a command, for its JSON.
class StepTimes {
 public:
  /// Ends the step that began with the last call (or construction).
  void end(const char* step);
  nlohmann::ordered_json json() const { return seconds_; }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  nlohmann::ordered_json seconds_;
};

/// One line about a selection: target, reached, whether that is exact.
std::string selection_line(const Selection& selection);

}  // namespace flexcim

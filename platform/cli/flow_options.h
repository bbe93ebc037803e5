// The options that the flow subcommands share.
#pragma once

#include "flow/map/geometry.h"
#include "flow/model/language_model.h"
#include "flow/pack/choose_patterns.h"
#include "flow/pack/pack_model.h"
#include "platform/workload/progress_bar.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// Candidates, weights of the objective, target, dense ends.
struct SelectionFlags {
  std::string candidates = "2:4,4:4,2:8,4:8,8:8";
  std::string keep_dense = "first,last";
  double target = SelectionOptions().target;
  double alpha = SelectionOptions().alpha;
  double beta = SelectionOptions().beta;
  bool count_kept = false;

  /// `target_names`: "--target" or "--sparsity", as the subcommand calls it; empty where it has its own.
  void add(CLI::App& command, const std::string& target_names);
  SelectionOptions options() const;  ///< Throws InputError.
};

/// The hardware that the weights are for, as far as pruning depends on it.
struct HardwareFlags {
  MacroGeometry geometry;
  CLI::App* group = nullptr;

  void add(CLI::App& command);
  bool given() const { return group->count_all() > 0; }  ///< whether any of the options was
};

/// How patterns are told apart, and whether weights are compensated.
struct MethodFlags {
  std::string objective = "auto";
  std::string update = "compensate";

  void add(CLI::App& command);
};

/// "auto" is none: the default of ChoiceOptions. Throws InputError.
std::optional<PatternObjective> objective_of(const std::string& text);

/// A model directory, its calibration, and how saliency is measured.
struct ModelFlags {
  std::string model;
  std::string calibration;
  int samples = 32;
  int context = 0;  ///< 0: the model's own, at most kLongestSample
  double outlier_multiple = kDefaultOutlierMultiple;
  std::string granularity;  ///< empty: the command's own
  int threads = 0;

  void add(CLI::App& command);
  void add_outlier_multiple(CLI::App& command);
  void add_granularity(CLI::App& command);
  Granularity granularity_or(Granularity fallback) const;  ///< Throws InputError.
};

/// A model with its calibration.
struct CalibratedModel {
  std::unique_ptr<LanguageModel> model;
  Calibration calibration;
};

/// Opens and calibrates. Without a calibration file channel norms are 1 and ranges unknown (0).
CalibratedModel open_model(const ModelFlags& flags);

}  // namespace flexcim

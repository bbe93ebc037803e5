#include "platform/cli/flow_options.h"

#include "flow/model/load_model.h"
#include "platform/cli/number_options.h"

#include <fmt/format.h>
#include <malloc.h>

namespace flexcim {
namespace {

constexpr int kMostThreads = 1024;

}  // namespace

void SelectionFlags::add(CLI::App& command, const std::string& target_names) {
  if (!target_names.empty()) {
    add_real(command, target_names, target, 0, 1, "mean sparsity to reach, 0 to 1");
  }
  command.add_option("--candidates", candidates, "patterns to choose from, N:M or dense, separated by commas")
      ->capture_default_str();
  add_real(command, "--alpha", alpha, 0, SelectionOptions::most_weight, "weight of N in the objective");
  add_real(command, "--beta", beta, 0, SelectionOptions::most_weight, "weight of M in the objective");
  command
      .add_option("--keep-dense", keep_dense,
                  "blocks that stay dense: none, first, last, first,last, or auto: as the objective has it")
      ->capture_default_str();
  command.add_flag("--count-kept", count_kept, "blocks that stay dense count in the mean sparsity");
}

SelectionOptions SelectionFlags::options() const {
  SelectionOptions options;
  options.candidates = parse_candidates(candidates);
  options.target = target;
  options.alpha = alpha;
  options.beta = beta;
  options.count_kept = count_kept;
  return options;
}

void HardwareFlags::add(CLI::App& command) {
  group = command.add_option_group("hardware", "the macro that the weights are for");
  add_whole(*group, "--sub-macros", geometry.sub_macros, 1, kAnyWhole, "P, sub-macros per macro: the largest N");
  add_whole(*group, "--pairs", geometry.pairs_per_set, 1, kAnyWhole,
            "I, pairs per multiplexer: the largest M is twice this");
  add_whole(*group, "--window", geometry.window, 1, kAnyWhole, "w, pairs on the lines of a row at a time");
  add_whole(*group, "--cols", geometry.cols, 1, kAnyWhole, "C, columns of a sub-macro: rows that share selects");
}

void ModelFlags::add(CLI::App& command) {
  command.add_option("model", model, "model directory (config.json and safetensors)")->required();
  command.add_option("--calibration", calibration,
                     "calibration text, or a .safetensors file with token ids in tensor \"tokens\"");
  add_whole(command, "--samples", samples, 0, kAnyWhole, "calibration sequences, spread over the text; 0: all of it");
  add_whole(command, "--context", context, 0, kAnyWhole,
            fmt::format("tokens per sequence; 0: the model's context, at most {}", kLongestSample));
  add_whole(command, "--threads", threads, 0, kMostThreads, "0: one per processor; results do not depend on it");
}

void ModelFlags::add_outlier_multiple(CLI::App& command) {
  add_real(command, "--outlier-multiple", outlier_multiple, kLeastOutlierMultiple, kMostOutlierMultiple,
           "an outlier is above this many times the mean saliency");
}

void ModelFlags::add_granularity(CLI::App& command) {
  command.add_option(
      "--granularity", granularity,
      "what gets a pattern of its own: block or linear; default: linear for measured objectives, else block");
}

Granularity ModelFlags::granularity_or(Granularity fallback) const {
  return granularity.empty() ? fallback : parse_granularity(granularity);
}

void MethodFlags::add(CLI::App& command) {
  command
      .add_option(
          "--objective", objective,
          "by what patterns are chosen: published (outliers and locality), error (of outputs), loss (of the model "
          "on the calibration text); auto: loss, but error for models above 50 million weights")
      ->capture_default_str();
  command
      .add_option("--update", update,
                  "compensate: weights that stay make up for those that go; none: they stay as they are")
      ->capture_default_str();
}

std::optional<PatternObjective> objective_of(const std::string& text) {
  return text == "auto" ? std::nullopt : std::optional(parse_pattern_objective(text));
}

namespace {

/// One linear of a large model after another takes and frees some hundred megabytes: keep that memory between them,
/// which the C library would give back each time, to be faulted in again page by page.
void keep_freed_memory() {
  constexpr int kKept = 1 << 30;  // bytes
  ::mallopt(M_MMAP_THRESHOLD, kKept);
  ::mallopt(M_TRIM_THRESHOLD, kKept);
}

}  // namespace

CalibratedModel open_model(const ModelFlags& flags) {
  keep_freed_memory();
  CalibratedModel result;
  result.model = load_model(flags.model);
  result.calibration = calibrate_on_file(*result.model, flags.calibration, flags.samples, flags.context, flags.threads,
                                         progress_bar("calibrating"));
  return result;
}

}  // namespace flexcim

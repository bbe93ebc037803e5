#include "platform/workload/packed_linears.h"

#include "flow/base/error.h"
#include "flow/pack/choose_patterns.h"
#include "flow/pack/pack_model.h"
#include "flow/select/token_file.h"
#include "platform/workload/cached_images.h"
#include "platform/workload/progress_bar.h"
#include "platform/workload/pruned_cache.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr int kDefaultContext = 0;

ChoiceOptions choice_of(const FlowSettings& flow) {
  ChoiceOptions choice;
  choice.selection.candidates = flow.candidates;
  choice.selection.target = flow.sparsity;
  choice.selection.alpha = flow.alpha;
  choice.selection.beta = flow.beta;
  choice.outlier_multiple = flow.outlier_multiple;
  choice.keep_dense = flow.keep_dense;
  choice.objective = flow.objective;
  choice.granularity = flow.granularity;
  return choice;
}

ModelPruning pruning_of(const FlowSettings& flow, const MacroGeometry& macro) {
  ModelPruning pruning;
  pruning.policy = flow.policy;
  pruning.update = flow.update;
  pruning.window = macro.window;
  pruning.weight_bits = flow.weight_bits;
  pruning.shared_rows = macro.cols;
  return pruning;
}

/// Patterns for a model directory, and what has been pruned by them on the way.
struct PruningPlan {
  Calibration calibration;
  ModelPruning pruning;
  Choice choice;
};

PruningPlan plan(const LanguageModel& model, const FlowSettings& flow, const MacroGeometry& macro) {
  PruningPlan plan;
  plan.calibration = calibrate_on_file(model, flow.calibration.string(), flow.samples, kDefaultContext, 0,
                                       progress_bar("calibrating"));
  const ChoiceOptions options = choice_of(flow);
  plan.pruning = pruning_of(flow, macro);
  const PatternChooser chooser(model, plan.calibration, options, plan.pruning, progress_bar("analyzing"));
  plan.choice = chooser.choose(flow.sparsity);
  require_reached(plan.choice.selection);
  plan.pruning.patterns = plan.choice.patterns;
  return plan;
}

ModelLinears prune(const LanguageModel& model, const FlowSettings& flow, const MacroGeometry& macro) {
  PruningPlan plan = flexcim::plan(model, flow, macro);
  PrunedModel& pruned = plan.choice.pruned;
  if (pruned.linears.empty()) pruned = prune_to_memory(model, plan.calibration, plan.pruning);
  return {std::move(pruned.linears), {}, std::move(plan.choice.selection)};
}

/// Prunes into the cache.
Selection prune(const std::string& path, const LanguageModel& model, const FlowSettings& flow,
                const MacroGeometry& macro, const PrunedCache& cache) {
  PruningPlan plan = flexcim::plan(model, flow, macro);
  PrunedModel& pruned = plan.choice.pruned;
  write_packed_model(cache.packed(), path, model, plan.pruning, [&](const auto& sink) {
    if (pruned.linears.empty()) {
      return prune_linears(model, plan.calibration, plan.pruning, sink, progress_bar("pruning"));
    }
    for (PackedLinear& linear : pruned.linears) sink(std::move(linear));
    return std::move(pruned.reports);
  });
  cache.keep(plan.choice.selection);
  return std::move(plan.choice.selection);
}

/// Where the packed model of a model directory is kept; empty for nowhere.
std::filesystem::path cache_folder(const FlowSettings& flow, const LanguageModel& model) {
  if (!flow.cache.empty() || !is_large(model)) return flow.cache;
  return std::filesystem::path("out") / "cache";
}

ModelLinears read(const std::string& packed, const LanguageModel& model, int last_block,
                  const ImageSettings& hardware) {
  ModelLinears result;
  result.linears = load_packed_linears(packed, model, last_block, progress_bar("reading weights"));
  result.images = cached_images(packed, hardware, model, result.linears, last_block == model.blocks() - 1);
  return result;
}

}  // namespace

ModelLinears packed_linears(const std::filesystem::path& path, const FlowSettings& flow, const LanguageModel& model,
                            int last_block, const ImageSettings& hardware) {
  if (is_packed_model(path)) return read(path.string(), model, last_block, hardware);
  require_candidates(hardware.macro, flow.candidates);
  const std::filesystem::path folder = cache_folder(flow, model);
  if (folder.empty()) {
    ModelLinears pruned = prune(model, flow, hardware.macro);
    std::vector<PackedLinear>& linears = pruned.linears;
    while (!linears.empty() && model.linears().at(linears.size() - 1).block > last_block) linears.pop_back();
    return pruned;
  }
  const PrunedCache cache(folder, path, flow, hardware.macro);
  std::optional<Selection> selection = cache.find();
  try {
    const bool found = selection.has_value();
    if (!found) selection = prune(path.string(), model, flow, hardware.macro, cache);
    fmt::print(stderr, "pruned model {}: {}\n", found ? "taken from" : "kept for the next run", cache.packed());
  } catch (const std::system_error& error) {
    throw InputError(error.what());
  }
  ModelLinears result = read(cache.packed(), model, last_block, hardware);
  result.selection = std::move(selection);
  return result;
}

void check_flow(const FlowSettings& flow, const LanguageModel& model, const MacroGeometry& macro,
                const std::function<void(const std::string& key, const std::function<void()>& body)>& check) {
  check("calibration", [&] { calibration_sequences(model, flow.calibration.string(), flow.samples, kDefaultContext); });
  check("policy", [&] {
    for (const Candidate& candidate : flow.candidates) {
      ModelPruning pruning = pruning_of(flow, macro);
      pruning.patterns.assign(model.linears().size(), candidate.pattern());
      require_pruners(model, pruning);
    }
  });
  // Which means can be reached does not depend on the figures.
  check("sparsity", [&] {
    const ChoiceOptions choice = choice_of(flow);
    const Granularity granularity = granularity_of(model, choice);
    const std::vector<SelectionItem> items = selection_items(model, granularity, choice.keep_dense);
    require_reached(select_patterns(items, choice.selection));
  });
}

std::vector<int> read_range(const TokenRange& range, const ModelText& model) {
  const std::string text = range.text.string();
  const std::vector<std::vector<int>> rows = read_tokens(text, model);
  const auto first = static_cast<std::size_t>(range.first), count = static_cast<std::size_t>(range.count);
  const std::size_t row_tokens = rows.front().size(), row = first / row_tokens;
  const auto asked = [&] {
    return "tokens " + std::to_string(first) + ".." + std::to_string(first + count - 1) + " are asked for";
  };
  if (first + count > rows.size() * row_tokens) {
    throw InputError(text + " has " + std::to_string(rows.size() * row_tokens) + " tokens, but " + asked());
  }
  if ((first + count - 1) / row_tokens != row) {
    throw InputError(text + " has rows of " + std::to_string(row_tokens) +
                     " tokens, which do not follow each other, but " + asked() + ", which lie in several of them");
  }
  const auto begin = rows[row].begin() + static_cast<std::ptrdiff_t>(first % row_tokens);
  return {begin, begin + range.count};
}

}  // namespace flexcim

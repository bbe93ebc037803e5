#include "platform/workload/packed_linears.h"

#include "flow/base/error.h"
#include "flow/pack/choose_patterns.h"
#include "flow/pack/pack_model.h"
#include "flow/select/token_file.h"
#include "platform/workload/progress_bar.h"

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

ModelLinears prune(const LanguageModel& model, const FlowSettings& flow, const MacroGeometry& macro) {
  const Calibration calibration = calibrate_on_file(model, flow.calibration.string(), flow.samples, kDefaultContext, 0,
                                                    progress_bar("calibrating"));
  const ChoiceOptions options = choice_of(flow);
  ModelPruning pruning = pruning_of(flow, macro);
  const PatternChooser chooser(model, calibration, options, pruning, progress_bar("analyzing"));
  Choice choice = chooser.choose(flow.sparsity);
  require_reached(choice.selection);
  pruning.patterns = std::move(choice.patterns);
  if (choice.pruned.linears.empty()) choice.pruned = prune_to_memory(model, calibration, pruning);
  return {std::move(choice.pruned.linears), std::move(choice.selection)};
}

}  // namespace

ModelLinears packed_linears(const std::filesystem::path& path, const FlowSettings& flow, const LanguageModel& model,
                            int last_block, const MacroGeometry& macro) {
  if (is_packed_model(path)) return {load_packed_linears(path.string(), model, last_block), std::nullopt};
  require_candidates(macro, flow.candidates);
  ModelLinears pruned = prune(model, flow, macro);
  std::vector<PackedLinear>& linears = pruned.linears;
  while (!linears.empty() && model.linears().at(linears.size() - 1).block > last_block) linears.pop_back();
  return pruned;
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

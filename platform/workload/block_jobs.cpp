#include "platform/workload/block_jobs.h"

#include "flow/error.h"
#include "flow/model/capture_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/pack_model.h"
#include "flow/select/token_file.h"
#include "platform/cli/flow_options.h"

#include <algorithm>

namespace flexcim {
namespace {

/// The packed linears of the blocks up to the chosen one; the later ones do not run.
std::vector<PackedLinear> load_packed(const BlockWorkload& workload, const LanguageModel& model) {
  const PackedModel packed(workload.model.string());
  std::vector<PackedLinear> linears;
  for (std::size_t i = 0; i < packed.linears().size(); ++i) {
    if (model.linears().at(i).block <= workload.block) linears.push_back(packed.load(i));
  }
  return linears;
}

std::vector<PackedLinear> prune(const BlockWorkload& workload, const MacroGeometry& macro) {
  const FlowSettings& flow = workload.flow;
  ModelFlags flags;
  flags.model = workload.model.string();
  flags.calibration = flow.calibration.string();
  flags.samples = flow.samples;
  const CalibratedModel calibrated = open_model(flags);

  ChoiceOptions choice;
  choice.selection.candidates = flow.candidates;
  choice.selection.target = flow.sparsity;
  choice.selection.alpha = flow.alpha;
  choice.selection.beta = flow.beta;
  choice.outlier_multiple = flow.outlier_multiple;
  choice.keep_dense = flow.keep_dense;
  require_candidates(macro, choice.selection.candidates);

  ModelPruning pruning;
  pruning.patterns = choose_patterns(*calibrated.model, calibrated.statistics, choice, 0).patterns;
  pruning.policy = flow.policy;
  pruning.window = macro.window;
  pruning.shared_rows = macro.cols;
  return prune_to_memory(*calibrated.model, calibrated.statistics, pruning);
}

std::vector<int> sequence(const BlockWorkload& workload, const LanguageModel& model) {
  const std::string text = workload.tokens.text.string();
  const std::vector<int> tokens = read_tokens(text, model.vocabulary());
  const std::size_t first = workload.tokens.first, count = workload.tokens.count;
  if (first + count > tokens.size()) {
    throw InputError(text + " has " + std::to_string(tokens.size()) + " tokens, but tokens " + std::to_string(first) +
                     ".." + std::to_string(first + count - 1) + " are asked for");
  }
  if (count > static_cast<std::size_t>(model.context())) {
    throw InputError(workload.model.string() + " reads at most " + std::to_string(model.context()) + " tokens, not " +
                     std::to_string(count));
  }
  return {tokens.begin() + workload.tokens.first, tokens.begin() + workload.tokens.first + workload.tokens.count};
}

}  // namespace

std::vector<GemmJob> block_jobs(const BlockWorkload& workload, const MacroGeometry& macro) {
  const auto model = load_model(workload.model.string());
  if (workload.block >= model->blocks()) {
    throw InputError(workload.model.string() + " has blocks 0.." + std::to_string(model->blocks() - 1) + ", not " +
                     std::to_string(workload.block));
  }
  const std::vector<int> tokens = sequence(workload, *model);
  std::vector<PackedLinear> linears = workload.packed() ? load_packed(workload, *model) : prune(workload, macro);

  std::vector<std::string> names;
  for (const LinearInfo& linear : model->linears()) {
    if (linear.block == workload.block && selects_linear(workload.linears, linear.name)) names.push_back(linear.name);
  }
  Int8Runner int8(linears);
  CaptureRunner capture(int8, names);
  Matrix<float> x = model->embed(tokens);
  for (int block = 0; block <= workload.block; ++block) {
    const auto state = model->new_state(block);
    model->run_block(block, x, *state, capture);
  }

  std::vector<GemmJob> jobs;
  for (const std::string& name : names) {
    const auto linear =
        std::find_if(linears.begin(), linears.end(), [&](const PackedLinear& each) { return each.name == name; });
    jobs.push_back({std::move(*linear), capture.captured(name).values});
  }
  return jobs;
}

}  // namespace flexcim

#include "platform/workload/block_jobs.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/model/capture_runner.h"
#include "flow/model/load_model.h"

#include <algorithm>
#include <string>
#include <utility>

namespace flexcim {

std::vector<int> block_tokens(const BlockWorkload& workload, const LanguageModel& model) {
  std::vector<int> tokens = read_range(workload.tokens, model.text());
  if (tokens.size() > static_cast<std::size_t>(model.context())) {
    throw InputError(workload.model.string() + " reads at most " + std::to_string(model.context()) + " tokens, not " +
                     std::to_string(tokens.size()));
  }
  return tokens;
}

namespace {

/// Lets the int8 model read the tokens up to the workload's block.
void run_blocks(const BlockWorkload& workload, const LanguageModel& model, const std::vector<int>& tokens,
                CaptureRunner& int8) {
  Matrix<float> x = model.embed(tokens);
  for (int block = 0; block <= workload.block; ++block) {
    const auto state = model.new_state(block);
    naming_not_finite(workload.model.string() + " on " + workload.tokens.text.string(),
                      [&] { model.run_block(block, x, *state, int8); });
  }
}

}  // namespace

BlockJobs block_jobs(const BlockWorkload& workload, const ImageSettings& hardware, Golden golden) {
  const auto model = load_model(workload.model.string());
  if (workload.block >= model->blocks()) {
    throw InputError(workload.model.string() + " has blocks 0.." + std::to_string(model->blocks() - 1) + ", not " +
                     std::to_string(workload.block));
  }
  const std::vector<int> tokens = block_tokens(workload, *model);
  ModelLinears packed = packed_linears(workload.model, workload.flow, *model, workload.block, hardware);
  std::vector<PackedLinear>& linears = packed.linears;

  std::vector<std::string> names;
  for (const LinearInfo& linear : model->linears()) {
    if (linear.block == workload.block && selects_linear(workload.linears, linear.name)) names.push_back(linear.name);
  }
  const bool runs = golden == Golden::run;
  CaptureRunner int8(runs ? linears : std::vector<PackedLinear>(), names, 0);
  if (runs) run_blocks(workload, *model, tokens, int8);

  BlockJobs result;
  result.selection = std::move(packed.selection);
  for (const std::string& name : names) {
    const auto linear =
        std::find_if(linears.begin(), linears.end(), [&](const PackedLinear& each) { return each.name == name; });
    const auto position = static_cast<std::size_t>(linear - linears.begin());
    GemmJob& job = result.jobs.emplace_back();
    job.weights = std::move(*linear);
    if (!packed.images.empty()) job.image = packed.images[position];
    if (runs) {
      CaptureRunner::Captured& captured = int8.captured(name);
      job.activations = std::move(captured.input.values);
      job.golden = std::move(captured.sums);
    } else {
      job.activations = {tokens.size(), static_cast<std::size_t>(job.weights.in)};
    }
  }
  return result;
}

}  // namespace flexcim

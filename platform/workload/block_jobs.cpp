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

/// What the int8 model feeds to the linears with these names, of the workload's block; `linears` are those up to it.
std::vector<Matrix<std::int8_t>> captured(const BlockWorkload& workload, const LanguageModel& model,
                                          const std::vector<int>& tokens, const std::vector<PackedLinear>& linears,
                                          const std::vector<std::string>& names) {
  Int8Runner int8(linears, 0);
  CaptureRunner capture(int8, names);
  Matrix<float> x = model.embed(tokens);
  for (int block = 0; block <= workload.block; ++block) {
    const auto state = model.new_state(block);
    naming_not_finite(workload.model.string() + " on " + workload.tokens.text.string(),
                      [&] { model.run_block(block, x, *state, capture); });
  }
  std::vector<Matrix<std::int8_t>> inputs;
  inputs.reserve(names.size());
  for (const std::string& name : names) inputs.push_back(capture.captured(name).values);
  return inputs;
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
  std::vector<Matrix<std::int8_t>> inputs;
  if (golden == Golden::run) inputs = captured(workload, *model, tokens, linears, names);

  BlockJobs result;
  result.selection = std::move(packed.selection);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto linear =
        std::find_if(linears.begin(), linears.end(), [&](const PackedLinear& each) { return each.name == names[i]; });
    const auto in = static_cast<std::size_t>(linear->in);
    const auto position = static_cast<std::size_t>(linear - linears.begin());
    result.jobs.push_back({std::move(*linear),
                           inputs.empty() ? Matrix<std::int8_t>(tokens.size(), in) : std::move(inputs[i]),
                           packed.images.empty() ? MappedVector<std::uint8_t>() : packed.images[position]});
  }
  return result;
}

}  // namespace flexcim

#include "platform/run/gemm_command.h"

#include "flow/base/error.h"
#include "flow/map/image.h"
#include "flow/map/nearest_pattern.h"
#include "platform/config/block_parameters.h"

#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

/// The layer that needs most of a buffer.
struct LargestNeed {
  std::uint64_t bytes = 0;
  std::string layer;

  void add(const std::string& name, std::uint64_t needed) {
    if (needed > bytes) *this = {needed, name};
  }
};

}  // namespace

std::vector<std::uint8_t> weight_image(const PackedLinear& linear, const Scenario& scenario) {
  const MacroGeometry& macro = scenario.architecture.macro;
  const Pattern pattern = nearest_pattern(macro, linear.pattern);
  const TileLayout layout = make_layout(macro, pattern, scenario.sequencing, scenario.architecture.merge, linear.name);
  std::vector<std::uint8_t> image =
      encode_image(macro, layout, pattern == linear.pattern ? linear : repack(linear, pattern));
  if (image.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("layer {}: its weights take {} bytes of memory, more than the 4 GiB of a command",
                                 linear.name, image.size()));
  }
  return image;
}

void check_commands(const Scenario& scenario, const std::vector<LayerCommand>& layers, Findings& findings) {
  const AcceleratorParameters parameters = accelerator_parameters(scenario.architecture);
  LargestNeed activations, weights, outputs;
  for (const LayerCommand& each : layers) {
    TileLayout layout;
    const ErrorCode error = validate(*each.command, parameters.macro, layout);
    if (error != ErrorCode::none) {
      findings.add(scenario.place("workload"), fmt::format("layer {}: {}", each.layer, description(error)));
      continue;
    }
    CommandPlan plan;
    make_plan(*each.command, layout, parameters, plan);
    activations.add(each.layer, plan.activation_bytes());
    weights.add(each.layer, weight_bytes(plan, parameters, each.image));
    outputs.add(each.layer, plan.output_bytes);
  }
  const auto require = [&](const char* buffer, std::uint64_t bytes, const LargestNeed& need, const char* what) {
    if (need.bytes <= bytes) return;
    findings.add(
        scenario.place(fmt::format("architecture.buffers.{}.bytes", buffer)),
        fmt::format("{} is less than the {} bytes that layer {} needs for {}", bytes, need.bytes, need.layer, what));
  };
  require("activation", parameters.activation.bytes, activations, "the inputs of one token");
  require("weight", parameters.weight.bytes, weights,
          parameters.weight.parts() == 1 ? "an array tile" : "two array tiles, one in each half");
  require("output", parameters.output.bytes, outputs, "two times the accumulators of one token, one in each half");
}

void refuse_layer(const Scenario& scenario, const std::string& layer, ErrorCode error) {
  throw InputError(fmt::format("{}: layer {}: the accelerator refuses the command: {}", scenario.file.string(), layer,
                               description(error)));
}

}  // namespace flexcim

#include "platform/program/command_check.h"

#include "platform/config/block_parameters.h"

#include <fmt/format.h>

namespace flexcim {

CommandCheck::CommandCheck(const Scenario& scenario, Findings& findings)
    : scenario_(scenario), findings_(findings), parameters_(accelerator_parameters(scenario.architecture)) {}

void CommandCheck::add(const std::string& layer, const Descriptor& command, const std::uint8_t* directory) {
  TileLayout layout;
  const ErrorCode error = validate(command, parameters_.macro, layout);
  if (error != ErrorCode::none) {
    return findings_.add(scenario_.place("workload"), fmt::format("layer {}: {}", layer, description(error)));
  }
  CommandPlan plan;
  make_plan(command, layout, parameters_, plan);
  activations_.add(layer, plan.activation_bytes());
  weights_.add(layer, weight_bytes(plan, parameters_, directory));
  outputs_.add(layer, plan.output_bytes);
}

void CommandCheck::finish() {
  require("activation", parameters_.activation.bytes, activations_, "the inputs of one token");
  require("weight", parameters_.weight.bytes, weights_,
          parameters_.weight.parts() == 1 ? "an array tile" : "two array tiles, one in each half");
  require("output", parameters_.output.bytes, outputs_, "two times the accumulators of one token, one in each half");
}

void CommandCheck::require(const char* buffer, std::uint64_t bytes, const LargestNeed& need, const char* what) {
  if (need.bytes <= bytes) return;
  findings_.add(
      scenario_.place(fmt::format("architecture.buffers.{}.bytes", buffer)),
      fmt::format("{} is less than the {} bytes that layer {} needs for {}", bytes, need.bytes, need.layer, what));
}

}  // namespace flexcim

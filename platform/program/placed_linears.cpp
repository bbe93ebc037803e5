#include "platform/program/placed_linears.h"

#include "flow/base/error.h"
#include "platform/config/block_parameters.h"
#include "tlm/interface/memory_map.h"

#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace flexcim {
namespace {

/// int8 activations as they lie in memory, a row every `stride` bytes.
std::vector<std::uint8_t> activation_image(const Matrix<std::int8_t>& activations, std::size_t stride) {
  std::vector<std::uint8_t> image(activations.rows() * stride);
  for (std::size_t t = 0; t < activations.rows(); ++t) {
    std::memcpy(&image[t * stride], activations.row(t), activations.cols());
  }
  return image;
}

/// The layer that needs most of a buffer.
struct LargestNeed {
  std::uint64_t bytes = 0;
  std::string layer;

  void add(const std::string& name, std::uint64_t needed) {
    if (needed > bytes) *this = {needed, name};
  }
};

}  // namespace

PlacedLinear& PlacedLinears::add(MemoryImage& memory, const PackedLinear& linear, std::size_t tokens,
                                 MappedVector<std::uint8_t> image) {
  MappedVector<std::uint8_t> weights =
      image.size() > 0 ? std::move(image)
                       : weight_image(image_settings(scenario_.architecture, scenario_.sequencing), linear);
  PlacedLinear placed{&linear, gemm_descriptor(scenario_.architecture, scenario_.sequencing, linear.pattern, linear.out,
                                               linear.in, static_cast<int>(tokens), linear.weight_bits)};
  placed.command.weights_bytes = static_cast<std::uint32_t>(weights.size());
  placed.command.weights = memory.append("weights of " + linear.name, std::move(weights));
  placed.command.tag = static_cast<std::uint32_t>(linears_.size());
  return linears_.emplace_back(placed);
}

PlacedLinear& PlacedLinears::add(MemoryImage& memory, const GemmJob& job) {
  PlacedLinear& placed = add(memory, job.weights, job.activations.rows(), job.image);
  Descriptor& command = placed.command;
  command.activations =
      memory.append("activations of " + job.weights.name, activation_image(job.activations, command.activation_stride));
  command.outputs =
      memory.reserve("outputs of " + job.weights.name, std::uint64_t{command.tokens} * command.output_stride);
  return placed;
}

void PlacedLinears::check(const std::uint8_t* dram, Findings& findings) const {
  const AcceleratorParameters parameters = accelerator_parameters(scenario_.architecture);
  LargestNeed activations, weights, outputs;
  for (const PlacedLinear& linear : linears_) {
    const Descriptor& command = linear.command;
    const std::string& layer = linear.weights->name;
    TileLayout layout;
    const ErrorCode error = validate(command, parameters.macro, layout);
    if (error != ErrorCode::none) {
      findings.add(scenario_.place("workload"), fmt::format("layer {}: {}", layer, description(error)));
      continue;
    }
    CommandPlan plan;
    make_plan(command, layout, parameters, plan);
    activations.add(layer, plan.activation_bytes());
    weights.add(layer, weight_bytes(plan, parameters, dram + (command.weights - memory_map::dram)));
    outputs.add(layer, plan.output_bytes);
  }
  const auto require = [&](const char* buffer, std::uint64_t bytes, const LargestNeed& need, const char* what) {
    if (need.bytes <= bytes) return;
    findings.add(
        scenario_.place(fmt::format("architecture.buffers.{}.bytes", buffer)),
        fmt::format("{} is less than the {} bytes that layer {} needs for {}", bytes, need.bytes, need.layer, what));
  };
  require("activation", parameters.activation.bytes, activations, "the inputs of one token");
  require("weight", parameters.weight.bytes, weights,
          parameters.weight.parts() == 1 ? "an array tile" : "two array tiles, one in each half");
  require("output", parameters.output.bytes, outputs, "two times the accumulators of one token, one in each half");
}

void check_dram(const Scenario& scenario, std::uint64_t needed, const char* what, Findings& findings) {
  const std::uint64_t bytes = scenario.architecture.dram.bytes;
  if (bytes == 0 || bytes >= needed) return;
  findings.add(scenario.place("architecture.dram.bytes"),
               fmt::format("{} is less than the {} bytes that the scenario's data need: {}, weights, activations and "
                           "outputs",
                           bytes, needed, what));
}

void refuse_layer(const Scenario& scenario, const std::string& layer, ErrorCode error) {
  throw InputError(fmt::format("{}: layer {}: the accelerator refuses the command: {}", scenario.file.string(), layer,
                               description(error)));
}

}  // namespace flexcim

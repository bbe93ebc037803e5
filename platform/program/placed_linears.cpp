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

std::vector<std::string> PlacedLinears::names() const {
  std::vector<std::string> names;
  names.reserve(linears_.size());
  for (const PlacedLinear& linear : linears_) names.push_back(linear.weights->name);
  return names;
}

void PlacedLinears::check(const std::uint8_t* dram, CommandCheck& check) const {
  for (const PlacedLinear& linear : linears_) {
    check.add(linear.weights->name, linear.command, dram + (linear.command.weights - memory_map::dram));
  }
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

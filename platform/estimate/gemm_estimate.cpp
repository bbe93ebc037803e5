#include "platform/estimate/gemm_estimate.h"

#include "flow/base/error.h"
#include "flow/map/nearest_pattern.h"
#include "platform/config/block_parameters.h"
#include "platform/energy/accelerator_activity.h"
#include "platform/estimate/like_steps.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;
std::uint64_t pages(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

void check(const Architecture& architecture, const GemmShape& shape, const std::string& where) {
  const auto require = [&](const char* name, int value, std::uint32_t most) {
    if (value >= 1 && static_cast<std::uint32_t>(value) <= most) return;
    throw InputError(fmt::format("{}: {} must be 1 to {}, not {}", where, name, most, value));
  };
  require("tokens", shape.tokens, kMaxTokens);
  require("out", shape.out, kMaxOut);
  require("in", shape.in, kMaxIn);
  require("phases", shape.phases, static_cast<std::uint32_t>(architecture.macro.cols));
}

std::string name_of(const GemmShape& shape) {
  return fmt::format("gemm {} x {}, {}, {} tokens", shape.out, shape.in, to_string(shape.pattern), shape.tokens);
}

/// Throws InputError for a shape or a pattern that the accelerator refuses.
TileLayout layout_of(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  const std::string where = name_of(shape);
  check(architecture, shape, where);
  return make_layout(architecture.macro, nearest_pattern(architecture.macro, shape.pattern), sequencing,
                     architecture.merge, where, shape.weight_bits);
}

/// Complete but for the addresses.
Descriptor command_of(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  return gemm_descriptor(architecture, sequencing, shape.pattern, shape.out, shape.in, shape.tokens, shape.weight_bits);
}

GemmEstimate estimate(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape, bool whole) {
  const std::string where = name_of(shape);
  const TileLayout layout = layout_of(architecture, sequencing, shape);
  const WeightlessImage image(architecture.macro, layout, shape.out, shape.in, shape.phases);
  if (image.bytes() > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(
        fmt::format("{}: its weights take {} bytes of memory, more than the 4 GiB of a command", where, image.bytes()));
  }
  // Data lie where the only layer of a simulation has them: behind the ring, each from a page on.
  Descriptor command = command_of(architecture, sequencing, shape);
  command.weights = memory_map::dram + kPage;
  command.activations = command.weights + pages(image.bytes());
  command.outputs = command.activations + pages(std::uint64_t{command.tokens} * command.activation_stride);
  if (shape.requantized) {
    command.flags |= kFlagRequantize;
    command.output_stride = command.out;
    command.scales = command.outputs + pages(std::uint64_t{command.tokens} * command.output_stride);
  }
  DatalessSystem system(architecture, command, image);
  LikeSteps like(system, architecture, command, image, whole);
  ErrorCode error = ErrorCode::none;
  CommandCounts counts = system.run(&like, error);
  if (error != ErrorCode::none) {
    throw InputError(where + ": the accelerator refuses the command: " + std::string(description(error)));
  }
  counts += like.left_out();
  return {counts.cycles, counts.gemm, dram_traffic(counts.dram, dram_parameters(architecture)),
          counts.gemm.events.dma_reads + counts.gemm.events.dma_writes, like.waited()};
}

}  // namespace

GemmEstimate estimate_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  return estimate(architecture, sequencing, shape, false);
}

int token_tile(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  const TileLayout layout = layout_of(architecture, sequencing, shape);
  CommandPlan plan;
  make_plan(command_of(architecture, sequencing, shape), layout, accelerator_parameters(architecture), plan);
  return plan.token_tile;
}

GemmEstimate whole_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  return estimate(architecture, sequencing, shape, true);
}

Activity activity_of(const Architecture& architecture, const GemmEstimate& estimate) {
  return accelerator_activity(architecture, estimate.gemm.events, architecture.clock().of(estimate.cycles),
                              estimate.dram);
}

}  // namespace flexcim

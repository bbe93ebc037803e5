#include "platform/estimate/gemm_estimate.h"

#include "flow/base/error.h"
#include "platform/config/block_parameters.h"
#include "platform/energy/accelerator_activity.h"
#include "platform/estimate/dataless_system.h"
#include "tlm/interface/memory_map.h"

#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;

std::uint64_t pages(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

/// Throws InputError for an image that no command can hold.
std::uint64_t image_bytes(const Architecture& architecture, const TileLayout& layout, const GemmShape& shape,
                          const std::string& where) {
  const std::uint64_t bytes = ImagePlan(architecture.macro, layout, shape.out, shape.in, shape.phases).bytes();
  if (bytes <= std::numeric_limits<std::uint32_t>::max()) return bytes;
  throw InputError(
      fmt::format("{}: its weights take {} bytes of memory, more than the 4 GiB of a command", where, bytes));
}

/// The command, with its data where the only layer of a simulation has them: behind the ring, each from a page on.
Descriptor placed_command(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape,
                          const std::string& where) {
  const TileLayout layout = make_layout(architecture.macro, shape.pattern, sequencing, architecture.merge, where);
  Descriptor command = gemm_descriptor(architecture, sequencing, shape.pattern, shape.out, shape.in, shape.tokens);
  command.weights = memory_map::dram + kPage;
  command.activations = command.weights + pages(image_bytes(architecture, layout, shape, where));
  command.outputs = command.activations + pages(std::uint64_t{command.tokens} * command.activation_stride);
  return command;
}

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

}  // namespace

GemmEstimate estimate_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  const std::string where =
      fmt::format("gemm {} x {}, {}, {} tokens", shape.out, shape.in, to_string(shape.pattern), shape.tokens);
  check(architecture, shape, where);
  const Descriptor command = placed_command(architecture, sequencing, shape, where);
  const CommandCounts counts = run_dataless(architecture, command, shape.phases, where);
  return {counts.cycles, counts.gemm, dram_traffic(counts.dram, dram_parameters(architecture)),
          counts.gemm.events.dma_reads + counts.gemm.events.dma_writes};
}

Activity activity_of(const Architecture& architecture, const GemmEstimate& estimate) {
  return accelerator_activity(architecture, estimate.gemm.events, architecture.clock().of(estimate.cycles),
                              estimate.dram);
}

}  // namespace flexcim

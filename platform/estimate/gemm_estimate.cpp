#include "platform/estimate/gemm_estimate.h"

#include "flow/base/error.h"
#include "flow/map/nearest_pattern.h"
#include "platform/config/block_parameters.h"
#include "platform/energy/accelerator_activity.h"
#include "platform/estimate/extrapolate.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;
/// So many refreshes of the DRAM belong to what is extrapolated from: one more or less, and what it closes, is then a
/// small part.
constexpr Cycle kRefreshes = 32;
/// Of token tiles and rows of array tiles: what the first and the last one of them have of their own ends within so
/// many. Weights are fetched two rows ahead at most.
constexpr int kFirstTokenTiles = 1, kFirstRows = 3;

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

/// A command with its data where the only layer of a simulation has them: behind the ring, each from a page on.
class PlacedGemm {
 public:
  PlacedGemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape)
      : architecture_(architecture),
        phases_(shape.phases),
        where_(
            fmt::format("gemm {} x {}, {}, {} tokens", shape.out, shape.in, to_string(shape.pattern), shape.tokens)) {
    check(architecture, shape, where_);
    const Pattern pattern = nearest_pattern(architecture.macro, shape.pattern);
    const TileLayout layout = make_layout(architecture.macro, pattern, sequencing, architecture.merge, where_);
    const ImagePlan image(architecture.macro, layout, shape.out, shape.in, shape.phases);
    if (image.bytes() > std::numeric_limits<std::uint32_t>::max()) {
      throw InputError(fmt::format("{}: its weights take {} bytes of memory, more than the 4 GiB of a command", where_,
                                   image.bytes()));
    }
    blobs_begin_ = image.blobs_begin;
    command_ = gemm_descriptor(architecture, sequencing, shape.pattern, shape.out, shape.in, shape.tokens);
    command_.weights = memory_map::dram + kPage;
    command_.activations = command_.weights + pages(image.bytes());
    command_.outputs = command_.activations + pages(std::uint64_t{command_.tokens} * command_.activation_stride);
    if (shape.requantized) {
      command_.flags |= kFlagRequantize;
      command_.output_stride = command_.out;
      command_.scales = command_.outputs + pages(std::uint64_t{command_.tokens} * command_.output_stride);
    }
    const ErrorCode error = make_plan(command_, layout, accelerator_parameters(architecture), plan_);
    if (error != ErrorCode::none) refuse(where_, error);
  }

  /// Token tiles with as many tokens as fit: all, or all but the last.
  int token_tiles() const {
    const int last = plan_.token_tiles - 1;
    return plan_.tokens_in(last) == plan_.token_tile ? last + 1 : last;
  }
  /// Of array tiles.
  int rows() const { return plan_.rows; }
  /// With so many of token_tiles() and so many rows. All of those but the last are where they are in the whole gemm, in
  /// time and in memory.
  CommandCounts run(int token_tiles, int rows) const {
    Descriptor command = command_;
    command.tokens -= static_cast<std::uint32_t>((this->token_tiles() - token_tiles) * plan_.token_tile);
    command.out -= static_cast<std::uint32_t>((plan_.rows - rows) * plan_.array_outputs);
    ImagePlan image(architecture_.macro, plan_.layout, static_cast<int>(command.out), plan_.in, phases_);
    image.blobs_begin = blobs_begin_;
    return run_dataless(architecture_, command, image, where_);
  }
  GemmEstimate estimate(const CommandCounts& counts) const {
    // Passes and loads never overlap: what is extrapolated cannot be shorter.
    const Cycle cycles = std::max(counts.cycles, counts.gemm.compute_cycles + counts.gemm.load_cycles);
    return {cycles, counts.gemm, dram_traffic(counts.dram, dram_parameters(architecture_)),
            counts.gemm.events.dma_reads + counts.gemm.events.dma_writes};
  }

 private:
  const Architecture& architecture_;
  const int phases_;
  const std::string where_;
  std::uint64_t blobs_begin_ = 0;
  Descriptor command_;
  CommandPlan plan_;
};

}  // namespace

GemmEstimate estimate_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  const PlacedGemm gemm(architecture, sequencing, shape);
  const DramParameters dram = dram_parameters(architecture);
  const Cycle enough = kRefreshes * static_cast<Cycle>(dram.refi) * static_cast<Cycle>(dram.clock_ps) /
                       static_cast<Cycle>(architecture.clock().ps());
  return gemm.estimate(extrapolate(gemm.token_tiles(), kFirstTokenTiles, enough, [&](int token_tiles) {
    return extrapolate(gemm.rows(), kFirstRows, enough, [&](int rows) { return gemm.run(token_tiles, rows); });
  }));
}

GemmEstimate whole_gemm(const Architecture& architecture, Sequencing sequencing, const GemmShape& shape) {
  const PlacedGemm gemm(architecture, sequencing, shape);
  return gemm.estimate(gemm.run(gemm.token_tiles(), gemm.rows()));
}

Activity activity_of(const Architecture& architecture, const GemmEstimate& estimate) {
  return accelerator_activity(architecture, estimate.gemm.events, architecture.clock().of(estimate.cycles),
                              estimate.dram);
}

}  // namespace flexcim

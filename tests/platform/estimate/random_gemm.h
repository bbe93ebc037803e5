// Random accelerators and gemms, and what a gemm costs in a loop that moves data and multiplies.
#pragma once

#include "flow/base/error.h"
#include "flow/map/image.h"
#include "platform/config/block_parameters.h"
#include "platform/estimate/gemm_estimate.h"
#include "tests/flow/random_linear.h"
#include "tests/tlm/dram_device.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/interface/memory_map.h"
#include "tlm/timing/plain_system.h"

#include <fmt/format.h>
#include <optional>
#include <random>

namespace flexcim::test {

struct RandomGemm {
  Architecture architecture;
  Sequencing sequencing = Sequencing::grouped;
  GemmShape shape;
};

/// Small enough to be multiplied in milliseconds. The buffers may be too small for it.
inline RandomGemm random_gemm(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<int> values) {
    return values.begin()[random() % static_cast<unsigned>(values.size())];
  };
  RandomGemm gemm;
  Architecture& a = gemm.architecture;
  a.macro.sub_macros = pick({1, 4, 4, 8});
  a.macro.cols = pick({4, 16, 32});
  a.macro.rows = pick({4, 8, 32});
  a.macro.window = pick({1, 1, 2, 4});
  a.macros.outputs = pick({1, 1, 2, 4});
  a.macros.inputs = pick({1, 1, 2, 3});
  a.merge = random() % 4 == 0 ? MergeMode::concat : MergeMode::reduce;
  a.weight_update = random() % 3 == 0 ? WeightUpdate::shadow : WeightUpdate::blocking;
  a.weights_resident = random() % 3 == 0;
  a.clock_mhz = pick({250, 500, 588, 1000});
  a.buffers.activation.bytes = static_cast<std::uint64_t>(pick({2048, 65536}));
  a.buffers.weight.bytes = static_cast<std::uint64_t>(pick({2048, 8192, 65536}));
  a.buffers.output.bytes = static_cast<std::uint64_t>(pick({2048, 8192, 65536}));
  a.buffers.activation.port_bytes = static_cast<std::uint64_t>(pick({64, 1024}));
  for (BufferParameters* buffer : {&a.buffers.activation, &a.buffers.weight, &a.buffers.output}) {
    buffer->banks = pick({1, 2, 4, 4, 8});
  }
  a.dma = {pick({1, 2, 8, 16}), pick({64, 256, 1024})};
  a.interconnect.width_bytes = pick({8, 32});
  a.interconnect.latency_cycles = pick({1, 4});
  a.dram.device.timing = dram_device(kDramDevices[random() % 4]);
  a.dram.device.name = a.dram.device.timing.name;

  gemm.sequencing = all_sequencings()[random() % 3];
  const std::vector<Pattern> patterns = supported_patterns(a.macro);
  gemm.shape.pattern = patterns[random() % patterns.size()];
  gemm.shape.out = 1 + static_cast<int>(random() % 200);
  gemm.shape.in = 8 + static_cast<int>(random() % 500);
  gemm.shape.tokens = 1 + static_cast<int>(random() % 24);
  // One kept element in a group, and columns that want different pairs: so many groups of columns.
  if (gemm.sequencing == Sequencing::grouped && gemm.shape.pattern.n == 1 && a.macro.window == 1) {
    const int most = std::min(a.macro.cols, std::max(1, gemm.shape.pattern.m / 2));
    gemm.shape.phases = 1 + static_cast<int>(random() % static_cast<unsigned>(most));
    if (gemm.shape.phases > 1) gemm.shape.in -= gemm.shape.in % gemm.shape.pattern.m;
  }
  return gemm;
}

/// Cells for two int4 weights in every second macro, and such weights for every second of those.
inline void draw_weight_bits(std::mt19937& random, RandomGemm& gemm) {
  gemm.architecture.macro.int4_per_cell = random() % 2 == 0 ? 2 : 1;
  if (gemm.architecture.macro.int4_per_cell == 2 && random() % 2 == 0) gemm.shape.weight_bits = 4;
}

/// Weights whose tiles have shape.phases phases.
inline PackedLinear random_weights(std::mt19937& random, const RandomGemm& gemm) {
  const GemmShape& shape = gemm.shape;
  const int window = gemm.architecture.macro.window;
  PackedLinear linear = random_linear(random, shape.pattern, shape.out, shape.in,
                                      gemm.sequencing == Sequencing::grouped ? window : 0, shape.weight_bits);
  if (shape.phases == 1) return linear;
  linear.policy = IndexPolicy::element;
  const TileLayout layout = make_layout(gemm.architecture.macro, shape.pattern, gemm.sequencing,
                                        gemm.architecture.merge, "test", shape.weight_bits);
  for (int o = 0; o < shape.out; ++o) {
    const int of_tile = o % layout.tile_outputs, tile = o - of_tile, lane = of_tile / gemm.architecture.macro.cols;
    const int c = of_tile % gemm.architecture.macro.cols;
    const int left = shape.out - tile;
    const int used = std::min(gemm.architecture.macro.cols, left - lane * gemm.architecture.macro.cols);
    const int phases = std::min({shape.phases, gemm.architecture.macro.cols, left});
    const int pair = c * phases / used;
    for (int g = 0; g < linear.groups(); ++g) {
      const std::size_t entry = linear.entry(o, g, 0);
      linear.indices[entry] = static_cast<std::uint8_t>(2 * pair + static_cast<int>(random() % 2));
      linear.values[entry] = 1;
    }
  }
  return linear;
}

/// One line: cycles, statistics, DRAM; or the error's description.
template <class Counts>
std::string text_of(Cycle cycles, const GemmStatistics& gemm, const Counts& dram) {
  std::string text = fmt::format("cycles {}", cycles);
  for (const auto& count : StatisticList<GemmStatistics>::list)
    text += fmt::format(" {} {}", count.name, count.of(gemm));
  return text + fmt::format(" DRAM {} {} {} {}", dram.read_bytes, dram.write_bytes, dram.activates, dram.refreshes);
}

/// What a command with these weights costs.
inline std::string multiplied(std::mt19937& random, const RandomGemm& gemm) {
  const Architecture& a = gemm.architecture;
  const GemmShape& shape = gemm.shape;
  const TileLayout layout = make_layout(a.macro, shape.pattern, gemm.sequencing, a.merge, "test", shape.weight_bits);
  const std::vector<std::uint8_t> image = encode_image(a.macro, layout, random_weights(random, gemm));
  const auto pages = [](std::uint64_t bytes) { return (bytes + 4095) / 4096 * 4096; };
  Descriptor d =
      gemm_descriptor(a, gemm.sequencing, shape.pattern, shape.out, shape.in, shape.tokens, shape.weight_bits);
  d.weights_bytes = static_cast<std::uint32_t>(image.size());
  d.weights = memory_map::dram + 4096;
  d.activations = d.weights + pages(image.size());
  d.outputs = d.activations + pages(std::uint64_t{d.tokens} * d.activation_stride);
  std::vector<std::uint8_t> content(d.outputs - memory_map::dram + std::uint64_t{d.tokens} * d.output_stride);
  const DescriptorImage command = encode(d);
  std::copy(command.begin(), command.end(), content.begin());
  std::copy(image.begin(), image.end(), content.begin() + 4096);
  const DramParameters dram = dram_parameters(a);
  FastEngine engine(a.macro, a.macros);
  PlainSystem plain(accelerator_parameters(a), a.dma, interconnect_parameters(a), dram, memory_map::dram,
                    std::move(content), engine);
  const CommandRecord record = plain.commands.run(memory_map::dram, 0);
  if (record.error != ErrorCode::none) return std::string(description(record.error));
  const DramEvents& events = plain.dram.timing.events();
  const auto burst = static_cast<std::uint64_t>(dram.burst_bytes());
  return text_of(
      record.cycles(), record.gemm,
      DramTraffic{events.read_bursts * burst, events.write_bursts * burst, events.activates, events.refreshes});
}

/// What whole_gemm() says.
inline std::string computed(const RandomGemm& gemm) {
  try {
    const GemmEstimate whole = whole_gemm(gemm.architecture, gemm.sequencing, gemm.shape);
    return text_of(whole.cycles, whole.gemm, whole.dram);
  } catch (const InputError& error) {
    const std::string what = error.what(), before = "the accelerator refuses the command: ";
    const std::size_t at = what.find(before);
    return at == std::string::npos ? what : what.substr(at + before.size());
  }
}

}  // namespace flexcim::test

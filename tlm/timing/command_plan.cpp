#include "tlm/timing/command_plan.h"

#include "flow/base/error.h"
#include "flow/map/image.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace flexcim {

namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

void check_buffer(const BufferParameters& buffer, const char* name) {
  if (buffer.bytes < BufferParameters::least_bytes || buffer.bytes > BufferParameters::most_bytes) {
    throw InputError(fmt::format("accelerator: {} buffer must have {} to {} bytes", name, BufferParameters::least_bytes,
                                 BufferParameters::most_bytes));
  }
  if (buffer.port_bytes < 1 || buffer.port_bytes > BufferParameters::most_port_bytes) {
    throw InputError(fmt::format("accelerator: port of the {} buffer must move 1 to {} bytes per cycle", name,
                                 BufferParameters::most_port_bytes));
  }
  if (buffer.banks < 1 || buffer.banks > BufferParameters::most_banks || (buffer.banks & (buffer.banks - 1)) != 0) {
    throw InputError(fmt::format("accelerator: {} buffer must have a power of two of banks, 1 to {}", name,
                                 BufferParameters::most_banks));
  }
}

}  // namespace

void AcceleratorParameters::validate() const {
  macro.validate();
  if (array.outputs < 1 || array.outputs > most_macros || array.inputs < 1 || array.inputs > most_macros) {
    throw InputError(fmt::format("accelerator: macros_o and macros_k must be 1..{}", most_macros));
  }
  if (clock_ps < 1 || clock_ps > 1'000'000'000) throw InputError("accelerator: the clock period must be 1 ps to 1 ms");
  check_buffer(activation, "activation");
  check_buffer(weight, "weight");
  check_buffer(output, "output");
}

int CommandPlan::tokens_in(int index) const { return std::min(token_tile, tokens - index * token_tile); }
int CommandPlan::inputs_in(int col) const { return std::min(array_inputs, in - col * array_inputs); }
int CommandPlan::outputs_in(int row) const { return std::min(array_outputs, out - row * array_outputs); }

ErrorCode make_plan(const Descriptor& descriptor, const TileLayout& layout, const AcceleratorParameters& p,
                    CommandPlan& plan) {
  plan.layout = layout;
  plan.out = static_cast<int>(descriptor.out);
  plan.in = static_cast<int>(descriptor.in);
  plan.tokens = static_cast<int>(descriptor.tokens);
  plan.resident = p.weights_resident && !descriptor.has(kFlagStreamWeights);
  plan.grid = tile_grid(layout, plan.out, plan.in);
  plan.array_inputs = layout.tile_inputs * p.array.inputs;
  plan.array_outputs = layout.tile_outputs * p.array.outputs;
  plan.rows = ceil_div(plan.grid.outputs, p.array.outputs);
  plan.cols = ceil_div(plan.grid.inputs, p.array.inputs);
  const std::uint64_t sums = static_cast<std::uint64_t>(plan.array_outputs) * sizeof(std::int32_t);
  plan.output_bytes = 2 * p.output.words(sums) * p.output.port_bytes;
  const std::uint64_t by_activations = p.activation.bytes / plan.activation_bytes();
  const std::uint64_t by_outputs = p.output.bytes / plan.output_bytes;
  if (by_activations == 0) return ErrorCode::activations_do_not_fit;
  if (by_outputs == 0) return ErrorCode::outputs_do_not_fit;
  plan.token_tile = static_cast<int>(std::min({by_activations, by_outputs, static_cast<std::uint64_t>(plan.tokens)}));
  plan.token_tiles = ceil_div(plan.tokens, plan.token_tile);
  return ErrorCode::none;
}

std::uint64_t weight_bytes(const CommandPlan& plan, const AcceleratorParameters& p, const std::uint8_t* directory) {
  if (plan.resident) return 0;
  std::vector<std::uint64_t> array_tiles(static_cast<std::size_t>(plan.rows) * static_cast<std::size_t>(plan.cols));
  for (int o = 0; o < plan.grid.outputs; ++o) {
    for (int k = 0; k < plan.grid.inputs; ++k, directory += kDirectoryEntryBytes) {
      const int tile = o / p.array.outputs * plan.cols + k / p.array.inputs;
      array_tiles[static_cast<std::size_t>(tile)] += read_directory_entry(directory).bytes;
    }
  }
  return static_cast<std::uint64_t>(p.weight.parts()) * *std::max_element(array_tiles.begin(), array_tiles.end());
}

std::uint64_t array_pass_cycles(const CommandPlan& plan, const AcceleratorParameters& p, int row, int col,
                                std::uint64_t phases) {
  const auto inputs = static_cast<std::uint64_t>(plan.inputs_in(col));
  const auto first = static_cast<std::uint64_t>(col) * static_cast<std::uint64_t>(plan.array_inputs);
  const std::uint64_t reads =
      p.activation.read_cycles(first, inputs, plan.activation_bytes(), static_cast<std::uint64_t>(plan.token_tile));
  const auto sums = static_cast<std::uint64_t>(plan.outputs_in(row)) * sizeof(std::int32_t);
  return std::max({phases, reads, p.output.words(sums) * p.output.accumulate_cycles(col == 0)});
}

}  // namespace flexcim

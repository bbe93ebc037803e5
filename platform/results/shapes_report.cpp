#include "platform/results/shapes_report.h"

#include "platform/results/text_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace flexcim {
namespace {

/// Layers alike, their figures summed up.
struct Alike {
  LayerResult sum;  ///< of the first one's name, shape and pattern
  std::size_t linears = 0;
};

/// "q_proj", with the pass in front where there are some: "decode q_proj".
std::string kind_of(const LayerResult& layer) {
  const std::string kind = layer.name.substr(layer.name.find_last_of("./") + 1);
  return layer.part() == layer.name ? kind : layer.part() + " " + kind;
}

std::vector<Alike> alike(const std::vector<LayerResult>& layers) {
  std::vector<Alike> rows;
  for (const LayerResult& layer : layers) {
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Alike& row) {
      return kind_of(row.sum) == kind_of(layer) && row.sum.pattern == layer.pattern && row.sum.tokens == layer.tokens &&
             row.sum.out == layer.out && row.sum.in == layer.in;
    });
    Alike& row = same == rows.end() ? rows.emplace_back() : *same;
    if (row.linears++ == 0) {
      row.sum = layer;
      continue;
    }
    row.sum.tiles += layer.tiles;
    row.sum.cycles += layer.cycles;
    row.sum.stall_cycles += layer.stall_cycles;
    row.sum.energy += layer.energy;  // their utilization is one and the same
  }
  return rows;
}

}  // namespace

std::string shapes_table(const SimulationResult& simulation) {
  TextTable table({{"linears", Align::left},
                   {"", Align::right},
                   {"tokens×out×in", Align::right},
                   {"N:M", Align::right},
                   {"tiles", Align::right},
                   {"cycles", Align::right},
                   {"stalled", Align::right},
                   {"utilization", Align::right},
                   {"energy", Align::right}});
  std::uint64_t tiles = 0, stalled = 0;
  for (const Alike& row : alike(simulation.layers)) {
    const LayerResult& sum = row.sum;
    table.add({kind_of(sum), fmt::format("{} ×", row.linears), fmt::format("{}×{}×{}", sum.tokens, sum.out, sum.in),
               to_string(sum.pattern), with_commas(sum.tiles), with_commas(sum.cycles),
               percent_text(static_cast<double>(sum.stall_cycles) / static_cast<double>(sum.cycles)),
               percent_text(sum.utilization), energy_text(sum.energy.total_pj())});
    tiles += sum.tiles;
    stalled += sum.stall_cycles;
  }
  table.set_footer({"total", fmt::format("{}", simulation.layers.size()), "", "", with_commas(tiles),
                    with_commas(simulation.cycles),
                    percent_text(static_cast<double>(stalled) / static_cast<double>(simulation.cycles)),
                    percent_text(simulation.utilization()), energy_text(simulation.energy.total_pj())});
  return table.render();
}

}  // namespace flexcim

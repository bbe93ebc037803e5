#include "platform/results/columns.h"

#include "platform/config/clock_period.h"

#include <fmt/format.h>
#include <type_traits>

namespace flexcim {

const std::vector<Column<LayerResult>>& layer_columns() {
  using L = LayerResult;
  using V = ColumnValue;
  static const std::vector<Column<L>> columns = {
      {"pattern", "", "N:M of the weights, or dense", [](const L& l) -> V { return to_string(l.pattern); }},
      {"tiles", "", "macro tiles of the weights", [](const L& l) -> V { return l.tiles; }},
      {"phases", "", "of one pass through every tile", [](const L& l) -> V { return l.phases; }},
      {"cycles", "cycles", "of the accelerator, from the fetch of the descriptor to its completion",
       [](const L& l) -> V { return l.cycles; }},
      {"stall_cycles", "cycles", "of those, neither computing nor loading cells: memory is waited for",
       [](const L& l) -> V { return l.stall_cycles; }},
      {"start_ns", "ns", "simulated time at which those cycles begin",
       [](const L& l) -> V { return nanoseconds(l.start_ps); }},
      {"macs_dense", "", "multiplications of the dense product: tokens × out × in",
       [](const L& l) -> V { return l.macs_dense(); }},
      {"macs_executed", "", "multiplications that the cells did", [](const L& l) -> V { return l.macs_executed; }},
      {"utilization", "", "macs_executed over cycles times all cells, 0 to 1",
       [](const L& l) -> V { return l.utilization; }, 6},
  };
  return columns;
}

const std::vector<Column<LayerKind>>& layer_kind_columns() {
  using K = LayerKind;
  using V = ColumnValue;
  static const std::vector<Column<K>> columns = {
      {"part", "", "prefill or decode", [](const K& k) -> V { return k.part; }},
      {"kind", "", "last part of the linears' names", [](const K& k) -> V { return k.kind; }},
      {"linears", "", "how many", [](const K& k) -> V { return static_cast<std::uint64_t>(k.linears); }},
      {"patterns", "", "N:M that occur, in order of their first linear",
       [](const K& k) -> V { return k.patterns_text(); }},
      {"macs_dense", "", "as of a layer, summed up", [](const K& k) -> V { return k.macs_dense; }},
      {"cycles", "cycles", "likewise", [](const K& k) -> V { return k.cycles; }},
      {"stall_cycles", "cycles", "likewise", [](const K& k) -> V { return k.stall_cycles; }},
      {"utilization", "", "of the layers, weighted by cycles", [](const K& k) -> V { return k.utilization(); }, 6},
      {"energy_pj", "pJ", "summed up", [](const K& k) -> V { return k.energy_pj; }, 3},
      {"match", "", "every output equals the golden model's", [](const K& k) -> V { return k.match; }},
  };
  return columns;
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_text(const ColumnValue& value, int decimals) {
  return std::visit(
      [&](const auto& content) {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, std::string>) return csv_text(content);
        if constexpr (std::is_same_v<Content, double>) {
          if (decimals >= 0) return fmt::format("{:.{}f}", content, decimals);
        }
        return fmt::format("{}", content);
      },
      value);
}

}  // namespace flexcim

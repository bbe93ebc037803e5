#include "platform/results/columns.h"

#include "flow/base/error.h"
#include "platform/config/clock_period.h"
#include "platform/results/comparison_file.h"
#include "platform/results/point_metrics.h"

#include <fmt/format.h>
#include <type_traits>

namespace flexcim {

namespace {

using L = LayerResult;

template <std::uint64_t L::*member>
Column<L> counted(std::string_view name, std::string_view unit, std::string_view description) {
  return {name, unit, description, [](const L& layer) -> ColumnValue { return layer.*member; },
          [](L& layer, const JsonPlace& value) { layer.*member = value.count(); }};
}

template <Pattern L::*member>
Column<L> pattern_column(std::string_view name, std::string_view description) {
  return {name, "", description, [](const L& layer) -> ColumnValue { return to_string(layer.*member); },
          [](L& layer, const JsonPlace& value) {
            try {
              layer.*member = parse_pattern(value.text());
            } catch (const InputError& error) {
              value.fail(error.what());
            }
          }};
}

PhaseSource phase_source(const JsonPlace& value) {
  for (const PhaseSource source : {PhaseSource::packed, PhaseSource::policy, PhaseSource::layout}) {
    if (value.text() == to_string(source)) return source;
  }
  value.fail("is none of packed, policy, layout");
}

}  // namespace

const std::vector<Column<L>>& layer_columns() {
  using V = ColumnValue;
  static const std::vector<Column<L>> columns = {
      pattern_column<&L::pattern>("pattern", "N:M of the weights, or dense"),
      pattern_column<&L::runs_as>("runs_as", "the nearest pattern that the macro is wired for, mostly the same"),
      {"weight_bits", "bits", "of a weight: 8, or 4 where two share a cell",
       [](const L& l) -> V { return static_cast<std::uint64_t>(l.weight_bits); },
       [](L& l, const JsonPlace& value) { l.weight_bits = static_cast<int>(value.count()); }},
      counted<&L::tiles>("tiles", "", "macro tiles of the weights"),
      counted<&L::phases>("phases", "", "of one pass through every tile"),
      {"phases_from", "",
       "what says so: the packed weights, the index policy, or the tiles' layout whatever the weights",
       [](const L& l) -> V { return std::string(to_string(l.phases_from)); },
       [](L& l, const JsonPlace& value) { l.phases_from = phase_source(value); }},
      counted<&L::cycles>("cycles", "cycles", "of the accelerator, from the fetch of the descriptor to its completion"),
      counted<&L::stall_cycles>("stall_cycles", "cycles",
                                "of those, neither computing nor loading cells: memory is waited for"),
      {"start_ns", "ns", "simulated time at which those cycles begin",
       [](const L& l) -> V { return nanoseconds(l.start_ps); },
       [](L& l, const JsonPlace& value) { l.start_ps = value.picoseconds(); }},
      {"macs_dense", "", "multiplications of the dense product: tokens × out × in",
       [](const L& l) -> V { return l.macs_dense(); }},
      counted<&L::macs_executed>("macs_executed", "", "multiplications that the cells did"),
      {"utilization", "", "macs_executed over cycles times all cells, 0 to 1",
       [](const L& l) -> V { return l.utilization; },
       [](L& l, const JsonPlace& value) { l.utilization = value.number(); }, 6},
      counted<&L::dram_bytes>("dram_bytes", "bytes",
                              "read from the DRAM and written to it in those cycles, of whomever"),
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
      {"utilization", "", "of the layers, weighted by cycles", [](const K& k) -> V { return k.utilization(); }, nullptr,
       6},
      {"energy_pj", "pJ", "summed up", [](const K& k) -> V { return ColumnEnergy{k.energy}; }},
      {"match", "", "every output equals the golden model's; empty where nothing was compared",
       [](const K& k) -> V { return k.match ? V(*k.match) : V(); }},
  };
  return columns;
}

const std::vector<Column<StepRow>>& step_columns() {
  using S = StepRow;
  using V = ColumnValue;
  static const std::vector<Column<S>> columns = {
      {"pass", "", "name of the step; of what drafts for it with .draft", [](const S& s) -> V { return s.name; }},
      {"phases", "", "of its requests", [](const S& s) -> V { return s.phases; }},
      {"runs", "", "of a batch", [](const S& s) -> V { return s.runs; }},
      {"batches", "", "of other requests, one after the other", [](const S& s) -> V { return s.batches; }},
      {"requests", "", "of a batch", [](const S& s) -> V { return s.requests; }},
      {"tokens", "", "read, in all", [](const S& s) -> V { return s.tokens; }},
      {"tokens_out", "", "given, in all, on average", [](const S& s) -> V { return s.tokens_out; }, nullptr, 6},
      {"cycles", "cycles", "of the accelerator", [](const S& s) -> V { return s.cycles; }},
      {"time_ns", "ns", "of accelerator and host", [](const S& s) -> V { return nanoseconds(s.time.total_ps()); }},
      {"gemm_ns", "ns", "of it, the accelerator computes or loads cells",
       [](const S& s) -> V { return nanoseconds(s.time.gemm_ps); }},
      {"memory_ns", "ns", "of it, the accelerator waits for memory",
       [](const S& s) -> V { return nanoseconds(s.time.memory_ps); }},
      {"host_ns", "ns", "of it, the host computes, or waits for what it reads and writes",
       [](const S& s) -> V { return nanoseconds(s.time.host_ps()); }},
      {"energy_pj", "pJ", "of everything in that time", [](const S& s) -> V { return ColumnEnergy{s.energy}; }},
      {"gemms_pj", "pJ", "of it, the linears'", [](const S& s) -> V { return ColumnEnergy{s.gemms}; }},
  };
  return columns;
}

namespace {

template <class Row>
std::string column_table(const std::vector<Column<Row>>& columns) {
  std::string text = "| name | unit | meaning |\n| --- | --- | --- |\n";
  for (const auto& column : columns) {
    text += fmt::format("| `{}` | {} | {} |\n", column.name, column.unit, column.description);
  }
  return text;
}

std::string component_table() {
  std::string text = "| component | what its energy is of |\n| --- | --- |\n";
  for (const ComponentInfo& info : kComponentInfos) text += fmt::format("| `{}` | {} |\n", info.name, info.description);
  return text;
}

}  // namespace

std::vector<ResultTable> result_tables() {
  return {{"layers", column_table(layer_columns())},     {"layer kinds", column_table(layer_kind_columns())},
          {"steps", column_table(step_columns())},       {"points", column_table(point_metrics())},
          {"comparison", column_table(ratio_columns())}, {"components", component_table()}};
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
        if constexpr (std::is_same_v<Content, std::monostate>) {
          return std::string();
        } else if constexpr (std::is_same_v<Content, std::string>) {
          return csv_text(content);
        } else if constexpr (std::is_same_v<Content, ColumnEnergy>) {
          return picojoules_text(content.femtojoules);
        } else {
          if constexpr (std::is_same_v<Content, double>) {
            if (decimals >= 0) return fmt::format("{:.{}f}", content, decimals);
          }
          return fmt::format("{}", content);
        }
      },
      value);
}

}  // namespace flexcim

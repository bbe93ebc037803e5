#include "platform/config/architecture.h"

#include "platform/config/data_files.h"
#include "platform/yaml/yaml_types.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

YamlType<Protection> protection_type() {
  return choice<Protection>({Protection::none, Protection::parity, Protection::secded});
}

constexpr std::uint64_t kLargestDram = std::uint64_t{1} << 40;

/// `all`, or a list of patterns.
YamlType<std::vector<Pattern>> patterns_type() {
  const YamlType<std::vector<Pattern>> listed = list_of(pattern_type());
  YamlType<std::vector<Pattern>> type;
  type.type = "all | list of dense, N:M";
  type.read = [listed](YamlReader& reader, const std::string& path, const YAML::Node& node,
                       std::vector<Pattern>& target) {
    if (node.IsScalar() && node.Scalar() == "all") return target.clear();
    if (node.IsSequence() && node.size() > 0) return listed.read(reader, path, node, target);
    reader.problem(path, node, "expected all or a list of dense, N:M");
  };
  type.write = [](YAML::Emitter& out, std::vector<Pattern>& value) {
    if (value.empty()) return void(out << "all");
    out << YAML::Flow << YAML::BeginSeq;
    for (const Pattern pattern : value) out << YAML::DoubleQuoted << to_string(pattern);
    out << YAML::EndSeq;
  };
  type.json = [listed](std::vector<Pattern>&) {
    Pattern pattern;
    return json_any_of({json_words({"all"}), json_list(pattern_type().json(pattern), 1)});
  };
  return type;
}

/// `none`, or 2 to 4.
YamlType<int> table_bits_type() {
  const YamlType<int> number = whole(MacroGeometry::least_table_bits, MacroGeometry::most_table_bits);
  YamlType<int> type;
  type.type = "none | " + number.type;
  type.unit = "bits";
  type.read = [number](YamlReader& reader, const std::string& path, const YAML::Node& node, int& target) {
    if (node.IsScalar() && node.Scalar() == "none") return void(target = 0);
    number.read(reader, path, node, target);
  };
  type.write = [](YAML::Emitter& out, int& value) { out << (value == 0 ? "none" : std::to_string(value)); };
  type.json = [number](int& value) { return json_any_of({json_words({"none"}), number.json(value)}); };
  return type;
}

Schema<BufferParameters> buffer_schema() {
  using B = BufferParameters;
  Schema<B> schema;
  schema.key("bytes", &B::bytes, whole(B::least_bytes, B::most_bytes, "bytes"), "capacity");
  schema.key("port_bytes", &B::port_bytes, whole(std::uint64_t{1}, B::most_port_bytes, "bytes/cycle"),
             "width of the port");
  schema.key("banks", &B::banks, power_of_two(B::most_banks),
             "of SRAM, an access each per cycle; what few of them cost: docs/architecture.md §7");
  schema.key("protection", &B::protection, protection_type(),
             "code of its words, with what that costs: docs/faults.md");
  return schema;
}

Schema<Buffers> buffers_schema() {
  Schema<Buffers> schema;
  schema.key("activation", &Buffers::activation, map_of(buffer_schema()), "feeds all rows of all macros");
  schema.key("weight", &Buffers::weight, map_of(buffer_schema()), "double-buffered tiles on their way into the cells");
  schema.key("output", &Buffers::output, map_of(buffer_schema()), "int32 accumulators over k-tiles");
  return schema;
}

Schema<ArrayShape> array_schema() {
  Schema<ArrayShape> schema;
  schema.key("outputs", &ArrayShape::outputs, whole(1, AcceleratorParameters::most_macros),
             "columns of macros; they share activations");
  schema.key("inputs", &ArrayShape::inputs, whole(1, AcceleratorParameters::most_macros),
             "rows of macros; their sums are added");
  return schema;
}

Schema<DmaParameters> dma_schema() {
  using D = DmaParameters;
  Schema<D> schema;
  schema.key("outstanding", &D::outstanding, whole(1, D::most_outstanding), "bursts in flight at a time");
  schema.key("burst_bytes", &D::burst_bytes, power_of_two(D::most_burst_bytes, "bytes"), "longest burst");
  return schema;
}

Schema<DramConfig> dram_schema() {
  Schema<DramConfig> schema;
  schema.key("standard", &DramConfig::device, dram_device_type(), "device: its timing and energy; keys below")
      .initially("lpddr4");
  schema.key("channels", &DramConfig::channels, power_of_two(kMostDramChannels), "independent channels");
  schema.key("protection", &DramConfig::protection, protection_type(),
             "code of its words, on devices beside the others: docs/faults.md");
  schema.key("bytes", &DramConfig::bytes, whole(std::uint64_t{0}, kLargestDram, "bytes"),
             "size of all channels; 0: as much as the scenario's data need");
  return schema;
}

Schema<InterconnectParameters> interconnect_schema() {
  using I = InterconnectParameters;
  Schema<I> schema;
  schema.key("width_bytes", &I::width_bytes, power_of_two(I::most_width_bytes, "bytes/cycle"), "data per cycle");
  schema.key("latency_cycles", &I::latency_cycles, whole(0, I::most_latency_cycles, "cycles"),
             "of a request through it");
  return schema;
}

template <auto Field>
auto& geometry(Architecture& architecture) {
  return architecture.macro.*Field;
}

Schema<Architecture> declare_architecture() {
  using G = MacroGeometry;
  Schema<Architecture> s;
  s.elsewhere("base", "name | path | none", "none", "",
              "architecture that the other keys change; `none` starts from the defaults here", json_word());
  s.key("name", &Architecture::name, text(), "shown in results");
  s.key("description", &Architecture::description, text(), "free text");
  s.key("sub_macros", &geometry<&G::sub_macros>, whole(1, G::most_sub_macros), "P, sub-macros per macro");
  s.key("rows", &geometry<&G::rows>, power_of_two(G::most_rows), "R, cells per column of a sub-macro");
  s.key("cols", &geometry<&G::cols>, power_of_two(G::most_cols), "C, columns of a sub-macro");
  s.key("pairs_per_set", &geometry<&G::pairs_per_set>, power_of_two(G::most_pairs, "pairs"),
        "I, inputs of a first-stage multiplexer; the largest M is 2·I");
  s.key("window", &geometry<&G::window>, power_of_two(G::most_pairs, "pairs"),
        "w, adjacent pairs that a row carries at a time, up to I");
  s.key("patterns", &geometry<&G::patterns>, patterns_type(),
        "what it is wired for; of a list, weights with another pattern run as the nearest: docs/architecture.md §13");
  s.key("int4_per_cell", &geometry<&G::int4_per_cell>, whole(1, 2),
        "int4 weights that a cell holds; of two, one multiplies in a phase: docs/architecture.md §14");
  s.key(
      "weight_table_bits", &geometry<&G::weight_table_bits>, table_bits_type(),
      "a weight in memory is an index into a table of its column, looked up on its way into the cell, of the workload "
      "shapes only: docs/architecture.md §15");
  s.key("psum_depth", &geometry<&G::psum_depth>, whole(1, G::most_psum_depth, "entries"),
        "per column, between sub-macro and merger");
  s.key("macros", &Architecture::macros, map_of(array_schema()), "the array of macros");
  s.key("merge", &Architecture::merge, choice<MergeMode>({MergeMode::reduce, MergeMode::concat}),
        "what the merger adds");
  s.key("weight_update", &Architecture::weight_update,
        choice<WeightUpdate>({WeightUpdate::blocking, WeightUpdate::shadow}), "how new weights get into the cells");
  s.key("storage", &Architecture::storage, choice<CellStorage>({CellStorage::sram, CellStorage::registers}),
        "what keeps the words of the cells: memory, or flip-flops beside the multipliers");
  s.key("buffers", &Architecture::buffers, map_of(buffers_schema()), "SRAM");
  s.key("weights_resident", &Architecture::weights_resident, flag(),
        "all weights are on chip and cost no traffic; their memory is in neither area nor leakage");
  s.key("clock_mhz", &Architecture::clock_mhz, real(1, 10000, "MHz"),
        "clock of accelerator and interconnect; its period is a whole number of ps");
  s.key("dma", &Architecture::dma, map_of(dma_schema()), "between memory and buffers");
  s.key("dram", &Architecture::dram, map_of(dram_schema()), "external memory");
  s.key("interconnect", &Architecture::interconnect, map_of(interconnect_schema()),
        "between host, accelerator and memory");
  return s;
}

}  // namespace

std::string_view to_string(CellStorage storage) { return storage == CellStorage::sram ? "sram" : "registers"; }

const Schema<Architecture>& architecture_schema() {
  static const Schema<Architecture> schema = declare_architecture();
  return schema;
}

void check_architecture(YamlReader& reader, const std::string& path, const Architecture& architecture) {
  const MacroGeometry& macro = architecture.macro;
  if (macro.window > macro.pairs_per_set) {
    reader.problem(join_path(path, "window"), fmt::format("{} is wider than a set of {} pairs (pairs_per_set)",
                                                          macro.window, macro.pairs_per_set));
  }
  reader.guard(join_path(path, "patterns"), [&] { macro.validate_patterns(); });
  reader.guard(join_path(path, "int4_per_cell"), [&] { macro.validate_int4(); });
  reader.guard(join_path(path, "weight_table_bits"), [&] { macro.validate_weight_table(); });
  if (architecture.dma.burst_bytes < DmaParameters::least_burst_bytes) {
    reader.problem(join_path(path, "dma.burst_bytes"),
                   fmt::format("{} is less than {}", architecture.dma.burst_bytes, DmaParameters::least_burst_bytes));
  }
  check_dram_device(reader, join_path(path, "dram.standard"), architecture.dram.device);
}

}  // namespace flexcim

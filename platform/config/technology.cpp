#include "platform/config/technology.h"

#include "platform/config/figure_type.h"
#include "platform/yaml/yaml_types.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

Schema<EnergyFigures> energy_schema() {
  using E = EnergyFigures;
  Schema<E> s;
  const auto fj = figure_type("fJ");
  s.key("int8_multiply", &E::int8_multiply, fj, "int8 x int8 product").required();
  s.key("int4_multiply", &E::int4_multiply, fj, "int8 x int4 product in one half of the multiplier").required();
  s.key("add_16", &E::add_16, fj, "16-bit addition; widths between those given are interpolated").required();
  s.key("add_20", &E::add_20, fj, "20-bit addition").required();
  s.key("add_22", &E::add_22, fj, "22-bit addition").required();
  s.key("add_32", &E::add_32, fj, "32-bit addition").required();
  s.key("mux2_per_bit", &E::mux2_per_bit, fj, "2:1 multiplexer, one bit").required();
  s.key("mux4_per_bit", &E::mux4_per_bit, fj, "4:1 multiplexer, one bit; wider ones are made of these two").required();
  s.key("flip_flop_toggle", &E::flip_flop_toggle, fj, "register bit that toggles, with its clock").required();
  s.key("flip_flop_clock", &E::flip_flop_clock, fj,
        "clock of a register bit inside multipliers and column trees, whether it toggles or not")
      .required();
  s.key("gated_cell", &E::gated_cell, fj, "clock-gated cell (unselected column) for one cycle").required();
  s.key("idle_cell", &E::idle_cell, fj, "cell of a macro that has no phase, for one cycle").required();
  s.key("cell_write_per_bit", &E::cell_write_per_bit, fj, "one bit written into a cell").required();
  s.key("wire", &E::wire, figure_type("pJ/B/mm"), "data over distance").required();
  s.key("interconnect_hop", &E::interconnect_hop, figure_type("pJ/B"), "data through one switch").required();
  s.key("host_instruction", &E::host_instruction, figure_type("pJ"), "small in-order RISC-V core").required();
  return s;
}

Schema<SramFigures> sram_schema() {
  Schema<SramPoint> point;
  point.key("bytes", &SramPoint::bytes, whole(1, 1 << 30, "bytes"), "capacity of the buffer").required();
  point.key("read", &SramPoint::read, figure_type("pJ/B"), "read energy").required();
  point.key("write", &SramPoint::write, figure_type("pJ/B"), "write energy").required();
  Schema<SramFigures> s;
  s.key("scale", &SramFigures::scale, real(1, 4),
        "factor on all SRAM energies; the tables are optimistic for small buffers");
  s.key("points", &SramFigures::points, list_of(map_of(point)), "by rising capacity; interpolated on logarithmic axes")
      .required();
  return s;
}

Schema<LeakageFigures> leakage_schema() {
  Schema<LeakageFigures> s;
  s.key("sram_per_kib", &LeakageFigures::sram_per_kib, figure_type("uW/KiB"), "leakage of SRAM").required();
  s.key("logic_per_mm2", &LeakageFigures::logic_per_mm2, figure_type("mW/mm2"), "leakage of logic").required();
  return s;
}

Schema<AreaFigures> area_schema() {
  Schema<AreaFigures> s;
  s.key("sram_per_kib", &AreaFigures::sram_per_kib, figure_type("um2/KiB"), "SRAM with periphery").required();
  s.key("full_adder", &AreaFigures::full_adder, figure_type("um2"), "full adder").required();
  s.key("flip_flop", &AreaFigures::flip_flop, figure_type("um2"), "flip-flop").required();
  s.key("nand2", &AreaFigures::nand2, figure_type("um2"), "NAND2; other gates in its multiples").required();
  s.key("cell_bit", &AreaFigures::cell_bit, figure_type("um2"), "stored bit of a cell").required();
  return s;
}

Schema<DistanceFigures> distance_schema() {
  Schema<DistanceFigures> s;
  s.key("buffer_to_macros", &DistanceFigures::buffer_to_macros, figure_type("mm"), "wire between buffers and macros")
      .required();
  return s;
}

Schema<Technology> declare_technology() {
  Schema<Technology> s;
  s.elsewhere("base", "name | path | none", "28nm", "none",
              "technology that the other keys change; `none`: every figure is here", json_word());
  s.key("name", &Technology::name, text(), "shown in results");
  s.key("description", &Technology::description, text(), "free text");
  s.key("activity", &Technology::activity, real(0, 1), "toggle activity of operands that prices switching");
  s.key("activity_basis", &Technology::activity_basis, real(0.01, 1), "activity at which the switching figures hold");
  s.key("activity_source", &Technology::activity_source,
        choice<ActivitySource>({ActivitySource::assumed, ActivitySource::measured}),
        "measured: macros of rtl runs switch as their toggle counts say, in place of `activity`");
  s.key("energy", &Technology::energy, map_of(energy_schema()), "per event").required();
  s.key("sram", &Technology::sram, map_of(sram_schema()), "buffers").required();
  s.key("leakage", &Technology::leakage, map_of(leakage_schema()), "static power").required();
  s.key("area", &Technology::area, map_of(area_schema()), "silicon").required();
  s.key("distance", &Technology::distance, map_of(distance_schema()), "wires").required();
  s.key("dram_model", &Technology::dram_model, choice<DramModel>({DramModel::split, DramModel::flat}),
        "which DRAM figures price a run; split falls back to flat where the device has no split figures");
  return s;
}

}  // namespace

std::string_view to_string(ActivitySource source) { return source == ActivitySource::assumed ? "assumed" : "measured"; }

std::string_view to_string(DramModel model) { return model == DramModel::split ? "split" : "flat"; }

const Schema<Technology>& technology_schema() {
  static const Schema<Technology> schema = declare_technology();
  return schema;
}

void check_technology(YamlReader& reader, const std::string& path, const Technology& technology) {
  const std::vector<SramPoint>& points = technology.sram.points;
  if (points.empty()) reader.problem(join_path(path, "sram.points"), "holds no points");
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string here = join_path(path, fmt::format("sram.points.{}", i));
    if (i > 0 && points[i].bytes <= points[i - 1].bytes) reader.problem(here, "capacities must rise");
    if (points[i].read.value <= 0 || points[i].write.value <= 0) reader.problem(here, "energies must be above 0");
  }
}

}  // namespace flexcim

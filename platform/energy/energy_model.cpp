#include "platform/energy/energy_model.h"

#include "flow/base/finite.h"
#include "platform/energy/macro_structure.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <stdexcept>
#include <string_view>

namespace flexcim {
namespace {

constexpr int kWeightBits = 8;
constexpr int kWordBits = 64, kAccumulatorBits = 32;  ///< data bits of code words (tlm/timing/protection.h)
/// An int32 accumulator times an int32 mantissa, as int8 multiplications; the rounding is an addition of 32 bits.
constexpr int kRequantizationMultiplies = 16;

/// fJ of one unit of a figure's numerator; for powers, of one nanosecond of it.
double femtojoules(std::string_view unit) {
  const std::string_view numerator = unit.substr(0, unit.find('/'));
  if (numerator == "fJ" || numerator == "uW") return 1;
  if (numerator == "pJ" || numerator == "mW") return 1e3;
  if (numerator == "nJ") return 1e6;
  throw std::logic_error("no energy unit: " + std::string(unit));
}

/// The less certain of two tags, in the order D, S, E, U.
char weaker(char a, char b) {
  static const std::string kOrder = "DSEU";
  return kOrder[std::max(kOrder.find(a), kOrder.find(b))];
}

/// A straight line through (x0, y0) and (x1, y1) on logarithmic axes; where a y is 0, on an axis that is not, but never
/// below 0.
double log_interpolate(double x0, double y0, double x1, double y1, double x) {
  const double along = std::log(x / x0) / std::log(x1 / x0);
  return y0 > 0 && y1 > 0 ? y0 * std::pow(y1 / y0, along) : std::max(0.0, y0 + (y1 - y0) * along);
}

/// SRAM energy at a capacity; beyond the ends of the table the nearest segment goes on.
Figure sram_figure(const SramFigures& sram, double bytes, Figure SramPoint::*which) {
  const std::vector<SramPoint>& points = sram.points;
  if (points.size() == 1) {
    Figure figure = points[0].*which;
    figure.value *= sram.scale;
    return figure;
  }
  std::size_t high = 1;
  while (high + 1 < points.size() && points[high].bytes < bytes) ++high;
  const SramPoint& a = points[high - 1];
  const SramPoint& b = points[high];
  Figure figure = a.*which;
  figure.tag = weaker((a.*which).tag, (b.*which).tag);
  figure.value = sram.scale * log_interpolate(a.bytes, (a.*which).value, b.bytes, (b.*which).value, bytes);
  return figure;
}

/// An addition of `bits`, at least a product's 16: the figure of the next width given, its name, and the factor for
/// this width, on straight lines between the widths given.
struct Addition {
  const char* name;
  const Figure* figure;
  double factor;
};

Addition addition(const EnergyFigures& energy, double bits) {
  const struct {
    double bits;
    Addition at;
  } points[] = {{16, {"energy.add_16", &energy.add_16, 1}},
                {20, {"energy.add_20", &energy.add_20, 1}},
                {22, {"energy.add_22", &energy.add_22, 1}},
                {32, {"energy.add_32", &energy.add_32, 1}}};
  double low_bits = 0;
  double low_value = 0;
  for (const auto& point : points) {
    const double value = point.at.figure->value;
    if (bits <= point.bits || point.bits == 32) {
      Addition result = point.at;
      if (value > 0)
        result.factor = (low_value + (value - low_value) * (bits - low_bits) / (point.bits - low_bits)) / value;
      return result;
    }
    low_bits = point.bits;
    low_value = value;
  }
  throw std::logic_error("no addition of that width");
}

}  // namespace

/// Collects products of figures and counts.
class EnergyModel::Ledger {
 public:
  explicit Ledger(bool by_figure) : by_figure_(by_figure) {}

  void add(Component component, std::string_view name, const Figure& figure, double count) {
    if (count == 0) return;
    const double energy = figure.value * femtojoules(figure.unit) * count;
    total_ += energy;
    if (!(total_ <= static_cast<double>(kMostEnergy))) {
      throw NotFiniteError(fmt::format("figure {} of {} {} gives an energy {}", name, figure.value, figure.unit,
                                       std::isfinite(energy) ? "beyond 1 kJ" : "that is not finite"));
    }
    components_[static_cast<std::size_t>(component)] += energy;
    if (!by_figure_) return;
    for (Line& line : lines_) {
      if (line.component == component && line.name == name) return void(line.energy += energy);
    }
    lines_.push_back({component, std::string(name), figure, energy});
  }

  const ComponentPrices& components() const { return components_; }
  /// The only place where an energy is rounded.
  EnergyReport report() const {
    EnergyReport report;
    for (const Line& line : lines_) report.add({line.component, line.name, line.figure, std::llround(line.energy)});
    return report;
  }

 private:
  struct Line {
    Component component;
    std::string name;
    Figure figure;
    double energy;  // fJ
  };

  const bool by_figure_;
  double total_ = 0;
  ComponentPrices components_{};
  std::vector<Line> lines_;
};

EnergyModel::EnergyModel(const Architecture& architecture, const Technology& technology, Sequencing sequencing)
    : architecture_(architecture), technology_(technology) {
  const MacroGeometry& g = architecture.macro;
  metadata_bits_ = rules_of(sequencing).metadata_bits(g.largest_m(), g.window);
  cell_bits_ = kWeightBits + metadata_bits_ * g.int4_per_cell;
  activation_ = buffer_prices(architecture.buffers.activation.bytes);
  weight_ = buffer_prices(architecture.buffers.weight.bytes);
  output_ = buffer_prices(architecture.buffers.output.bytes);
  area_ = area_parts(architecture_, technology_, cell_bits_);
  for (const AreaPart& part : area_) {
    if (!std::isfinite(part.mm2)) throw NotFiniteError("the area of " + part.name + " is not finite");
  }
}

EnergyModel::BufferPrices EnergyModel::buffer_prices(std::uint64_t buffer_bytes) const {
  const auto bytes = static_cast<double>(buffer_bytes);
  const std::string at = fmt::format(" at {:g} KiB", bytes / 1024.0);
  return {"sram.read" + at, "sram.write" + at, sram_figure(technology_.sram, bytes, &SramPoint::read),
          sram_figure(technology_.sram, bytes, &SramPoint::write)};
}

double area_mm2(const std::vector<AreaPart>& parts) {
  double total = 0;
  for (const AreaPart& part : parts) total += part.mm2;
  return total;
}

double macros_mm2(const std::vector<AreaPart>& parts) {
  double total = 0;
  for (const AreaPart& part : parts) total += part.sram ? 0 : part.mm2;
  return total;
}

double dense_macros_mm2(const Architecture& architecture, const Technology& technology) {
  Architecture dense = architecture;
  dense.macro.patterns = {Pattern{}};
  dense.storage = CellStorage::sram;
  return macros_mm2(area_parts(dense, technology, kWeightBits));
}

double macro_overhead(const std::vector<AreaPart>& parts, double dense_macros_mm2) {
  return dense_macros_mm2 > 0 ? macros_mm2(parts) / dense_macros_mm2 - 1 : 0;
}

SwitchingActivity EnergyModel::switching(const Activity& activity) const {
  if (!activity.toggles || technology_.activity_source == ActivitySource::assumed) {
    return SwitchingActivity::assumed(technology_.activity);
  }
  return SwitchingActivity::measured(groups(*activity.toggles, activity.macro));
}

EnergyReport EnergyModel::price(const Activity& activity, double elapsed_ns, const SwitchingActivity& switching) const {
  Ledger ledger(true);
  price_all(ledger, activity, elapsed_ns, switching);
  return ledger.report();
}

ComponentPrices EnergyModel::price_components(const Activity& activity, double elapsed_ns,
                                              const SwitchingActivity& switching) const {
  Ledger ledger(false);
  price_all(ledger, activity, elapsed_ns, switching);
  return ledger.components();
}

void EnergyModel::price_all(Ledger& ledger, const Activity& activity, double elapsed_ns,
                            const SwitchingActivity& switching) const {
  price_macro(ledger, activity, switching);
  price_buffers(ledger, activity);
  price_memory(ledger, activity, elapsed_ns);
  const double logic_mm2 = macros_mm2(area_);
  const Buffers& buffers = architecture_.buffers;
  const auto stored = [](const BufferParameters& buffer, int word_bits) {
    return static_cast<double>(buffer.bytes) * stored_share(buffer.protection, word_bits);
  };
  const double sram_kib = (stored(buffers.activation, kWordBits) + stored(buffers.weight, kWordBits) +
                           stored(buffers.output, kAccumulatorBits)) /
                          1024.0;
  ledger.add(Component::leakage, "leakage.logic_per_mm2", technology_.leakage.logic_per_mm2, logic_mm2 * elapsed_ns);
  ledger.add(Component::leakage, "leakage.sram_per_kib", technology_.leakage.sram_per_kib, sram_kib * elapsed_ns);
}

void EnergyModel::price_macro(Ledger& ledger, const Activity& activity, const SwitchingActivity& switching) const {
  const MacroGeometry& g = architecture_.macro;
  const EnergyFigures& e = technology_.energy;
  const MacroEvents& events = activity.macro;
  const double basis = technology_.activity_basis;
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  const auto add = [&](Component component, double bits, double adds, double toggles) {
    const Addition one = addition(e, bits);
    ledger.add(component, one.name, *one.figure, adds * one.factor * (toggles / basis));
  };
  const auto mux = [&](Component component, int inputs, double bits, double toggles) {
    const MuxParts parts = mux_parts(inputs);
    ledger.add(component, "energy.mux4_per_bit", e.mux4_per_bit, parts.four * bits * (toggles / basis));
    ledger.add(component, "energy.mux2_per_bit", e.mux2_per_bit, parts.two * bits * (toggles / basis));
  };
  const auto registers = [&](Component component, double bits, double toggles) {
    ledger.add(component, "energy.flip_flop_toggle", e.flip_flop_toggle, bits * toggles);
  };

  ledger.add(Component::cells, "energy.int8_multiply", e.int8_multiply,
             count(events.products - events.int4_products) * (switching.products / basis));
  ledger.add(Component::cells, "energy.int4_multiply", e.int4_multiply,
             count(events.int4_products) * (switching.products / basis));
  // Two int4 weights take turns: the multiplexer behind them switches in every phase.
  mux(Component::cells, 2, count(events.int4_products) * (kInt4Bits + metadata_bits_), technology_.activity);
  ledger.add(Component::cells, "energy.flip_flop_clock", e.flip_flop_clock,
             count(events.products) * MacroGeometry::product_bits);

  // Of a column's R - 1 adders, each level has its share.
  for (const TreeLevel& level : column_tree(g)) {
    const double adds = count(events.column_adds) * level.adders / (g.rows - 1);
    add(Component::adder_trees, level.add_bits, adds, switching.column_trees);
    ledger.add(Component::adder_trees, "energy.flip_flop_clock", e.flip_flop_clock, adds * level.register_bits);
  }

  if (g.int4_per_cell > 1) {  // a product stands in the upper bits of the tree, or in all
    mux(Component::psum_buffers, 2, count(events.psum_writes) * g.column_psum_bits(), switching.psum_buffers);
  }
  registers(Component::psum_buffers, count(events.psum_writes) * g.column_psum_bits(), switching.psum_buffers);
  add(Component::psum_buffers, g.column_psum_bits(), count(events.psum_accumulates), switching.psum_buffers);

  // A lane's psums enter the merger (one more than it has adders), every sum and the final one are registered.
  registers(Component::merger, count(events.merge_adds + events.outputs) * g.column_psum_bits(), switching.merger);
  registers(Component::merger, count(events.merge_adds + events.outputs) * g.merged_psum_bits(), switching.merger);
  add(Component::merger, (g.column_psum_bits() + g.merged_psum_bits()) / 2.0, count(events.merge_adds),
      switching.merger);

  const double line_bits = count(events.distributor_pairs) * pair_bits(g);
  mux(Component::distributor, g.first_stage_inputs(), line_bits, switching.lines);
  mux(Component::distributor, g.second_stage_inputs(), line_bits, switching.lines);

  mux(Component::metadata, g.lines(), count(events.metadata_selects) * kWeightBits, switching.lines);
  // A compare is one XOR per index bit, about a 2:1 multiplexer.
  mux(Component::metadata, 2, count(events.index_compares) * log2_ceil(g.windows()), switching.selects);

  if (g.weight_table_bits > 0) {
    // A column's table waits in registers while the weights of all its rows are looked up, each by its own multiplexer.
    const int entries = 1 << g.weight_table_bits;
    const double columns = count(events.cell_writes) / (g.sub_macros * g.rows);
    mux(Component::cell_writes, entries, count(events.cell_writes) * kWeightBits, technology_.activity);
    registers(Component::cell_writes, columns * entries * kWeightBits, technology_.activity);
  }
  const double written_bits = count(events.cell_writes) * cell_bits_;
  if (architecture_.storage == CellStorage::registers) {
    // Clocked in the cycle that writes them only, a column at a time.
    registers(Component::cell_writes, written_bits, technology_.activity);
  } else {
    ledger.add(Component::cell_writes, "energy.cell_write_per_bit", e.cell_write_per_bit, written_bits);
  }
  // Shadow: every word that is written is swapped in once, and switches the multiplexer behind the two words then.
  if (architecture_.weight_update == WeightUpdate::shadow) {
    mux(Component::cell_writes, 2, written_bits, technology_.activity);
  }
  ledger.add(Component::gated_cells, "energy.gated_cell", e.gated_cell, count(events.idle_cells));
  ledger.add(Component::gated_cells, "energy.idle_cell", e.idle_cell, count(activity.idle_macro_cycles) * g.cells());
}

void EnergyModel::price_buffers(Ledger& ledger, const Activity& activity) const {
  const EnergyFigures& e = technology_.energy;
  const double distance = technology_.distance.buffer_to_macros.value;
  const auto buffer = [&](Component component, const BufferPrices& prices, const BufferTraffic& traffic,
                          std::uint64_t macro_side_bytes, Protection protection, int word_bits) {
    const double share = stored_share(protection, word_bits);
    const auto read = static_cast<double>(traffic.read_bytes), written = static_cast<double>(traffic.write_bytes);
    ledger.add(component, prices.read_name, prices.read, read * share);
    ledger.add(component, prices.write_name, prices.write, written * share);
    price_code(ledger, component, protection, word_bits, read, written);
    ledger.add(component, "energy.wire", e.wire, static_cast<double>(macro_side_bytes) * distance);
  };
  const BufferTraffic& in = activity.activation_buffer;
  const BufferTraffic& weights = activity.weight_buffer;
  const BufferTraffic& out = activity.output_buffer;
  const Buffers& b = architecture_.buffers;
  buffer(Component::activation_buffer, activation_, in, in.read_bytes, b.activation.protection, kWordBits);
  buffer(Component::weight_buffer, weight_, weights, weights.read_bytes, b.weight.protection, kWordBits);
  buffer(Component::output_buffer, output_, out, out.write_bytes, b.output.protection, kAccumulatorBits);
  const auto requantizations = static_cast<double>(activity.requantizations);
  ledger.add(Component::output_buffer, "energy.int8_multiply", e.int8_multiply,
             kRequantizationMultiplies * requantizations * technology_.switching());
  ledger.add(Component::output_buffer, "energy.add_32", e.add_32,
             (static_cast<double>(activity.accumulates) + requantizations) * technology_.switching());
}

/// Encoders and decoders of the words that pass through: an XOR is about a 2:1 multiplexer.
void EnergyModel::price_code(Ledger& ledger, Component component, Protection protection, int data_bits,
                             double read_bytes, double written_bytes) const {
  const double xors =
      (read_bytes * decoder_xors(protection, data_bits) + written_bytes * encoder_xors(protection, data_bits)) * 8 /
      data_bits;
  ledger.add(component, "energy.mux2_per_bit", technology_.energy.mux2_per_bit, xors * technology_.switching());
}

void EnergyModel::price_memory(Ledger& ledger, const Activity& activity, double elapsed_ns) const {
  ledger.add(Component::interconnect, "energy.interconnect_hop", technology_.energy.interconnect_hop,
             static_cast<double>(activity.interconnect_bytes));
  ledger.add(Component::host, "energy.host_instruction", technology_.energy.host_instruction,
             static_cast<double>(activity.host_instructions));

  const DramFigures& dram = architecture_.dram.device.energy;
  // The check bits lie in further devices, which do what the others do.
  const Protection protection = architecture_.dram.protection;
  const double share = stored_share(protection, kWordBits);
  const double read_bits = 8.0 * static_cast<double>(activity.dram.read_bytes) * share;
  const double write_bits = 8.0 * static_cast<double>(activity.dram.write_bytes) * share;
  price_code(ledger, Component::dram, protection, kWordBits, static_cast<double>(activity.dram.read_bytes),
             static_cast<double>(activity.dram.write_bytes));
  if (technology_.dram_model == DramModel::split && dram.has_split()) {
    ledger.add(Component::dram, "dram.read", dram.read, read_bits);
    ledger.add(Component::dram, "dram.write", dram.write, write_bits);
    ledger.add(Component::dram, "dram.activate", dram.activate, static_cast<double>(activity.dram.activates) * share);
    ledger.add(Component::dram, "dram.refresh", dram.refresh, static_cast<double>(activity.dram.refreshes) * share);
    ledger.add(Component::dram, "dram.standby", dram.standby, architecture_.dram.channels * elapsed_ns * share);
  } else {
    ledger.add(Component::dram, "dram.flat", dram.flat, read_bits + write_bits);
  }
}

}  // namespace flexcim

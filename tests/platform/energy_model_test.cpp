#include "platform/energy/energy_model.h"

#include "platform/config/data_files.h"
#include "platform/energy/macro_structure.h"
#include "platform/energy/power_sampler.h"
#include "tests/platform/default_architecture.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

/// `passes` dense passes through the full default macro: every one of 4 x 32 x 32 cells multiplies.
MacroEvents dense_passes(std::uint64_t passes) {
  MacroEvents events;
  events.products = 4096 * passes;
  events.distributor_pairs = 4 * 32 * passes;
  events.column_adds = 4 * 32 * 31 * passes;
  events.psum_writes = 4 * 32 * passes;
  events.merge_adds = 3 * 32 * passes;
  events.outputs = 32 * passes;
  events.phases = passes;
  events.passes = passes;
  return events;
}

EnergyReport dense_energy(const Technology& tech) {
  Activity activity;
  activity.macro = dense_passes(1000);
  return EnergyModel(default_architecture(), tech, Sequencing::grouped).price(activity, 0);
}

double fj_per_mac(const EnergyReport& report, Component component) { return 1000 * report[component] / 4096 / 1000; }

}  // namespace

TEST_CASE("No energy or area is infinite or NaN: figures that are too large are named, zero is a figure") {
  Technology tech = load_technology("28nm");
  tech.energy.int8_multiply.value = 1e308;
  CHECK_THROWS_WITH(dense_energy(tech), Catch::Contains("figure energy.int8_multiply of 1e+308 fJ gives an energy"));
  tech.energy.int8_multiply.value = 1e13;  // 41 kJ
  CHECK_THROWS_WITH(dense_energy(tech),
                    Catch::Contains("figure energy.int8_multiply of 10000000000000 fJ gives an energy beyond 1 kJ"));
  tech.energy.int8_multiply.value = 0;
  CHECK(dense_energy(tech)[Component::cells] > 0);  // the clock
  tech.area.full_adder.value = 1e308;
  CHECK_THROWS_WITH(dense_energy(tech), Catch::Contains("the area of multipliers is not finite"));

  // Memory that costs nothing at one end of the table, or everywhere.
  Activity activity;
  activity.weight_buffer = {1000, 0};
  const auto read = [&](double first, double others) {
    Technology sram = load_technology("28nm");
    for (SramPoint& point : sram.sram.points) point.read.value = others;
    sram.sram.points.front().read.value = first;
    sram.energy.wire.value = 0;
    return EnergyModel(default_architecture(), sram, Sequencing::grouped).price(activity, 0)[Component::weight_buffer];
  };
  CHECK(read(0, 0) == 0);
  CHECK(read(0, 2) >= 0);
  CHECK(read(0, 2) <= 2000);
  CHECK(read(2, 0) >= 0);
}

TEST_CASE("The default macro costs about 165 fJ per dense MAC at 28 nm, activity 0.5") {
  const EnergyReport report = dense_energy(load_technology("28nm"));

  // Multiplier 104, and the clock of a 16-bit product register at 0.87 fJ per bit.
  CHECK(fj_per_mac(report, Component::cells) == Approx(104 + 16 * 0.87));

  // A column of 32 cells: 16 adders of 16 bits, 8 of 17, 4 of 18, 2 of 19, 1 of 20 at 1.7 fJ per bit; their sums of one
  // bit more are registered.
  const double add_bits = 16 * 16 + 8 * 17 + 4 * 18 + 2 * 19 + 1 * 20;
  const double sum_bits = 16 * 17 + 8 * 18 + 4 * 19 + 2 * 20 + 1 * 21;
  CHECK(add_bits == 522);
  CHECK(sum_bits == 553);
  CHECK(fj_per_mac(report, Component::adder_trees) == Approx((add_bits * 1.7 + sum_bits * 0.87) / 32));

  // A 21-bit psum per column of 32 cells, half of its bits toggling at 5.3 fJ.
  CHECK(fj_per_mac(report, Component::psum_buffers) == Approx(21 * 0.5 * 5.3 / 32));

  // Per column of 4 x 32 cells: 4 psums of 21 bits enter, 3 sums and the final one of 22 bits are registered, half of
  // the bits toggling; 3 additions of (21 + 22) / 2 bits: between 34.0 at 20 and 37.4 at 22 bits.
  const double merge_add = 34.0 + (37.4 - 34.0) * 1.5 / 2;
  CHECK(fj_per_mac(report, Component::merger) == Approx(((4 * 21 + 4 * 22) * 0.5 * 5.3 + 3 * merge_add) / 128));

  // Per row and sub-macro of 32 cells: two stages of a 4:1 multiplexer for 16 bits.
  CHECK(fj_per_mac(report, Component::distributor) == Approx(2 * 16 * 2.55 / 32));

  const double total = static_cast<double>(report.total()) / 4096 / 1000;
  INFO("fJ/MAC " << total);
  // 117.9 + 42.8 + 1.7 + 4.4 + 2.6
  CHECK(total == Approx(169.4).margin(0.1));
  CHECK(total == Approx(165).epsilon(0.03));
  const double tops_per_watt = 2 / (total * 1e-15) / 1e12;  // a MAC is two operations
  CHECK(tops_per_watt > 10);
  CHECK(tops_per_watt < 37);
  CHECK(report.macro_pj() == Approx(report.total_pj()));

  // What the result rests on: registers and multiplexers are estimates, all else is from the gate model.
  const double toggling = 21 * 0.5 * 5.3 / 32 + (4 * 21 + 4 * 22) * 0.5 * 5.3 / 128;
  const double estimated = (16 + sum_bits / 32) * 0.87 + toggling + 2 * 16 * 2.55 / 32;
  CHECK(1000 * report.by_tag('E') / 4096 / 1000 == Approx(estimated));
  CHECK(report.by_tag('S') / report.total_pj() == Approx(0.783).margin(0.001));
}

TEST_CASE("A product with one of two int4 weights of a cell costs its part of the multiplier and a multiplexer") {
  Architecture architecture = default_architecture();
  architecture.macro.int4_per_cell = 2;
  const Technology tech = load_technology("28nm");
  const EnergyModel energy(architecture, tech, Sequencing::grouped);
  CHECK(energy.cell_bits() == 8 + 2 * 1);  // a metadata bit for each weight
  Activity activity;
  activity.macro = dense_passes(1000);
  activity.macro.int4_products = activity.macro.products;
  const EnergyReport int4 = energy.price(activity, 0);
  // Four bits of weight and one of metadata through a 2:1 multiplexer.
  CHECK(fj_per_mac(int4, Component::cells) == Approx(63.5 + 16 * 0.87 + 5 * 0.85));
  CHECK(fj_per_mac(int4, Component::psum_buffers) == Approx((21 * 0.5 * 5.3 + 21 * 0.85) / 32));
  activity.macro.int4_products = 0;  // int8 weights on the same macro
  CHECK(fj_per_mac(energy.price(activity, 0), Component::cells) == Approx(104 + 16 * 0.87));
}

TEST_CASE("Weights from tables cost a multiplexer for each and registers for each column's table") {
  Architecture architecture = default_architecture();
  Activity activity;
  activity.macro.cell_writes = 4096 * 1000;  // 32 columns of 128 cells, a thousand times
  const auto per_weight = [&] {
    return fj_per_mac(EnergyModel(architecture, load_technology("28nm"), Sequencing::grouped).price(activity, 0),
                      Component::cell_writes);
  };
  const double written = per_weight();
  architecture.macro.weight_table_bits = 4;
  // 16:1 is five multiplexers of 4:1; 16 entries of 8 bits for 128 weights, half of them toggling.
  CHECK(per_weight() - written == Approx(5 * 8 * 2.55 + 16 * 8 * 0.5 * 5.3 / 128));
}

TEST_CASE("At activity 0.25 the default macro costs about 97 fJ per MAC: clocks do not scale") {
  Technology tech = load_technology("28nm");
  tech.activity = 0.25;
  const EnergyReport report = dense_energy(tech);
  const double clocks = (16 + 553 / 32.0) * 0.87;
  CHECK(report.total_pj() / 4096 == Approx((169.4 - clocks) / 2 + clocks).margin(0.1));
  CHECK(report.total_pj() / 4096 == Approx(97).epsilon(0.05));
}

TEST_CASE("fJ per MAC against activity: the table of docs/energy.md, and where it lies in the published band") {
  struct Row {
    double activity, cells, adder_trees, psum_buffers, merger, distributor, tops_per_watt;
  };
  for (const Row& row : {Row{0, 13.9, 15.0, 0.0, 0.0, 0.0, 69.1},
                         {0.25, 65.9, 28.9, 0.9, 2.2, 1.3, 20.2},
                         {0.5, 117.9, 42.8, 1.7, 4.4, 2.6, 11.8},
                         {1, 221.9, 70.5, 3.5, 8.8, 5.1, 6.5}}) {
    CAPTURE(row.activity);
    Technology tech = load_technology("28nm");
    tech.activity = row.activity;
    const EnergyReport report = dense_energy(tech);
    const auto is = [&](Component component, double expected) {
      CHECK(fj_per_mac(report, component) == Approx(expected).epsilon(0).margin(0.051));  // written with one decimal
    };
    is(Component::cells, row.cells);
    is(Component::adder_trees, row.adder_trees);
    is(Component::psum_buffers, row.psum_buffers);
    is(Component::merger, row.merger);
    is(Component::distributor, row.distributor);
    const double tops_per_watt = 2e3 / (static_cast<double>(report.total()) / 4096 / 1000);
    CHECK(tops_per_watt == Approx(row.tops_per_watt).epsilon(0).margin(0.051));
    const bool in_band = tops_per_watt > 10 && tops_per_watt < 37;
    CHECK(in_band == (row.activity > 0 && row.activity < 1));
  }
}

TEST_CASE("Compressed phases pay for metadata, gated columns and scans") {
  const Technology tech = load_technology("28nm");
  Activity activity;
  activity.macro.metadata_selects = 1000;
  activity.macro.idle_cells = 1000;
  activity.macro.index_compares = 1000;
  activity.idle_macro_cycles = 10;
  const EnergyReport published = EnergyModel(default_architecture(), tech, Sequencing::grouped).price(activity, 0);
  // 2:1 multiplexer for 8 bits per select; a 2-bit compare as two 2:1 multiplexers.
  CHECK(published[Component::metadata] == Approx(1000 * 8 * 0.85e-3 + 1000 * 2 * 0.85e-3));
  CHECK(published[Component::gated_cells] == Approx(1000 * 1.5e-3 + 10 * 4096 * 0.3e-3));
  Architecture wide;
  wide.macro.window = 2;
  const EnergyReport window2 = EnergyModel(wide, tech, Sequencing::grouped).price(activity, 0);
  // 4:1 multiplexer; two windows only: a 1-bit compare.
  CHECK(window2[Component::metadata] == Approx(1000 * 8 * 2.55e-3 + 1000 * 1 * 0.85e-3));
}

TEST_CASE("A cell stores the weight and the metadata that the sequencing needs") {
  const Technology tech = load_technology("28nm");
  Architecture wide;
  wide.macro.window = 2;
  CHECK(EnergyModel(default_architecture(), tech, Sequencing::grouped).cell_bits() == 9);
  CHECK(EnergyModel(wide, tech, Sequencing::grouped).cell_bits() == 10);
  CHECK(EnergyModel(default_architecture(), tech, Sequencing::scan).cell_bits() == 11);
  Activity activity;
  activity.macro.cell_writes = 4096;
  CHECK(EnergyModel(default_architecture(), tech, Sequencing::grouped).price(activity, 0)[Component::cell_writes] ==
        Approx(4096 * 9 * 12.0e-3));
}

TEST_CASE("Buffers are priced by capacity, between the points on logarithmic axes") {
  Technology tech = load_technology("28nm");
  Architecture arch = default_architecture();
  Activity activity;
  activity.activation_buffer = {1000, 0};
  activity.weight_buffer = {0, 1000};
  activity.output_buffer = {0, 0};
  activity.accumulates = 100;
  activity.requantizations = 10;
  arch.buffers.weight.bytes = 32768;
  EnergyReport report = EnergyModel(arch, tech, Sequencing::grouped).price(activity, 0);
  // 64 KiB is halfway between 32 and 128 KiB on a logarithmic axis: the geometric mean. Wire 0.5 mm at 0.8 pJ/B/mm.
  CHECK(report[Component::activation_buffer] == Approx(1000 * (std::sqrt(0.375 * 1.02) + 0.5 * 0.8)));
  CHECK(report[Component::weight_buffer] == Approx(1000 * 0.688));
  CHECK(report[Component::output_buffer] == Approx((100 + 10) * 54.4e-3 + 10 * 16 * 104e-3));
  tech.sram.scale = 3;
  report = EnergyModel(arch, tech, Sequencing::grouped).price(activity, 0);
  CHECK(report[Component::weight_buffer] == Approx(3 * 1000 * 0.688));
  // Beyond the table the last segment goes on: four times 2 MiB is one more step of a factor 4.
  tech.sram.scale = 1;
  arch.buffers.weight.bytes = 8 << 20;
  report = EnergyModel(arch, tech, Sequencing::grouped).price(activity, 0);
  CHECK(report[Component::weight_buffer] == Approx(1000 * 4.22 * 4.22 / 2.14));
}

TEST_CASE("DRAM is priced by what the device does, or by one figure, never both") {
  Technology tech = load_technology("28nm");
  Architecture arch = default_architecture();
  arch.dram.channels = 2;
  Activity activity;
  activity.dram = {1000, 500, 3, 2};
  activity.interconnect_bytes = 1500;
  const EnergyReport split = EnergyModel(arch, tech, Sequencing::grouped).price(activity, 100);
  CHECK(split[Component::dram] == Approx(8000 * 8.47 + 4000 * 5.03 + 3 * 1200 + 2 * 22400 + 2 * 36 * 100));
  CHECK(split[Component::interconnect] == Approx(1500 * 0.65));
  tech.dram_model = DramModel::flat;
  const EnergyReport flat = EnergyModel(arch, tech, Sequencing::grouped).price(activity, 100);
  CHECK(flat[Component::dram] == Approx(12000 * 8.0));
  tech.dram_model = DramModel::split;
  arch.dram.device = architecture_of("{dram: {standard: hbm2}}").dram.device;  // has no split
  const EnergyReport hbm = EnergyModel(arch, tech, Sequencing::grouped).price(activity, 100);
  CHECK(hbm[Component::dram] == Approx(12000 * 3.92));
}

TEST_CASE("Leakage is area times time") {
  const EnergyModel model(default_architecture(), load_technology("28nm"), Sequencing::grouped);
  double logic = 0;
  for (const AreaPart& part : model.area()) logic += part.sram ? 0 : part.mm2;
  const EnergyReport report = model.price({}, 1000);
  // 1 mW over 1000 ns is 1000 pJ; 192 KiB of SRAM at 2 uW each.
  CHECK(report[Component::leakage] == Approx(1000 * (10 * logic + 192 * 2e-3)));
}

TEST_CASE("A sub-macro has the area of the published roll-up, 0.52 mm2") {
  const EnergyModel model(default_architecture(), load_technology("28nm"), Sequencing::grouped);
  const auto part = [&](const std::string& name) {
    for (const AreaPart& each : model.area()) {
      if (each.name == name) return each.mm2;
    }
    FAIL("no part " << name);
    return 0.0;
  };
  // Multiplier: 64 NAND2 and 56 full adders; product register of 16 flip-flops.
  const double cell = 64 * 0.614 + 56 * 4.79 + 16 * 3.68;
  CHECK(part("multipliers") == Approx(4096 * cell / 1e6));
  CHECK(part("adder trees") == Approx(128 * (522 * 4.79 + 553 * 3.68) / 1e6));
  CHECK(part("cell storage") == Approx(4096 * 9 * 0.244 / 1e6));
  const double sub_macro = (part("multipliers") + part("adder trees") + part("cell storage")) / 4;
  CHECK(sub_macro == Approx(0.52).epsilon(0.01));
  CHECK(part("activation buffer") == Approx(64 * 2000 / 1e6));
  Architecture shadow;
  shadow.weight_update = WeightUpdate::shadow;
  CHECK(area_mm2(EnergyModel(shadow, load_technology("28nm"), Sequencing::grouped).area()) ==
        Approx(area_mm2(model.area()) + part("cell storage") + 4096 * 9 * 3 * 0.614 / 1e6));
  // A cell write costs a 2:1 multiplexer per bit more, switched by the swap.
  Activity writes;
  writes.macro.cell_writes = 100;
  const double plain = model.price(writes, 0)[Component::cell_writes];
  const EnergyModel doubled(shadow, load_technology("28nm"), Sequencing::grouped);
  const Technology t = load_technology("28nm");
  CHECK(doubled.price(writes, 0)[Component::cell_writes] - plain ==
        Approx(100 * 9 * t.energy.mux2_per_bit.value * t.switching() * 1e-3));
}

TEST_CASE("Every figure's part of a result is known by name and tag") {
  Activity activity;
  activity.macro = dense_passes(1);
  activity.dram = {100, 0, 0, 0};
  const EnergyReport report =
      EnergyModel(default_architecture(), load_technology("28nm"), Sequencing::grouped).price(activity, 10);
  Femtojoules sum = 0;
  for (const FigureShare& share : report.by_figure()) sum += share.energy;
  CHECK(sum == report.total());
  Femtojoules components = 0;
  for (const Femtojoules energy : report.by_component()) components += energy;
  CHECK(components == report.total());
  CHECK(report.by_tag('D') + report.by_tag('S') + report.by_tag('E') + report.by_tag('U') == Approx(report.total_pj()));
  const FigureShare first = report.by_figure()[0];
  CHECK(first.name == "energy.int8_multiply");
  CHECK(first.figure.tag == 'S');
  CHECK(first.energy == 4096 * 104);
  // A figure in two components is two terms, and one share.
  activity.requantizations = 1000;
  const EnergyReport both =
      EnergyModel(default_architecture(), load_technology("28nm"), Sequencing::grouped).price(activity, 10);
  CHECK(both.terms().size() == report.terms().size() + 2);
  CHECK(both.by_figure().size() == report.by_figure().size() + 1);
  CHECK(both.by_figure()[0].energy == 4096 * 104 + 1000 * 16 * 104);
}

TEST_CASE("At 7 nm the macro is cheaper, and its areas are marked as unverified") {
  const Technology tech = load_technology("7nm");
  CHECK(dense_energy(tech).total_pj() < 0.65 * dense_energy(load_technology("28nm")).total_pj());
  CHECK(tech.area.full_adder.tag == 'U');
  CHECK(tech.energy.int8_multiply.tag == 'D');
}

TEST_CASE("Components alone cost the same") {
  for (const char* name : {"28nm", "7nm"}) {
    const EnergyModel model(default_architecture(), load_technology(name), Sequencing::grouped);
    Activity activity;
    activity.macro = dense_passes(7);
    activity.weight_buffer = {100, 200};
    activity.output_buffer = {300, 400};
    activity.accumulates = 50;
    activity.interconnect_bytes = 600;
    activity.dram = {700, 800, 9, 10};
    activity.host_instructions = 11;
    const ComponentPrices prices = model.price_components(activity, 120, model.switching(activity));
    const EnergyReport report = model.price(activity, 120);
    for (std::size_t i = 0; i < kComponents; ++i) {
      // Each term is rounded, at most seven of a component.
      CHECK(std::abs(prices[i] - static_cast<double>(report.by_component()[i])) <= 7 * 0.5);
    }
  }
}

TEST_CASE("Adding reports adds components and figures") {
  const EnergyReport one = dense_energy(load_technology("28nm"));
  EnergyReport two = one;
  two += one;
  CHECK(two.total() == 2 * one.total());
  CHECK(two.terms().size() == one.terms().size());
  CHECK(two.by_tag('S') == 2 * one.by_tag('S'));
}

TEST_CASE("Power windows add up to the energy and start where the last one ended") {
  const EnergyModel model(default_architecture(), load_technology("28nm"), Sequencing::grouped);
  Activity activity, whole;
  activity.macro = dense_passes(10);
  whole.macro = dense_passes(50);
  const EnergyReport energy = model.price(whole, 150);
  PowerSampler sampler(model, model.switching({}), whole, 150, energy.by_component());
  const PowerWindow first = sampler.sample(100, activity);
  const PowerWindow second = sampler.sample(150, whole);
  CHECK(first.start_ns == 0);
  CHECK(second.start_ns == 100);
  CHECK(second.end_ns == 150);
  // 10 passes in 100 ns, then 40 in 50 ns: eight times the power.
  CHECK(second.power_mw(Component::cells) == Approx(8 * first.power_mw(Component::cells)));
  CHECK(second.power_mw(Component::leakage) == Approx(first.power_mw(Component::leakage)));
  CHECK(first.total_mw() * 100 + second.total_mw() * 50 == Approx(energy.total_pj()));
  for (std::size_t i = 0; i < kComponents; ++i) {
    CHECK(first.energy[i] + second.energy[i] == energy.by_component()[i]);
  }
}

TEST_CASE("A multiplexer is made of 4:1 and 2:1 ones") {
  CHECK(mux_parts(1).four + mux_parts(1).two == 0);
  CHECK(mux_parts(2).two == 1);
  CHECK(mux_parts(4).four == 1);
  CHECK((mux_parts(8).four == 2 && mux_parts(8).two == 1));
  CHECK((mux_parts(16).four == 5 && mux_parts(16).two == 0));
}

}  // namespace flexcim

// The baselines of scenarios/architectures/ (docs/architecture.md §13): area and energy, calculated by hand at 28 nm.
#include "platform/energy/energy_model.h"
#include "tests/platform/default_architecture.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

Architecture baseline(const std::string& name) { return architecture_of("{base: " + name + "}"); }

constexpr int kCells = 4 * 32 * 32, kRows = 4 * 32;
constexpr double kNand2 = 0.614, kFlipFlop = 3.68, kCellBit = 0.244;  // um2
constexpr double kMux2Area = 3 * kNand2, kMux4Area = 9 * kNand2;      // um2 per bit
constexpr int kPasses = 1000;                                         // so that whole femtojoules are small parts
constexpr double kMux2 = 0.85, kMux4 = 2.55;                          // fJ per bit

/// kPasses passes through a full tile in which every cell multiplies: `window` pairs in each row, cells that pick a
/// line where `compressed`.
Activity full_pass(int window, bool compressed) {
  Activity activity;
  MacroEvents& events = activity.macro;
  events.products = std::uint64_t{kPasses} * kCells;
  if (compressed) events.metadata_selects = events.products;
  events.distributor_pairs = std::uint64_t{kPasses} * kRows * static_cast<std::uint64_t>(window);
  events.column_adds = std::uint64_t{kPasses} * kRows * 31;
  events.psum_writes = std::uint64_t{kPasses} * kRows;
  events.merge_adds = std::uint64_t{kPasses} * 3 * 32;
  events.outputs = std::uint64_t{kPasses} * 32;
  events.phases = events.passes = kPasses;
  return activity;
}

/// What the macro costs without distributor and cell multiplexers (tests/platform/energy_model_test.cpp: 117.92 cells,
/// 42.77 trees, 1.74 psum buffers, 4.42 merger).
constexpr double kRest = 166.85;

struct Baseline {
  Architecture architecture;
  Technology technology = load_technology("28nm");
  EnergyModel model;

  explicit Baseline(const std::string& name)
      : architecture(baseline(name)), model(architecture, technology, Sequencing::grouped) {}

  double um2(const std::string& part) const {
    for (const AreaPart& each : model.area()) {
      if (each.name == part) return 1e6 * each.mm2;
    }
    throw std::logic_error("no part " + part);
  }
  /// fJ per MAC of full passes.
  double fj(Component component, const Activity& activity) const {
    return 1000 * model.price(activity, 0)[component] / kCells / kPasses;
  }
  double fj(const Activity& activity) const { return 1000 * model.price(activity, 0).macro_pj() / kCells / kPasses; }
  double write_fj() const {
    Activity activity;
    activity.macro.cell_writes = kPasses;
    return 1000 * model.price(activity, 0)[Component::cell_writes] / kPasses;
  }
  double overhead() const { return macro_overhead(model.area(), dense_macros_mm2(architecture, technology)); }
};

}  // namespace

TEST_CASE("dense_dcim: no multiplexer, no metadata, one line of 8 bits per row") {
  const Baseline dense("dense_dcim");
  CHECK(dense.model.cell_bits() == 8);
  CHECK(dense.um2("cell storage") == Approx(kCells * 8 * kCellBit));
  CHECK(dense.um2("cell multiplexers") == 0);
  CHECK(dense.um2("distributor") == 0);
  CHECK(dense.overhead() == 0);
  CHECK(dense.fj(Component::distributor, full_pass(1, false)) == 0);
  CHECK(dense.fj(full_pass(1, false)) == Approx(kRest).margin(0.01));
  CHECK(dense.write_fj() == Approx(8 * 12.0));
}

TEST_CASE("fixed_1_2: a 2:1 multiplexer and a bit per cell, nothing between buffer and lines") {
  const Baseline fixed("fixed_1_2");
  CHECK(fixed.model.cell_bits() == 9);
  CHECK(fixed.um2("cell multiplexers") == Approx(kCells * 8 * kMux2Area));
  CHECK(fixed.um2("distributor") == 0);
  CHECK(fixed.fj(full_pass(1, true)) == Approx(kRest + 8 * kMux2).margin(0.01));
  // Over 2.16 mm2 of dense macro: multiplexer and bit of 4096 cells.
  CHECK(1e6 * (macros_mm2(fixed.model.area()) - dense_macros_mm2(fixed.architecture, fixed.technology)) ==
        Approx(kCells * (8 * kMux2Area + kCellBit)));
}

TEST_CASE("fixed_2_4: a 4:1 multiplexer and two bits per cell, a 2:1 multiplexer per line between dense and 2:4") {
  const Baseline fixed("fixed_2_4");
  CHECK(fixed.model.cell_bits() == 10);
  CHECK(fixed.um2("cell storage") == Approx(kCells * 10 * kCellBit));
  CHECK(fixed.um2("cell multiplexers") == Approx(kCells * 8 * kMux4Area));
  CHECK(fixed.um2("distributor") == Approx(kRows * 4 * 8 * kMux2Area));
  const Activity pass = full_pass(2, true);
  CHECK(fixed.fj(Component::metadata, pass) == Approx(8 * kMux4));
  CHECK(fixed.fj(Component::distributor, pass) == Approx(2 * 16 * kMux2 / 32));  // a row's lines serve 32 cells
  CHECK(fixed.fj(pass) == Approx(kRest + 8 * kMux4 + kMux2).margin(0.01));
  CHECK(fixed.write_fj() == Approx(10 * 12.0));
  CHECK(fixed.overhead() * dense_macros_mm2(fixed.architecture, fixed.technology) * 1e6 ==
        Approx(kCells * (2 * kCellBit + 8 * kMux4Area) + kRows * 32 * kMux2Area));
}

TEST_CASE("per_cell_mux: an 8:1 multiplexer and three bits per cell, no first stage, sub-macros to choose from") {
  const Baseline full("per_cell_mux");
  CHECK(full.model.cell_bits() == 11);
  // 8:1 is two 4:1 and a 2:1.
  CHECK(full.um2("cell multiplexers") == Approx(kCells * 8 * (2 * kMux4Area + kMux2Area)));
  CHECK(full.um2("distributor") == Approx(kRows * 8 * 8 * kMux4Area));
  const Activity pass = full_pass(4, true);
  CHECK(full.fj(Component::metadata, pass) == Approx(8 * (2 * kMux4 + kMux2)));
  CHECK(full.fj(Component::distributor, pass) == Approx(4 * 16 * kMux4 / 32));
  CHECK(full.fj(pass) == Approx(kRest + 47.6 + 5.1).margin(0.01));
}

TEST_CASE("digital_nm: weights in flip-flops, which take room, not time, and a 4:1 multiplexer per multiplier") {
  const Baseline digital("digital_nm");
  CHECK(digital.model.cell_bits() == 10);
  CHECK(digital.um2("cell storage") == Approx(kCells * 10 * kFlipFlop));
  CHECK(digital.um2("cell multiplexers") == Approx(kCells * 8 * kMux4Area));
  CHECK(digital.um2("distributor") == Approx(kRows * 4 * 8 * kMux2Area));  // blocks of one and of two multipliers
  // Half of the bits of a word toggle when it is written, at 5.3 fJ with their clock.
  CHECK(digital.write_fj() == Approx(10 * 0.5 * 5.3));
  CHECK(digital.fj(full_pass(2, true)) == Approx(kRest + 8 * kMux4 + kMux2).margin(0.01));
  // Beside fixed_2_4, storage is all that differs; its 15 times larger bits leak.
  const Baseline fixed("fixed_2_4");
  CHECK(digital.um2("cell storage") / fixed.um2("cell storage") == Approx(kFlipFlop / kCellBit));
  CHECK(1e6 * (macros_mm2(digital.model.area()) - macros_mm2(fixed.model.area())) ==
        Approx(kCells * 10 * (kFlipFlop - kCellBit)));
  const double more_mm2 = macros_mm2(digital.model.area()) - macros_mm2(fixed.model.area());
  CHECK(digital.model.price({}, 1000)[Component::leakage] - fixed.model.price({}, 1000)[Component::leakage] ==
        Approx(1000 * 10 * more_mm2));
  // A shadow word is 10 flip-flops more, and a multiplexer behind both.
  Architecture shadow = digital.architecture;
  shadow.weight_update = WeightUpdate::shadow;
  const EnergyModel doubled(shadow, digital.technology, Sequencing::grouped);
  CHECK(1e6 * (macros_mm2(doubled.area()) - macros_mm2(digital.model.area())) ==
        Approx(kCells * 10 * (kFlipFlop + kMux2Area)));
}

TEST_CASE("The published macro pays for its first stage, and its patterns cost area over the dense one") {
  const Baseline published("flexcim_published");
  CHECK(published.um2("distributor") == Approx(kRows * 16 * 2 * kMux4Area));
  CHECK(published.overhead() * dense_macros_mm2(published.architecture, published.technology) * 1e6 ==
        Approx(kCells * (kCellBit + 8 * kMux2Area) + kRows * 32 * kMux4Area));
}

TEST_CASE("A macro for one pattern with fewer pairs on the lines than a block has keeps a first stage") {
  Architecture narrow = baseline("fixed_2_4");
  narrow.macro.window = 1;
  const EnergyModel model(narrow, load_technology("28nm"), Sequencing::grouped);
  for (const AreaPart& part : model.area()) {
    // A first stage of two pairs, a second one between dense and 2:4; 2:1 multiplexers of 16 bits both.
    if (part.name == "distributor") CHECK(1e6 * part.mm2 == Approx(kRows * 16 * 2 * kMux2Area));
  }
}

TEST_CASE("Baselines differ from the published architecture in the keys that they are about, in nothing else") {
  const auto text = [](Architecture architecture) {
    YAML::Emitter out;
    architecture_schema().write(out, architecture);
    return std::string(out.c_str());
  };
  const Architecture published = baseline("flexcim_published");
  for (const char* name : {"dense_dcim", "fixed_1_2", "fixed_2_4", "per_cell_mux", "digital_nm"}) {
    Architecture architecture = baseline(name);
    INFO(name);
    CHECK(architecture.name == name);
    CHECK(text(architecture) != text(published));
    architecture.name = published.name;
    architecture.description = published.description;
    architecture.macro.patterns = published.macro.patterns;
    architecture.macro.window = published.macro.window;
    architecture.storage = published.storage;
    CHECK(text(architecture) == text(published));
  }
}

}  // namespace flexcim

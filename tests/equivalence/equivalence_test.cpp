// The SystemC macro and the Verilated SystemVerilog under the same random stimuli, every output pin in every cycle, in
// every configuration of CMakeLists.txt.
#include "rtl_models/verilated/random_driver.h"
#include "rtl_models/verilated/systemc_macro.h"
#include "tests/equivalence/first_difference.h"
#include "tests/equivalence/pin_macro.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

void check_equivalence(const MacroGeometry& geometry, WeightUpdate update, MakePinMacro* make_rtl) {
  SystemcMacro systemc("systemc", geometry, update);
  const std::unique_ptr<PinMacro> rtl = make_rtl(geometry);
  RandomDriver driver({geometry, update}, 1);
  constexpr int kCycles = 60000;
  const std::string difference = first_difference(systemc, *rtl, driver, kCycles);
  INFO(difference);
  REQUIRE(difference.empty());

  // Equal and idle would be easy.
  const RandomDriver::Coverage& seen = driver.coverage();
  CHECK(seen.tiles > 50);
  CHECK(seen.passes > 2000);
  CHECK(seen.results > 2000);
  CHECK(seen.resets > 10);
  CHECK(seen.resets_in_load > 0);
  CHECK(seen.stalled_cycles > 1000);
  CHECK(seen.held_results > 1000);
  CHECK(seen.refused_phases > 500);
  if (update == WeightUpdate::shadow) {
    CHECK(seen.swaps > 200);
    CHECK(seen.early_swaps > 1000);
    CHECK(seen.held_passes > 100);
    CHECK(seen.beats_behind_pass > 500);
    CHECK(seen.refused_beats > 1000);
    CHECK(seen.resets_of_complete > 10);
  } else {
    CHECK(seen.beats_before_pass > 10);
  }
  if (geometry.pairs_per_set > geometry.window) {
    CHECK(seen.multi_phase_passes > 100);
    CHECK(seen.resets_in_pass > 0);
    CHECK(seen.scans > 10);
  }
  if (geometry.sub_macros > 1) CHECK(seen.concats > 10);
}

}  // namespace

#define EQUIVALENCE_CASE(name, p, r, c, i, window, depth, update)                      \
  MakePinMacro make_##name;                                                            \
  TEST_CASE("equivalence: " #name) {                                                   \
    check_equivalence({p, r, c, i, window, depth}, WeightUpdate::update, make_##name); \
  }
#include FLEXCIM_CASES

}  // namespace flexcim

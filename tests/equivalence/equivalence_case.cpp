// One configuration: the SystemC macro and the Verilated SystemVerilog under the same random stimuli, every output pin
// in every cycle. CMakeLists.txt compiles this file once per configuration.
#include FLEXCIM_TOP_HEADER  // first: Verilator's header looks different where SystemC's is known

#include "rtl_models/verilated/random_driver.h"
#include "rtl_models/verilated/systemc_macro.h"
#include "tests/equivalence/first_difference.h"
#include "tests/equivalence/rtl_macro.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

TEST_CASE("equivalence: " FLEXCIM_CASE) {
  const MacroGeometry geometry{FLEXCIM_P, FLEXCIM_R, FLEXCIM_C, FLEXCIM_I, FLEXCIM_WINDOW, FLEXCIM_PSUM_DEPTH};
  constexpr WeightUpdate update = FLEXCIM_SHADOW ? WeightUpdate::shadow : WeightUpdate::blocking;
  SystemcMacro systemc("systemc", geometry, update);
  RtlMacro<FLEXCIM_TOP> rtl(geometry);
  RandomDriver driver({geometry, update}, 1);
  constexpr int kCycles = 60000;
  const std::string difference = first_difference(systemc, rtl, driver, kCycles);
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
  if (FLEXCIM_SHADOW) {
    CHECK(seen.swaps > 200);
    CHECK(seen.early_swaps > 1000);
    CHECK(seen.held_passes > 100);
    CHECK(seen.beats_behind_pass > 500);
    CHECK(seen.refused_beats > 1000);
    CHECK(seen.resets_of_complete > 10);
  } else {
    CHECK(seen.beats_before_pass > 10);
  }
  if (FLEXCIM_I > FLEXCIM_WINDOW) {
    CHECK(seen.multi_phase_passes > 100);
    CHECK(seen.resets_in_pass > 0);
    CHECK(seen.scans > 10);
  }
  if (FLEXCIM_P > 1) CHECK(seen.concats > 10);
}

}  // namespace
}  // namespace flexcim

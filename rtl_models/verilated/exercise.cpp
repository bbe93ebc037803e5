#include "rtl_models/verilated/exercise.h"

#include "rtl_models/observe/macro_waveform.h"
#include "rtl_models/verilated/pair_waveform.h"
#include "rtl_models/verilated/systemc_macro.h"

#include <memory>

namespace flexcim {
namespace {

constexpr int kCyclesBehind = 8;

}  // namespace

std::uint64_t exercise_period_ps() {
  return SystemcMacro::period().value() / sc_core::sc_time(1, sc_core::SC_PS).value();
}

Exercised exercise(const RtlLibrary& library, const ExerciseOptions& options) {
  const MacroInterface& interface = library.interface();
  SystemcMacro model("exercise", interface.geometry, interface.update);
  Lockstep lockstep("verilog", model.macro, library, SystemcMacro::period());
  sc_core::sc_signal<PsumFinal> psum_final("psum_final");
  lockstep.clock(model.clock);
  lockstep.psum_final(psum_final);
  Exercised result;
  lockstep.on_difference([&](const RtlDifference& difference) { result.difference = difference; });
  std::unique_ptr<Waveform> waveform;
  if (!options.waveform.empty()) {
    TraceOptions window;
    window.from_ps = options.from_ps;
    window.to_ps = options.to_ps;
    waveform = std::make_unique<Waveform>("waveform", options.waveform, window, SystemcMacro::period());
    waveform->clock(model.clock);
    add_macro(*waveform, "macro", model.macro);
    add_rtl(waveform->file(), "macro", lockstep, RtlDepth::all);
  }
  RandomDriver driver(interface, options.seed);
  MacroInputs reset;
  reset.reset = true;
  model.drive(reset);
  model.tick();
  MacroOutputs outputs;
  int behind = 0;
  for (int cycle = 0; cycle < options.cycles && behind < kCyclesBehind; ++cycle) {
    model.drive(driver.next());
    model.read(outputs);
    driver.taken(outputs);
    model.tick();
    if (result.difference) ++behind;
  }
  result.cycles = lockstep.compared_cycles();
  result.coverage = driver.coverage();
  if (waveform) waveform->close();
  return result;
}

}  // namespace flexcim

#include "platform/run/trace.h"

#include "flow/error.h"
#include "rtl_models/fst.h"
#include "rtl_models/macro_waveform.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

std::uint64_t picoseconds(double ns) { return static_cast<std::uint64_t>(std::llround(ns * 1000)); }

TraceOptions trace_options(const Scenario& scenario) {
  const TraceConfig& trace = scenario.trace;
  if (trace.fst) {
    try {
      require_vcd2fst();
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}: trace.fst: {}", scenario.file.string(), error.what()));
    }
  }
  TraceOptions options;
  options.signals = trace.signals;
  options.from_ps = picoseconds(trace.from_ns);
  options.to_ps = picoseconds(trace.to_ns);
  options.fst = trace.fst;
  return options;
}

}  // namespace

std::unique_ptr<Waveform> make_trace(const Scenario& scenario,
                                     const std::vector<std::unique_ptr<Simulation>>& simulations,
                                     const std::filesystem::path& folder) {
  if (!scenario.trace.waveform) return nullptr;
  for (const auto& simulation : simulations) {
    RtlMacroEngine* engine = simulation->soc().rtl_engine();
    if (engine == nullptr) continue;
    auto waveform = std::make_unique<Waveform>("waveform", (folder / "wave").string(), trace_options(scenario),
                                               engine->clock().period());
    waveform->clock(engine->clock());
    for (int o = 0; o < engine->shape().outputs; ++o) {
      for (int k = 0; k < engine->shape().inputs; ++k) {
        const bool single = engine->shape().count() == 1;
        add_macro(*waveform, single ? "macro" : fmt::format("macro_{}_{}", o, k), engine->macro(o, k));
      }
    }
    waveform->require_matches();
    return waveform;
  }
  return nullptr;
}

}  // namespace flexcim

#include "platform/run/trace.h"

#include "flow/base/error.h"
#include "platform/energy/energy_model.h"
#include "platform/soc/rtl_buffers.h"
#include "rtl_models/observe/macro_waveform.h"
#include "rtl_models/observe/sram_waveform.h"
#include "rtl_models/trace/fst.h"

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
      throw InputError(fmt::format("{}: {}", scenario.place("trace.fst"), error.what()));
    }
  }
  TraceOptions options;
  options.signals = trace.signals;
  options.from_ps = picoseconds(trace.from_ns);
  options.to_ps = picoseconds(trace.to_ns);
  options.fst = trace.fst;
  return options;
}

/// Energy of what the macro has counted at the edge that began the cycle, over the length of the cycle; without leakage
/// and idle cells.
void add_power(Waveform& waveform, const std::string& scope, const Scenario& scenario, const Macro& macro) {
  const auto model = std::make_shared<EnergyModel>(scenario.architecture, scenario.technology, scenario.sequencing);
  waveform.add({scope, "power_mw", scope + ": power", 1, Radix::analog, true},
               [model, &macro, cycle_ns = nanoseconds(scenario.architecture.clock().ps()), last_pj = 0.0]() mutable {
                 Activity activity;
                 activity.macro = macro.events();
                 const double before = last_pj;
                 last_pj = model->price(activity, 0).macro_pj();
                 return std::round(1000 * (last_pj - before) / cycle_ns) / 1000;  // 1 uW: no digits of rounding errors
               });
}

void add_buffer(Waveform& waveform, const RtlBuffer& buffer) {
  const std::string scope = fmt::format("buffers.{}", buffer.basename());
  add_sram(waveform, scope, buffer.sram);
  waveform.add({scope, "write_queue", scope, 16, Radix::unsigned_decimal, true},
               [&buffer] { return buffer.waiting(); });
  waveform.add({scope, "occupancy", scope, 32, Radix::analog, true}, [&buffer] { return buffer.occupancy(); });
}

}  // namespace

std::unique_ptr<Waveform> make_trace(const Scenario& scenario,
                                     const std::vector<std::unique_ptr<Simulation>>& simulations,
                                     const std::filesystem::path& folder) {
  if (!scenario.trace.waveform) return nullptr;
  for (const auto& simulation : simulations) {
    RtlMacroEngine* engine = simulation->rtl_engine();
    if (engine == nullptr) continue;
    const std::string base = folder.empty() ? "" : (folder / "wave").string();
    auto waveform = std::make_unique<Waveform>("waveform", base, trace_options(scenario), engine->clock().period());
    waveform->clock(engine->clock());
    for (int o = 0; o < engine->shape().outputs; ++o) {
      for (int k = 0; k < engine->shape().inputs; ++k) {
        const std::string scope = engine->shape().count() == 1 ? "macro" : fmt::format("macro_{}_{}", o, k);
        add_power(*waveform, scope, scenario, engine->macro(o, k));
        add_macro(*waveform, scope, engine->macro(o, k));
      }
    }
    // The buffers are filled before: a view that opens with them shows macros that stand still.
    waveform->open_at([&macro = engine->macro(0, 0)] { return macro.load.read().valid; });
    for (const auto& buffer : simulation->rtl_buffers()->all()) add_buffer(*waveform, *buffer);
    waveform->require_matches();
    return waveform;
  }
  return nullptr;
}

}  // namespace flexcim

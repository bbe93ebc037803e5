#include "platform/run/trace.h"

#include "flow/base/error.h"
#include "platform/energy/energy_model.h"
#include "platform/soc/rtl_buffers.h"
#include "rtl_models/observe/macro_waveform.h"
#include "rtl_models/observe/sram_waveform.h"
#include "rtl_models/trace/fst.h"
#include "rtl_models/verilated/pair_waveform.h"
#include "tlm/fabric/picoseconds.h"

#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <string>
#include <utility>

namespace flexcim {
namespace {

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
  options.from_ps = static_cast<std::uint64_t>(nanoseconds_as_picoseconds(trace.from_ns));
  options.to_ps = static_cast<std::uint64_t>(nanoseconds_as_picoseconds(trace.to_ns));
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
                 const ComponentPrices prices = model->price_components(activity, 0, model->switching(activity));
                 last_pj = std::accumulate(prices.begin(), prices.begin() + kMacroComponents, 0.0) / 1000;
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

/// Macros and buffers of a pin-accurate simulation.
std::unique_ptr<Waveform> macro_waveform(const Scenario& scenario, Simulation& simulation, const std::string& base) {
  RtlMacroEngine& engine = *simulation.rtl_engine();
  auto waveform = std::make_unique<Waveform>("waveform", base, trace_options(scenario), engine.clock().period());
  waveform->clock(engine.clock());
  for (int o = 0; o < engine.shape().outputs; ++o) {
    for (int k = 0; k < engine.shape().inputs; ++k) {
      const std::string scope = engine.shape().count() == 1 ? "macro" : fmt::format("macro_{}_{}", o, k);
      add_power(*waveform, scope, scenario, engine.macro(o, k));
      add_macro(*waveform, scope, engine.macro(o, k));
      if (Lockstep* rtl = engine.lockstep(o, k)) add_rtl(waveform->file(), scope, *rtl, RtlDepth::pins);
    }
  }
  // The buffers are filled before: a view that opens with them shows macros that stand still.
  waveform->open_at([&macro = engine.macro(0, 0)] { return macro.load.read().valid; });
  for (const auto& buffer : simulation.rtl_buffers()->all()) add_buffer(*waveform, *buffer);
  return waveform;
}

/// Whose waveform it is; null for none.
Simulation* traced(const TraceConfig& trace, const std::vector<std::unique_ptr<Simulation>>& simulations) {
  if (trace.soc && !simulations.empty()) return simulations.front().get();
  for (const auto& simulation : simulations) {
    if (trace.waveform && simulation->rtl_engine() != nullptr) return simulation.get();
  }
  return nullptr;
}

}  // namespace

RunTrace::RunTrace(const Scenario& scenario, std::unique_ptr<TraceFile> file, std::unique_ptr<Waveform> macros,
                   std::unique_ptr<SocWaveform> soc)
    : recorded_{scenario.trace.from_ns, scenario.trace.to_ns},
      file_(std::move(file)),
      macros_(std::move(macros)),
      soc_(std::move(soc)) {}

void RunTrace::record(bool on) {
  if (macros_) macros_->record(on);
  file().record_beside(on);
  file().changes().record(on, now_picoseconds());
}

void RunTrace::require_kept() const {
  if (macros_) macros_->require_kept();
  (macros_ ? macros_->file() : *file_).changes().require_kept();
}

TraceResult RunTrace::close(const SimulationResult& result) {
  if (soc_ && result.power) {
    result.power([this](const PowerWindow& window) { soc_->add_power(window); });
  }
  TraceResult recorded = recorded_;
  if (soc_) recorded.changes = 0;
  const Waveform::Recorded cycles = macros_ ? macros_->recorded() : Waveform::Recorded{};
  written_ = cycles.cycles > 0 || !file().changes().empty();
  if (!written_) {
    file().discard_beside();
    return recorded;
  }
  const ChangeReplay::Written changes = macros_ ? macros_->close() : file_->write(nullptr);
  recorded.cycles = cycles.cycles;
  recorded.first_ps = cycles.first_ps;
  recorded.last_ps = cycles.last_ps;
  if (soc_) recorded.changes = changes.changes;
  return recorded;
}

std::unique_ptr<RunTrace> make_trace(const Scenario& scenario,
                                     const std::vector<std::unique_ptr<Simulation>>& simulations,
                                     const std::filesystem::path& folder) {
  Simulation* const simulation = traced(scenario.trace, simulations);
  if (simulation == nullptr) return nullptr;
  const std::string base = folder.empty() ? "" : (folder / "wave").string();
  std::unique_ptr<Waveform> macros;
  if (scenario.trace.waveform && simulation->rtl_engine() != nullptr) {
    macros = macro_waveform(scenario, *simulation, base);
  }
  std::unique_ptr<TraceFile> own;
  if (!macros) own = std::make_unique<TraceFile>(base, trace_options(scenario));
  TraceFile& file = macros ? macros->file() : *own;
  std::unique_ptr<SocWaveform> soc;
  if (scenario.trace.soc) soc = simulation->make_soc_waveform(file);
  file.require_matches();
  auto trace = std::make_unique<RunTrace>(scenario, std::move(own), std::move(macros), std::move(soc));
  simulation->add_switch(*trace);
  return trace;
}

}  // namespace flexcim

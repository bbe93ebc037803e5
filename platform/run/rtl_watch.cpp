#include "platform/run/rtl_watch.h"

#include "platform/soc/rtl_macro_engine.h"
#include "rtl_models/observe/macro_waveform.h"
#include "rtl_models/verilated/pair_waveform.h"
#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::uint64_t kCyclesBefore = 64, kCyclesBehind = 8;
constexpr std::chrono::seconds kBetweenCheckpoints{2};
constexpr const char* kBase = "difference";

/// All of a macro but the registers inside its trees, which would have to be kept in every cycle of the run.
constexpr const char* kSignals[] = {"*.reset",       "*.enable",   "*.load_*", "*.swap*",  "*.pass_*",
                                    "*.psum_final*", "*.weight_*", "*.state",  "*.shadow", "*.phase",
                                    "*.window",      "*.go",       "*.use",    "*.line_*", "*.ready",
                                    "*.sel_col",     "*.sum*",     "*.psum*",  "*.ack",    "*_valid"};

}  // namespace

RtlWatch::RtlWatch(const sc_core::sc_module_name& name, const std::vector<std::unique_ptr<Simulation>>& simulations,
                   const std::filesystem::path& folder)
    : sc_module(name), folder_(folder) {
  for (const auto& simulation : simulations) {
    RtlMacroEngine* const engine = simulation->rtl_engine();
    if (engine != nullptr && engine->lockstep(0, 0) != nullptr) watch(*engine, watched_.size());
  }
  SC_HAS_PROCESS(RtlWatch);
  SC_METHOD(start_recording);
  sensitive << record_;
  dont_initialize();
  SC_METHOD(write_and_leave);
  sensitive << leave_;
  dont_initialize();
}

void RtlWatch::watch(RtlMacroEngine& engine, std::size_t index) {
  TraceOptions options;
  for (const char* glob : kSignals) options.signals.push_back({glob, ""});
  Watched& one = watched_.emplace_back();
  one.period_ps = engine.clock().period().value() / sc_core::sc_time(1, sc_core::SC_PS).value();
  const std::string base = folder_.empty() ? "" : (folder_ / kBase).string();
  one.waveform =
      std::make_unique<Waveform>(fmt::format("{}_{}", kBase, index).c_str(), base, options, engine.clock().period());
  one.waveform->clock(engine.clock());
  for (int o = 0; o < engine.shape().outputs; ++o) {
    for (int k = 0; k < engine.shape().inputs; ++k) {
      const std::string scope = engine.shape().count() == 1 ? "macro" : fmt::format("macro_{}_{}", o, k);
      add_macro(*one.waveform, scope, engine.macro(o, k));
      add_rtl(one.waveform->file(), scope, *engine.lockstep(o, k), RtlDepth::all);
      engine.lockstep(o, k)->on_difference(
          [this, index](const RtlDifference& difference) { differs(index, difference); });
    }
  }
  one.waveform->record(false);
  one.waveform->file().record_beside(false);
}

void RtlWatch::begin() { take_checkpoint(); }

void RtlWatch::keep_up() {
  if (!restored_ && std::chrono::steady_clock::now() - last_checkpoint_ > kBetweenCheckpoints) take_checkpoint();
}

void RtlWatch::take_checkpoint() {
  const std::uint64_t now_ps = now_picoseconds();
  last_checkpoint_ = std::chrono::steady_clock::now();
  const std::optional<std::uint64_t> from_ps = checkpoints_.take(now_ps);
  if (!from_ps) return;
  restored_ = true;
  record_.notify(from_picoseconds(static_cast<std::int64_t>(std::max(*from_ps, now_ps) - now_ps)));
}

void RtlWatch::differs(std::size_t index, const RtlDifference& difference) {
  const std::uint64_t period_ps = watched_[index].period_ps;
  if (restored_) {
    differing_ = index;
    leave_.notify(from_picoseconds(static_cast<std::int64_t>(kCyclesBehind * period_ps)));
    return;
  }
  if (checkpoints_.restore(difference.ps - std::min(difference.ps, kCyclesBefore * period_ps))) {
    files_ = {fmt::format("{}.vcd", kBase), fmt::format("{}.gtkw", kBase)};
  }
  throw RtlFailure(difference.text());
}

void RtlWatch::start_recording() {
  for (const Watched& one : watched_) {
    one.waveform->record(true);
    one.waveform->file().record_beside(true);
  }
}

void RtlWatch::write_and_leave() {
  bool good = true;
  try {
    watched_[differing_].waveform->close();
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      if (i != differing_) watched_[i].waveform->file().discard_beside();
    }
  } catch (const std::exception&) {
    good = false;  // a full disk: there is no waveform
  }
  Checkpoints::leave(good);
}

std::unique_ptr<RtlWatch> make_rtl_watch(const std::vector<std::unique_ptr<Simulation>>& simulations,
                                         const std::filesystem::path& folder) {
  for (const auto& simulation : simulations) {
    RtlMacroEngine* const engine = simulation->rtl_engine();
    if (engine == nullptr || engine->lockstep(0, 0) == nullptr) continue;
    return std::make_unique<RtlWatch>("rtl_watch", simulations, folder);
  }
  return nullptr;
}

}  // namespace flexcim

#include "platform/run/simulated_probe.h"

#include <fmt/format.h>
#include <string>

namespace flexcim {
namespace {

bool counts_toggles(const Scenario& scenario) {
  return scenario.toggles || scenario.technology.activity_source == ActivitySource::measured;
}

}  // namespace

SimulatedProbe::SimulatedProbe(const Scenario& scenario, Soc& soc) : soc_(soc) {
  soc_.accelerator().on_command_end([this](const CommandRecord&) {
    at_ends_.push_back({dram().events(), {}, toggles().value_or(MacroToggles())});
  });
  RtlMacroEngine* engine = soc_.rtl_engine();
  if (engine == nullptr || !counts_toggles(scenario)) return;
  for (int o = 0; o < engine->shape().outputs; ++o) {
    for (int k = 0; k < engine->shape().inputs; ++k) {
      const std::string name = fmt::format("{}_toggles_{}_{}", soc.basename(), o, k);
      toggle_counters_.push_back(std::make_unique<ToggleCounter>(name.c_str(), engine->macro(o, k)));
      toggle_counters_.back()->clock(engine->clock());
    }
  }
}

std::optional<MacroToggles> SimulatedProbe::toggles() const {
  if (toggle_counters_.empty()) return std::nullopt;
  MacroToggles sum;
  for (const auto& counter : toggle_counters_) sum += counter->toggles();
  return sum;
}

void SimulatedProbe::listen(ActivityListener& activity, BufferListener& buffers, DramListener& dram) {
  soc_.accelerator().add_listener(activity);
  soc_.accelerator().add_buffer_listener(buffers);
  soc_.dram().add_listener(dram);
}

}  // namespace flexcim

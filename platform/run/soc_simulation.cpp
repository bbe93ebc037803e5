#include "platform/run/soc_simulation.h"

#include "platform/program/simulation_error.h"
#include "platform/run/visibility.h"
#include "platform/verilog/rtl_build.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace flexcim {

SocSimulation::SocSimulation(const Scenario& scenario, Fidelity fidelity) : scenario_(scenario), fidelity_(fidelity) {}

void SocSimulation::build(const std::string& name, MemoryImage& memory, const HostMaker& make_host,
                          const std::filesystem::path& folder, std::ostream& console) {
  if (fidelity_ == Fidelity::verilog) verilog_ = load_rtl(scenario_);
  // One that is too small is found by check(); until then it is as large as needed.
  const std::uint64_t dram_bytes = std::max(memory.bytes(), scenario_.architecture.dram.bytes);
  soc_ = std::make_unique<Soc>(name.c_str(), scenario_.architecture, fidelity_, dram_bytes, make_host, console,
                               scenario_.observe, scenario_.faults, verilog_.get());
  soc_->accelerator().use_fast_path(scenario_.simulation.fast_path);
  soc_->use_threads(scenario_.simulation.threads);
  probe_ = std::make_unique<SimulatedProbe>(scenario_, *soc_);
  meter_ = std::make_unique<SocMeter>(scenario_, *probe_, folder);
  memory.move_to(soc_->dram().store().data(), soc_->dram().store().size());
}

void SocSimulation::attach(Visibility& visibility) {
  visibility.listen_to(*soc_, [this, names = layer_names()](std::uint32_t tag) {
    const std::uint32_t index = tag - first_tag();
    return index < names.size() ? names[index] : std::string();
  });
}

std::unique_ptr<SocWaveform> SocSimulation::make_soc_waveform(TraceFile& file) {
  std::map<std::uint32_t, std::string> layers;
  for (const std::string& layer : layer_names()) {
    std::string& name = layers[first_tag() + static_cast<std::uint32_t>(layers.size())] = layer;
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '_');
  }
  return std::make_unique<SocWaveform>(fmt::format("{}_waveform", soc_->basename()).c_str(), file, *soc_,
                                       std::move(layers));
}

SimulationResult SocSimulation::begin_result() const {
  if (!meter_->finished()) throw SimulationError("the host's program has not ended: " + soc_->waiting_for());
  SimulationResult result;
  result.fidelity = fidelity_;
  if (const FaultInjector* faults = soc_->faults()) {
    result.faults.emplace().counts = faults->counts();
    for (const CommandRecord& record : soc_->accelerator().records()) {
      if (record.error != ErrorCode::none) ++result.faults->reported[record.error];
    }
  }
  return result;
}

}  // namespace flexcim

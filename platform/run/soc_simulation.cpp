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
                               scenario_.observe, verilog_.get());
  soc_->accelerator().use_fast_path(scenario_.simulation.fast_path);
  probe_ = std::make_unique<SimulatedProbe>(scenario_, *soc_);
  meter_ = std::make_unique<SocMeter>(scenario_, *probe_, folder);
  memory.move_to(soc_->dram().store().data(), soc_->dram().store().size());
}

void SocSimulation::attach(Visibility& visibility) {
  visibility.listen_to(*soc_, [this](std::uint32_t tag) { return linear_name(tag); });
}

std::string SocSimulation::linear_name(std::uint32_t tag) const {
  const std::uint32_t index = tag - first_tag();
  return index < linears().all().size() ? linears().all()[index].weights->name : std::string();
}

std::unique_ptr<SocWaveform> SocSimulation::make_soc_waveform(TraceFile& file) {
  std::map<std::uint32_t, std::string> layers;
  for (const PlacedLinear& linear : linears().all()) {
    std::string& name = layers[first_tag() + linear.command.tag] = linear.weights->name;
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
  return result;
}

}  // namespace flexcim

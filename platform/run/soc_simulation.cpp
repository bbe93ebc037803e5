#include "platform/run/soc_simulation.h"

#include "platform/config/block_parameters.h"
#include "platform/run/gemm_command.h"
#include "platform/run/simulation_error.h"
#include "platform/run/visibility.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace flexcim {
namespace {

/// int8 activations as they lie in memory, a row every `stride` bytes.
std::vector<std::uint8_t> activation_image(const Matrix<std::int8_t>& activations, std::size_t stride) {
  std::vector<std::uint8_t> image(activations.rows() * stride);
  for (std::size_t t = 0; t < activations.rows(); ++t) {
    std::memcpy(&image[t * stride], activations.row(t), activations.cols());
  }
  return image;
}

}  // namespace

SocSimulation::SocSimulation(const Scenario& scenario, Fidelity fidelity) : scenario_(scenario), fidelity_(fidelity) {}

MemoryImage SocSimulation::dram_image() {
  MemoryImage memory(memory_map::dram);
  ring_ = memory.reserve("the descriptor ring", FirmwareDriver::ring_entries * kDescriptorBytes);
  return memory;
}

PlacedLinear& SocSimulation::add_linear(MemoryImage& memory, const PackedLinear& linear, std::size_t tokens) {
  std::vector<std::uint8_t> weights = weight_image(linear, scenario_);
  PlacedLinear placed{&linear, gemm_descriptor(scenario_.architecture, scenario_.sequencing, linear.pattern, linear.out,
                                               linear.in, static_cast<int>(tokens))};
  placed.command.weights_bytes = static_cast<std::uint32_t>(weights.size());
  placed.command.weights = memory.append("weights of " + linear.name, std::move(weights));
  placed.command.tag = static_cast<std::uint32_t>(linears_.size());
  return linears_.emplace_back(placed);
}

PlacedLinear& SocSimulation::add_job(MemoryImage& memory, const GemmJob& job) {
  PlacedLinear& placed = add_linear(memory, job.weights, job.activations.rows());
  Descriptor& command = placed.command;
  command.activations =
      memory.append("activations of " + job.weights.name, activation_image(job.activations, command.activation_stride));
  command.outputs =
      memory.reserve("outputs of " + job.weights.name, std::uint64_t{command.tokens} * command.output_stride);
  return placed;
}

void SocSimulation::build(const std::string& name, const MemoryImage& memory, const HostMaker& make_host,
                          const std::filesystem::path& folder, std::ostream& console) {
  dram_needed_ = memory.bytes();
  // One that is too small is found by check(); until then it is as large as needed.
  const std::uint64_t dram_bytes = std::max(dram_needed_, scenario_.architecture.dram.bytes);
  soc_ = std::make_unique<Soc>(name.c_str(), scenario_.architecture, fidelity_, dram_bytes, make_host, console,
                               scenario_.observe);
  soc_->accelerator().use_fast_path(scenario_.simulation.fast_path);
  meter_ = std::make_unique<SocMeter>(scenario_, *soc_, folder);
  memory.load(soc_->dram().store().data(), soc_->dram().store().size());
}

void SocSimulation::check(Findings& findings) {
  const std::uint64_t dram_bytes = scenario_.architecture.dram.bytes;
  if (dram_bytes != 0 && dram_bytes < dram_needed_) {
    findings.add(scenario_.place("architecture.dram.bytes"),
                 fmt::format("{} is less than the {} bytes that the scenario's data need: {}, weights, activations and "
                             "outputs",
                             dram_bytes, dram_needed_,
                             scenario_.host.kind == HostKind::riscv ? "firmware, boot block" : "descriptor ring"));
  }
  std::vector<LayerCommand> commands;
  for (const PlacedLinear& linear : linears_) {
    commands.push_back({linear.weights->name, &linear.command,
                        soc_->dram().store().data() + (linear.command.weights - memory_map::dram)});
  }
  check_commands(scenario_, commands, findings);
}

void SocSimulation::attach(Visibility& visibility) {
  visibility.listen_to(*soc_, [this](std::uint32_t tag) { return linear_name(tag); });
}

std::string SocSimulation::linear_name(std::uint32_t tag) const {
  const std::uint32_t index = tag - first_tag();
  return index < linears_.size() ? linears_[index].weights->name : std::string();
}

std::unique_ptr<SocWaveform> SocSimulation::make_soc_waveform(TraceFile& file) {
  std::map<std::uint32_t, std::string> layers;
  for (const PlacedLinear& linear : linears_) {
    std::string& name = layers[first_tag() + linear.command.tag] = linear.weights->name;
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '_');
  }
  return std::make_unique<SocWaveform>(fmt::format("{}_waveform", soc_->basename()).c_str(), file, *soc_,
                                       std::move(layers));
}

FirmwareDriver SocSimulation::start_driver(NativeHost& host) const {
  FirmwareDriver driver(host, ring_);
  driver.start();
  return driver;
}

void SocSimulation::finish(std::int64_t end_ps) { meter_->finish(end_ps); }

SimulationResult SocSimulation::whole_result() const {
  if (!meter_->finished()) throw SimulationError("the host's program has not ended: " + soc_->waiting_for());
  SimulationResult result;
  result.fidelity = fidelity_;
  result.time_ps = meter_->end_ps();
  result.toggles = meter_->toggles();
  return result;
}

void SocSimulation::add_up(SimulationResult& result) const {
  result.add_up();
  result.power = meter_->power(result.energy.by_component());
  result.activity = meter_->activity();
}

}  // namespace flexcim

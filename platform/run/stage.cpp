#include "platform/run/stage.h"

#include "flow/error.h"
#include "flow/golden.h"
#include "flow/map/image.h"
#include "platform/run/simulation_error.h"
#include "platform/soc/memory_map.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <iostream>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kRowAlignment = 16;

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

/// Hands out DRAM, a page at a time.
class Allocator {
 public:
  std::uint64_t take(std::uint64_t bytes) {
    const std::uint64_t address = next_;
    next_ += rounded_up(bytes, kPage);
    return address;
  }
  std::uint64_t used() const { return next_ - memory_map::dram; }

 private:
  std::uint64_t next_ = memory_map::dram;
};

Descriptor command_for(const GemmJob& job, const Scenario& scenario) {
  Descriptor command;
  command.opcode = static_cast<std::uint8_t>(Opcode::gemm);
  command.flags = kFlagStop;
  command.pattern_n = static_cast<std::uint8_t>(job.weights.pattern.n);
  command.pattern_m = static_cast<std::uint8_t>(job.weights.pattern.m);
  command.sequencing = static_cast<std::uint8_t>(scenario.sequencing);
  command.merge = static_cast<std::uint8_t>(scenario.architecture.merge);
  command.window = static_cast<std::uint8_t>(scenario.architecture.macro.window);
  command.out = static_cast<std::uint32_t>(job.weights.out);
  command.in = static_cast<std::uint32_t>(job.weights.in);
  command.tokens = static_cast<std::uint32_t>(job.activations.rows());
  command.activation_stride = static_cast<std::uint32_t>(rounded_up(command.in, kRowAlignment));
  command.output_stride = command.out * static_cast<std::uint32_t>(command.output_bytes());
  return command;
}

DramEvents difference(const DramEvents& to, const DramEvents& from) {
  return {to.activates - from.activates, to.row_hits - from.row_hits, to.read_bursts - from.read_bursts,
          to.write_bursts - from.write_bursts, to.refreshes - from.refreshes};
}

std::string first_difference(const Matrix<std::int32_t>& output, const Matrix<std::int32_t>& golden) {
  std::size_t count = 0, first = 0;
  for (std::size_t i = output.size(); i-- > 0;) {
    if (output.data()[i] == golden.data()[i]) continue;
    ++count;
    first = i;
  }
  if (count == 0) return "";
  return fmt::format("{} of {} outputs differ, first at token {}, channel {}: {} instead of {}", count, output.size(),
                     first / output.cols(), first % output.cols(), output.data()[first], golden.data()[first]);
}

}  // namespace

Stage::Stage(const std::string& name, const Scenario& scenario, Fidelity fidelity,
             const std::vector<const GemmJob*>& jobs)
    : scenario_(scenario),
      fidelity_(fidelity),
      energy_(scenario.architecture, scenario.technology, scenario.sequencing),
      timeline_(std::llround(scenario.power_window_ns * 1000)) {
  Allocator memory;
  memory.take(AcceleratorDriver::ring_entries * kDescriptorBytes);
  std::vector<std::vector<std::uint8_t>> images;
  for (const GemmJob* job : jobs) {
    Layer layer{job, command_for(*job, scenario), {}, {}, {}};
    const TileLayout layout = make_layout(scenario.architecture.macro, job->weights.pattern, scenario.sequencing,
                                          scenario.architecture.merge, job->weights.name);
    images.push_back(encode_image(scenario.architecture.macro, layout, job->weights));
    layer.command.weights_bytes = static_cast<std::uint32_t>(images.back().size());
    layer.command.weights = memory.take(images.back().size());
    layer.command.activations = memory.take(std::uint64_t{layer.command.tokens} * layer.command.activation_stride);
    layer.command.outputs = memory.take(std::uint64_t{layer.command.tokens} * layer.command.output_stride);
    layer.command.tag = static_cast<std::uint32_t>(layers_.size());
    layers_.push_back(layer);
  }
  soc_ = std::make_unique<Soc>(
      name.c_str(), scenario.architecture, fidelity, memory.used(), [this](NativeHost& host) { program(host); },
      std::cout);
  soc_->accelerator().set_listener(&timeline_);
  for (std::size_t i = 0; i < layers_.size(); ++i) load(layers_[i], images[i]);
  sc_core::sc_spawn([this] { sample_host(); }, (name + "_power_sampler").c_str());
}

/// The boot loader's work, outside of simulated time.
void Stage::load(const Layer& layer, const std::vector<std::uint8_t>& image) {
  std::uint8_t* dram = soc_->dram().store().data();
  std::memcpy(dram + (layer.command.weights - memory_map::dram), image.data(), image.size());
  const Matrix<std::int8_t>& activations = layer.job->activations;
  for (std::size_t t = 0; t < activations.rows(); ++t) {
    std::memcpy(dram + (layer.command.activations - memory_map::dram) + t * layer.command.activation_stride,
                activations.row(t), activations.cols());
  }
}

void Stage::program(NativeHost& host) {
  AcceleratorDriver driver(host, memory_map::dram);
  driver.start();
  for (Layer& layer : layers_) {
    layer.dram_before = soc_->dram().timing().events();
    layer.outcome = driver.run(layer.command);
    layer.dram_after = soc_->dram().timing().events();
    if (layer.outcome.error != ErrorCode::none) break;
  }
  finished_ = true;
  end_ns_ = host.now().to_seconds() * 1e9;
}

Stage::HostSample Stage::host_now() const {
  return {soc_->dram().timing().events(), soc_->host().bytes(), soc_->host().instructions()};
}

void Stage::sample_host() {
  while (!finished_) {
    sc_core::wait(sc_core::sc_time(scenario_.power_window_ns, sc_core::SC_NS));
    samples_.push_back(host_now());
  }
}

Activity Stage::activity(const AcceleratorEvents& events, double cycles, const HostSample& spent) const {
  const DramParameters& dram = soc_->dram().timing().parameters();
  Activity activity;
  activity.macro = events.macro;
  const double macro_cycles = cycles * scenario_.architecture.macros.count();
  activity.idle_macro_cycles =
      static_cast<std::uint64_t>(std::max(0.0, macro_cycles - static_cast<double>(events.macro.phases)));
  activity.activation_buffer = {events.activation_buffer_reads, events.activation_buffer_writes};
  activity.weight_buffer = {events.weight_buffer_reads, events.weight_buffer_writes};
  activity.output_buffer = {events.output_buffer_reads, events.output_buffer_writes};
  activity.accumulates = events.accumulates;
  activity.requantizations = events.requantizations;
  activity.interconnect_bytes = events.dma_reads + events.dma_writes + spent.host_bytes;
  activity.dram = {spent.dram.read_bursts * dram.burst_bytes(), spent.dram.write_bursts * dram.burst_bytes(),
                   spent.dram.activates, spent.dram.refreshes};
  activity.host_instructions = spent.host_instructions;
  return activity;
}

LayerResult Stage::layer_result(const Layer& layer, const CommandRecord& record) const {
  const GemmJob& job = *layer.job;
  const Architecture& architecture = scenario_.architecture;
  LayerResult result;
  result.name = job.weights.name;
  result.tokens = static_cast<int>(layer.command.tokens);
  result.out = job.weights.out;
  result.in = job.weights.in;
  result.pattern = job.weights.pattern;
  result.tiles = record.gemm.tiles;
  result.phases = record.gemm.phases;
  result.cycles = record.cycles();
  result.start_ns = static_cast<double>(record.start) * architecture.cycle_ns();
  result.macs_executed = record.gemm.events.macro.products;
  const double cell_cycles =
      static_cast<double>(result.cycles) * architecture.macro.cells() * architecture.macros.count();
  result.utilization = static_cast<double>(result.macs_executed) / cell_cycles;
  result.activity = activity(record.gemm.events, static_cast<double>(result.cycles),
                             {difference(layer.dram_after, layer.dram_before)});
  result.energy = energy_.price(result.activity, static_cast<double>(result.cycles) * architecture.cycle_ns());

  result.output = Matrix<std::int32_t>(layer.command.tokens, layer.command.out);
  std::memcpy(result.output.data(), soc_->dram().store().data() + (layer.command.outputs - memory_map::dram),
              result.output.size() * sizeof(std::int32_t));
  result.mismatch = first_difference(result.output, golden_gemm(unpack(job.weights), job.activations));
  result.match = result.mismatch.empty();
  return result;
}

std::vector<PowerWindow> Stage::power() const {
  PowerSampler sampler(energy_);
  AcceleratorEvents events;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const double end_ns = std::min(static_cast<double>(i + 1) * scenario_.power_window_ns, end_ns_);
    events += timeline_.window(i);
    sampler.sample(end_ns, activity(events, end_ns / scenario_.architecture.cycle_ns(), samples_[i]));
  }
  return sampler.windows();
}

StageResult Stage::result() const {
  if (!finished_) throw SimulationError("the host's program has not ended: " + soc_->accelerator().waiting_for());
  StageResult result;
  result.fidelity = fidelity_;
  const std::vector<CommandRecord>& records = soc_->accelerator().records();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.outcome.error != ErrorCode::none) {
      throw InputError(fmt::format("{}: layer {}: the accelerator refuses the command: {}", scenario_.file.string(),
                                   layer.job->weights.name,
                                   error_codes().at(static_cast<std::size_t>(layer.outcome.error)).description));
    }
    result.layers.push_back(layer_result(layer, records.at(i)));
    result.cycles += result.layers.back().cycles;
  }
  result.time_ns = end_ns_;
  result.energy = energy_.price(
      activity(soc_->accelerator().events(), end_ns_ / scenario_.architecture.cycle_ns(), host_now()), end_ns_);
  result.power = power();
  return result;
}

}  // namespace flexcim

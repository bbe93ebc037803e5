#include "platform/run/stage.h"

#include "flow/model/golden.h"
#include "platform/run/gemm_command.h"
#include "platform/run/layer_figures.h"
#include "platform/run/simulation_error.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

#include <cstring>
#include <iostream>

namespace flexcim {
Stage::Stage(const std::string& name, const Scenario& scenario, Fidelity fidelity,
             const std::vector<const GemmJob*>& jobs, const std::filesystem::path& folder)
    : scenario_(scenario), fidelity_(fidelity) {
  DramAllocator memory;
  memory.take(AcceleratorDriver::ring_entries * kDescriptorBytes);
  std::vector<std::vector<std::uint8_t>> images;
  for (const GemmJob* job : jobs) {
    images.push_back(weight_image(job->weights, scenario));
    Layer layer{job, gemm_command(job->weights, static_cast<int>(job->activations.rows()), scenario), {}, {}};
    layer.command.weights_bytes = static_cast<std::uint32_t>(images.back().size());
    layer.command.weights = memory.take(images.back().size());
    layer.command.activations = memory.take(std::uint64_t{layer.command.tokens} * layer.command.activation_stride);
    layer.command.outputs = memory.take(std::uint64_t{layer.command.tokens} * layer.command.output_stride);
    layer.command.tag = static_cast<std::uint32_t>(layers_.size());
    layers_.push_back(layer);
  }
  soc_ = std::make_unique<Soc>(name.c_str(), scenario.architecture, fidelity, memory.used(),
                               native_host([this](NativeHost& host) { program(host); }), std::cout);
  meter_ = std::make_unique<SocMeter>(scenario, *soc_, folder);
  for (std::size_t i = 0; i < layers_.size(); ++i) load(layers_[i], images[i]);
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

void Stage::check(Findings& findings) {
  std::vector<LayerCommand> commands;
  for (const Layer& layer : layers_) {
    commands.push_back({layer.job->weights.name, &layer.command,
                        soc_->dram().store().data() + (layer.command.weights - memory_map::dram)});
  }
  check_commands(scenario_, commands, findings);
}

void Stage::program(NativeHost& host) {
  AcceleratorDriver driver(host, memory_map::dram);
  driver.start();
  for (Layer& layer : layers_) {
    const SocCounts before = meter_->now();
    layer.outcome = driver.run(layer.command);
    layer.spent = meter_->now() - before;
    if (layer.outcome.error != ErrorCode::none) break;
  }
  meter_->finish(to_picoseconds(host.now()));
}

LayerResult Stage::layer_result(const Layer& layer, const CommandRecord& record) const {
  const GemmJob& job = *layer.job;
  GemmTotals totals;
  totals.add(record, static_cast<int>(layer.command.tokens), layer.spent);
  LayerResult result = layer_figures(*meter_, scenario_.architecture, job.weights, totals);
  result.output = Matrix<std::int32_t>(layer.command.tokens, layer.command.out);
  std::memcpy(result.output.data(), soc_->dram().store().data() + (layer.command.outputs - memory_map::dram),
              result.output.size() * sizeof(std::int32_t));
  result.mismatch = first_difference(result.output, golden_gemm(unpack(job.weights), job.activations));
  result.match = result.mismatch.empty();
  return result;
}

StageResult Stage::result() const {
  if (!meter_->finished())
    throw SimulationError("the host's program has not ended: " + soc_->accelerator().waiting_for());
  StageResult result;
  result.fidelity = fidelity_;
  const std::vector<CommandRecord>& records = soc_->accelerator().records();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.outcome.error != ErrorCode::none) refuse_layer(scenario_, layer.job->weights.name, layer.outcome.error);
    result.layers.push_back(layer_result(layer, records.at(i)));
    result.cycles += result.layers.back().cycles;
  }
  meter_->report(result);
  return result;
}

}  // namespace flexcim

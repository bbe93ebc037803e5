#include "platform/run/stage.h"

#include "flow/model/golden.h"
#include "platform/run/gemm_command.h"
#include "platform/run/layer_figures.h"
#include "platform/run/simulation_error.h"
#include "platform/workload/memory_image.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

#include <cstring>
#include <iostream>

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

Stage::Stage(const std::string& name, const Scenario& scenario, Fidelity fidelity,
             const std::vector<const GemmJob*>& jobs, const std::filesystem::path& folder)
    : scenario_(scenario), fidelity_(fidelity) {
  MemoryImage memory(memory_map::dram);
  ring_ = memory.reserve("the descriptor ring", AcceleratorDriver::ring_entries * kDescriptorBytes);
  for (const GemmJob* job : jobs) {
    const std::string& layer_name = job->weights.name;
    Layer layer{job, gemm_command(job->weights, static_cast<int>(job->activations.rows()), scenario), {}, {}};
    std::vector<std::uint8_t> weights = weight_image(job->weights, scenario);
    layer.command.weights_bytes = static_cast<std::uint32_t>(weights.size());
    layer.command.weights = memory.append("weights of " + layer_name, std::move(weights));
    layer.command.activations = memory.append("activations of " + layer_name,
                                              activation_image(job->activations, layer.command.activation_stride));
    layer.command.outputs =
        memory.reserve("outputs of " + layer_name, std::uint64_t{layer.command.tokens} * layer.command.output_stride);
    layer.command.tag = static_cast<std::uint32_t>(layers_.size());
    layers_.push_back(layer);
  }
  soc_ = std::make_unique<Soc>(name.c_str(), scenario.architecture, fidelity, memory.bytes(),
                               native_host([this](NativeHost& host) { program(host); }), std::cout);
  meter_ = std::make_unique<SocMeter>(scenario, *soc_, folder);
  memory.load(soc_->dram().store().data(), soc_->dram().store().size());
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
  AcceleratorDriver driver(host, ring_);
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

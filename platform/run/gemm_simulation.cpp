#include "platform/run/gemm_simulation.h"

#include "flow/model/golden.h"
#include "platform/run/gemm_command.h"
#include "platform/run/layer_figures.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

#include <cstring>
#include <iostream>

namespace flexcim {

GemmSimulation::GemmSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                               const std::vector<const GemmJob*>& jobs, const std::filesystem::path& folder)
    : SocSimulation(scenario, fidelity) {
  MemoryImage memory = dram_image();
  for (const GemmJob* job : jobs) {
    add_job(memory, *job);
    layers_.push_back({job, {}, {}});
  }
  build(name, memory, native_host([this](NativeHost& host) { program(host); }), folder, std::cout);
}

void GemmSimulation::program(NativeHost& host) {
  FirmwareDriver driver = start_driver(host);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const SocCounts before = meter().now();
    layers_[i].outcome = driver.run(linears()[i].command);
    layers_[i].spent = meter().now() - before;
    if (layers_[i].outcome.error != ErrorCode::none) break;
  }
  finish(to_picoseconds(host.now()));
}

LayerResult GemmSimulation::layer_result(std::size_t index, Account& account) const {
  const Layer& layer = layers_[index];
  const GemmJob& job = *layer.job;
  const Descriptor& command = linears()[index].command;
  GemmTotals totals;
  totals.add(soc().accelerator().records().at(index), static_cast<int>(command.tokens), layer.spent);
  LayerResult result = layer_figures(meter(), account, scenario().architecture, job.weights, totals);
  result.output = Matrix<std::int32_t>(command.tokens, command.out);
  std::memcpy(result.output.data(), soc().dram().store().data() + (command.outputs - memory_map::dram),
              result.output.size() * sizeof(std::int32_t));
  result.mismatch = first_difference(result.output, golden_gemm(unpack(job.weights), job.activations));
  result.match = result.mismatch.empty();
  return result;
}

SimulationResult GemmSimulation::result() const {
  SimulationResult result = whole_result();
  Account account = meter().account();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.outcome.error != ErrorCode::none) refuse_layer(scenario(), layer.job->weights.name, layer.outcome.error);
    result.layers.push_back(layer_result(i, account));
    result.cycles += result.layers.back().cycles;
  }
  result.between = account.rest();
  add_up(result);
  return result;
}

}  // namespace flexcim

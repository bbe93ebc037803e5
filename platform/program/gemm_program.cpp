#include "platform/program/gemm_program.h"

#include "platform/program/layer_figures.h"
#include "tlm/interface/memory_map.h"

#include <cstring>

namespace flexcim {

GemmProgram::GemmProgram(const Scenario& scenario, const std::vector<const GemmJob*>& jobs) : NativeProgram(scenario) {
  for (const GemmJob* job : jobs) {
    linears_.add(memory_, *job);
    layers_.push_back({job, {}, {}});
  }
}

void GemmProgram::run(ProgramHost& host, const SocMeter& meter) {
  FirmwareDriver driver = start_driver(host);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const SocCounts before = meter.now();
    layers_[i].outcome = driver.run(linears_.all()[i].command);
    layers_[i].spent = meter.now() - before;
    ++complete_;
    if (layers_[i].outcome.error == ErrorCode::none) continue;
    if (!scenario().faults) break;
    driver.go_on();
  }
}

LayerResult GemmProgram::layer_result(std::size_t index, const SocMeter& meter, Account& account,
                                      const std::uint8_t* dram) const {
  const Layer& layer = layers_[index];
  const GemmJob& job = *layer.job;
  const Descriptor& command = linears_.all()[index].command;
  GemmTotals totals;
  totals.add(meter.commands().at(index), static_cast<int>(command.tokens), layer.spent);
  LayerResult result = layer_figures(meter, account, scenario(), job.weights, totals);
  result.match = true;
  if (dram == nullptr) return result;  // nothing has been computed that could differ
  result.output = Matrix<std::int32_t>(command.tokens, command.out);
  const bool refused = layer.outcome.error != ErrorCode::none;  // its outputs are unspecified: none of them is used
  if (!refused) {
    std::memcpy(result.output.data(), dram + (command.outputs - memory_map::dram),
                result.output.size() * sizeof(std::int32_t));
  }
  const Matrix<std::int32_t> golden = golden_outputs(job);
  result.mismatch = first_difference(result.output, golden);
  result.match = result.mismatch.empty();
  if (!scenario().faults) return result;
  result.faults.emplace().error = output_error(result.output, golden);
  if (refused) ++result.faults->refused[layer.outcome.error];
  return result;
}

void GemmProgram::add_result(SimulationResult& result, const SocMeter& meter, const std::uint8_t* dram) const {
  Account account = meter.account();
  for (std::size_t i = 0; i < complete_; ++i) {
    const Layer& layer = layers_[i];
    if (layer.outcome.error != ErrorCode::none && !scenario().faults)
      refuse_layer(scenario(), layer.job->weights.name, layer.outcome.error);
    result.layers.push_back(layer_result(i, meter, account, dram));
    result.cycles += result.layers.back().cycles;
  }
  result.between = account.rest();
}

}  // namespace flexcim

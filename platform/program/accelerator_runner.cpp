#include "platform/program/accelerator_runner.h"

#include "flow/model/int8_runner.h"
#include "flow/pack/quantize.h"

namespace flexcim {

AcceleratorRunner::AcceleratorRunner(ProgramHost& host, FirmwareDriver& driver,
                                     const std::vector<PlacedLinear>& linears, const HostCosts& costs, Done done)
    : host_(host), driver_(driver), linears_(linears), costs_(costs), done_(std::move(done)) {
  for (std::size_t i = 0; i < linears_.size(); ++i) positions_[linears_[i].weights->name] = i;
}

void AcceleratorRunner::on_operator(OperatorClass operators, std::uint64_t units) {
  const std::uint64_t cycles = costs_.cycles_of(operators, units);
  OperatorWork& work = work_[static_cast<std::size_t>(operators)];
  work.units += units;
  work.cycles += cycles;
  host_.compute(cycles, costs_.clock().of(cycles));
}

void AcceleratorRunner::run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) {
  const std::size_t position = positions_.at(linear.name);
  const PlacedLinear& placed = linears_[position];
  const PackedLinear& weights = *placed.weights;
  const QuantizedInput input = quantize_input(linear.name, x, weights.activation_scale);
  on_operator(OperatorClass::quantize, input.values.size());

  Descriptor command = placed.command;
  command.tokens = static_cast<std::uint32_t>(x.rows);
  for (std::size_t t = 0; t < x.rows; ++t) {
    host_.write(command.activations + t * command.activation_stride, input.values.row(t), input.values.cols());
  }
  const CommandOutcome outcome = driver_.run(command);
  if (outcome.error != ErrorCode::none) throw LayerRefused{linear.name, outcome.error};
  Matrix<std::int32_t> sums(y.rows, y.cols);
  host_.read(command.outputs, sums.data(), sums.size() * sizeof(std::int32_t));  // rows follow each other
  done_(position, input.values, sums);

  for (std::size_t t = 0; t < y.rows; ++t) {
    for (std::size_t o = 0; o < y.cols; ++o) y(t, o) = dequantize(sums(t, o), input.scales[t], weights.scales[o]);
  }
  on_operator(OperatorClass::dequantize, sums.size());
}

}  // namespace flexcim

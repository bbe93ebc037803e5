#include "platform/program/accelerator_runner.h"

#include "flow/pack/quantize.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace flexcim {

AcceleratorRunner::AcceleratorRunner(ProgramHost& host, FirmwareDriver& driver, Placed placed, DriverMode mode,
                                     const HostCosts& costs, HostMemory& memory, Listener& listener, bool goes_on)
    : host_(host),
      driver_(driver),
      placed_(std::move(placed)),
      mode_(mode),
      costs_(costs),
      memory_(memory),
      listener_(listener),
      goes_on_(goes_on) {
  for (std::size_t i = 0; i < placed_.linears.size(); ++i) positions_[placed_.linears[i].weights->name] = i;
}

std::unique_ptr<AttentionProducts> AcceleratorRunner::attention(int block) {
  if (placed_.attention == nullptr) return nullptr;
  block_ = block;
  return std::make_unique<AcceleratorAttention>(
      host_, driver_, *placed_.attention, block, mode_ == DriverMode::queued, goes_on_, products_in_flight_,
      [this](int of, const AttentionTask& task, const Int8Cache& cache, const Matrix<std::int8_t>& inputs,
             const Matrix<std::int32_t>& sums) { listener_.product_done(of, task, cache, inputs, sums); });
}

void AcceleratorRunner::count(OperatorClass operators, std::uint64_t units, const MemoryUse& use) {
  OperatorWork& work = work_[static_cast<std::size_t>(operators)];
  const std::uint64_t cycles = costs_.cycles_of(operators, units);
  const Picoseconds computing = costs_.clock().of(cycles);
  const Picoseconds streaming = stream(memory_.spans(operators, block_, use), work);
  work.units += units;
  work.cycles += cycles;
  work.wait_ps += static_cast<std::uint64_t>(std::max<Picoseconds>(0, streaming - computing));
  host_.compute(cycles, std::max<Picoseconds>(0, computing - streaming));
  if (working()) listener_.worked_meanwhile(operators, computing);
}

/// Returns how long it took.
Picoseconds AcceleratorRunner::stream(const std::vector<MemorySpan>& spans, OperatorWork& work) {
  if (spans.empty()) return 0;
  if (working()) throw std::logic_error("the host streams while the accelerator works");
  listener_.streams();
  const Picoseconds start = host_.now_ps();
  for (const MemorySpan& span : spans) {
    host_.stream(span.write, span.address, span.bytes);
    (span.write ? work.written_bytes : work.read_bytes) += span.bytes;
  }
  const Picoseconds time = host_.now_ps() - start;
  work.dram += listener_.streamed(time);
  return time;
}

/// The commands of the linear at `position` and of all that read the same inputs.
void AcceleratorRunner::submit(std::size_t position, MatrixView<const float> x) {
  const PlacedLinear& first = placed_.linears[position];
  input_ = quantize_input(first.weights->name, x, first.weights->activation_scale);
  on_operator(OperatorClass::quantize, input_.values.size());
  for (std::size_t t = 0; t < x.rows; ++t) {
    host_.write(first.command.activations + t * first.command.activation_stride, input_.values.row(t), x.cols);
  }
  for (std::size_t i = position; i < position + placed_.groups[position]; ++i) {
    Descriptor command = placed_.linears[i].command;
    command.tokens = static_cast<std::uint32_t>(x.rows);
    tickets_[i] = driver_.submit(command);
  }
}

void AcceleratorRunner::run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) {
  block_ = linear.block;
  const std::size_t position = positions_.at(linear.name);
  if (tickets_.count(position) == 0) submit(position, x);
  const CommandOutcome outcome = driver_.wait(tickets_.at(position));
  tickets_.erase(position);
  const bool failed = outcome.error != ErrorCode::none;
  if (failed && !goes_on_) throw LayerRefused{linear.name, outcome.error};
  if (failed) driver_.go_on();

  const PlacedLinear& placed = placed_.linears[position];
  Matrix<std::int32_t> sums(y.rows, y.cols);
  if (!failed) {
    host_.read(placed.command.outputs, sums.data(), sums.size() * sizeof(std::int32_t));  // rows follow each other
  }
  listener_.command_done(position, input_.values, sums);

  for (std::size_t t = 0; t < y.rows; ++t) {
    for (std::size_t o = 0; o < y.cols; ++o) {
      y(t, o) = dequantize(sums(t, o), input_.scales[t], placed.weights->scales[o]);
    }
  }
  on_operator(OperatorClass::dequantize, sums.size());
}

}  // namespace flexcim

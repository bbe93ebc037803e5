#include "platform/program/accelerator_attention.h"

#include "platform/program/layer_refused.h"

#include <utility>

namespace flexcim {

AcceleratorAttention::AcceleratorAttention(ProgramHost& host, FirmwareDriver& driver, const PlacedAttention& placed,
                                           int block, bool overlaps, bool goes_on, std::size_t& in_flight, Done done)
    : host_(host),
      driver_(driver),
      placed_(placed),
      block_(block),
      overlaps_(overlaps),
      goes_on_(goes_on),
      in_flight_(in_flight),
      done_(std::move(done)) {}

void AcceleratorAttention::appended(const Int8Cache& cache, std::size_t tokens) {
  cache_ = &cache;
  placed_.write(host_, block_, cache, tokens);
}

void AcceleratorAttention::start(const AttentionTask& task, Matrix<std::int8_t> inputs) {
  const Descriptor command = placed_.command(block_, task, inputs.rows(), slot_);
  slot_ = (slot_ + 1) % PlacedAttention::slots;
  for (std::size_t r = 0; r < inputs.rows(); ++r) {
    host_.write(command.activations + r * command.activation_stride, inputs.row(r), inputs.cols());
  }
  const std::uint32_t ticket = driver_.submit(command);
  begun_.push_back({task, std::move(inputs), command, ticket});
  in_flight_ = begun_.size();
}

Matrix<std::int32_t> AcceleratorAttention::finish() {
  const Begun first = std::move(begun_.front());
  begun_.pop_front();
  const CommandOutcome outcome = driver_.wait(first.ticket);
  in_flight_ = begun_.size();
  const bool failed = outcome.error != ErrorCode::none;
  if (failed && !goes_on_) throw LayerRefused{placed_.linear(block_, first.task.product).name, outcome.error};
  if (failed) driver_.go_on();
  Matrix<std::int32_t> sums(first.inputs.rows(), first.command.out);
  if (!failed) {
    host_.read(first.command.outputs, sums.data(), sums.size() * sizeof(std::int32_t));  // rows follow each other
  }
  done_(block_, first.task, *cache_, first.inputs, sums);
  return sums;
}

}  // namespace flexcim

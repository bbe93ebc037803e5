#include "tests/fuzz/accelerator_bench.h"

#include "flow/map/image.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/fuzz/target.h"
#include "tests/tlm/dram_device.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

namespace flexcim::fuzz {
namespace {

namespace reg = accelerator_registers;

constexpr int kOut = 10, kIn = 70, kTokens = 3;
constexpr std::uint64_t kActivations = 0x1000, kOutputs = 0x1800;  // in a layer's bytes, behind its image
constexpr int kMostWaits = 1000;                                   // of a microsecond

AcceleratorParameters small_parameters() {
  AcceleratorParameters parameters;
  parameters.macro.rows = parameters.macro.cols = 8;
  parameters.array = {2, 1};
  parameters.activation.bytes = parameters.weight.bytes = parameters.output.bytes = 4096;
  return parameters;
}

}  // namespace

AcceleratorBench::AcceleratorBench(const sc_core::sc_module_name& name)
    : sc_module(name),
      parameters_(small_parameters()),
      engine_(parameters_.macro, parameters_.array),
      dram_("dram", dram_device("lpddr4"), kMemoryBytes),
      accelerator_("accelerator", parameters_, DmaParameters(), engine_) {
  accelerator_.memory_socket().bind(checker_.from_initiator);
  bus_.connect(checker_.to_target);
  bus_.map(dram_.socket, kMemory, kMemoryBytes, "dram");
  registers.bind(accelerator_.registers_socket);
  accelerator_.irq(irq_);
  place(0, {}, Sequencing::grouped);
  place(1, {2, 4}, Sequencing::grouped);
  place(2, {2, 8}, Sequencing::scan);
  pristine_.assign(at(kMemory), at(kMemory) + kMemoryBytes);
  SC_HAS_PROCESS(AcceleratorBench);
  SC_THREAD(work);
  set_stack_size(1 << 20);
}

void AcceleratorBench::place(int layer, Pattern pattern, Sequencing sequencing) {
  std::mt19937 random(static_cast<unsigned>(layer));
  const PackedLinear linear = test::random_linear(random, pattern, kOut, kIn);
  const Matrix<std::int8_t> x = test::random_activations(random, kTokens, kIn);
  const TileLayout layout = make_layout(parameters_.macro, pattern, sequencing, MergeMode::reduce, "layer");
  const std::vector<std::uint8_t> image = encode_image(parameters_.macro, layout, linear);
  if (image.size() > kActivations) finding("the layer is too large for the bench");
  const std::uint64_t base = kFirstLayer + static_cast<std::uint64_t>(layer) * kLayerBytes;
  Descriptor d;
  d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
  d.flags = kFlagInterrupt;
  d.pattern_n = static_cast<std::uint8_t>(pattern.n);
  d.pattern_m = static_cast<std::uint8_t>(pattern.m);
  d.sequencing = static_cast<std::uint8_t>(sequencing);
  d.window = static_cast<std::uint8_t>(parameters_.macro.window);
  d.out = kOut;
  d.in = kIn;
  d.tokens = kTokens;
  d.weights_bytes = static_cast<std::uint32_t>(image.size());
  d.activation_stride = kIn;
  d.output_stride = 4 * kOut;
  d.weights = base;
  d.activations = base + kActivations;
  d.outputs = base + kOutputs;
  std::copy(image.begin(), image.end(), at(d.weights));
  std::memcpy(at(d.activations), x.data(), x.size());
  const DescriptorImage bytes = encode(d);
  std::copy(bytes.begin(), bytes.end(), at(kMemory + static_cast<std::uint64_t>(layer) * kDescriptorBytes));
  if (layer != 0) return;
  expected_ = golden_gemm(unpack(linear), x);
  outputs_ = d.outputs;
}

void AcceleratorBench::work() {
  while (true) {
    program_();
    sc_core::sc_pause();
    wait(sc_core::SC_ZERO_TIME);
  }
}

void AcceleratorBench::run(std::function<void()> program) {
  program_ = std::move(program);
  sc_core::sc_start();
}

void AcceleratorBench::restart() {
  write(reg::control, reg::kControlReset);
  wait(sc_core::sc_time(1, sc_core::SC_US));
  std::copy(pristine_.begin(), pristine_.end(), at(kMemory));
  write(reg::ring_base_lo, static_cast<std::uint32_t>(kMemory));
  write(reg::ring_base_hi, static_cast<std::uint32_t>(kMemory >> 32));
  write(reg::ring_size, kRingEntries);
  write(reg::irq_enable, reg::kIrqDone | reg::kIrqError);
  write(reg::control, reg::kControlEnable);
}

tlm::tlm_response_status AcceleratorBench::access(tlm::tlm_generic_payload& transaction) {
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  registers->b_transport(transaction, delay);
  if (transaction.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) finding("an access without a response");
  return transaction.get_response_status();
}

std::uint32_t AcceleratorBench::read(std::uint32_t offset) {
  std::uint32_t value = 0;
  tlm::tlm_generic_payload transaction;
  transaction.set_address(offset);
  transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  transaction.set_data_length(4);
  transaction.set_streaming_width(4);
  transaction.set_command(tlm::TLM_READ_COMMAND);
  if (access(transaction) != tlm::TLM_OK_RESPONSE) finding("a register cannot be read: " + std::to_string(offset));
  return value;
}

void AcceleratorBench::write(std::uint32_t offset, std::uint32_t value) {
  tlm::tlm_generic_payload transaction;
  transaction.set_address(offset);
  transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  transaction.set_data_length(4);
  transaction.set_streaming_width(4);
  transaction.set_command(tlm::TLM_WRITE_COMMAND);
  if (access(transaction) != tlm::TLM_OK_RESPONSE) finding("a register cannot be written: " + std::to_string(offset));
}

void AcceleratorBench::check_recovery() {
  restart();
  if (read(reg::status) != 0 || read(reg::ring_head) != 0 || read(reg::irq_status) != 0)
    finding("a state other than that after reset");
  write(reg::doorbell, 1);
  for (int waits = 0; read(reg::completed) != 1; ++waits) {
    if (waits == kMostWaits) finding("does not work after a reset: " + accelerator_.waiting_for());
    wait(sc_core::sc_time(1, sc_core::SC_US));
  }
  if (std::memcmp(at(outputs_), expected_.data(), expected_.size() * sizeof(std::int32_t)) != 0)
    finding("computes other outputs after a reset");
  if (!checker_.violations().empty()) finding(checker_.violations().front());
}

}  // namespace flexcim::fuzz

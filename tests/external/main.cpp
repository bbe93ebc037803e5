// The accelerator in somebody else's SoC: a memory and an initiator of its own, and nothing of FlexCiM-VP's platform
// but the engine of pin-accurate macros. Runs a layer on the fast engine and on that one; exits with 0 if both give the
// golden outputs in the same cycles.
#include "flow/map/image.h"
#include "flow/model/golden.h"
#include "platform/soc/rtl_macro_engine.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdio>
#include <cstring>
#include <vector>

namespace {

constexpr int kOut = 40, kIn = 200, kTokens = 5;
constexpr std::uint64_t kRing = 0x0000, kWeights = 0x1000, kActivations = 0x8000, kOutputs = 0x9000, kBytes = 0x10000;

/// Blocking transport only; the accelerator's DMA speaks the non-blocking one, SystemC's socket translates.
class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  std::vector<unsigned char> bytes = std::vector<unsigned char>(kBytes);

  explicit Memory(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_b_transport(this, &Memory::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (payload.get_address() + payload.get_data_length() > kBytes) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    unsigned char* at = bytes.data() + payload.get_address();
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), at, payload.get_data_length());
    if (payload.is_write()) std::memcpy(at, payload.get_data_ptr(), payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += sc_core::sc_time(50, sc_core::SC_NS);
  }
};

class Soc : public sc_core::sc_module {
 public:
  Memory memory{"memory"};
  flexcim::Accelerator accelerator;
  tlm_utils::simple_initiator_socket<Soc> registers{"registers"};
  sc_core::sc_signal<bool> irq{"irq"};
  bool ended = false;

  Soc(const sc_core::sc_module_name& name, const flexcim::AcceleratorParameters& parameters,
      flexcim::MacroEngine& engine, const flexcim::Descriptor& command)
      : sc_module(name), accelerator("accelerator", parameters, flexcim::DmaParameters(), engine) {
    registers.bind(accelerator.registers_socket);
    accelerator.memory_socket().bind(memory.socket);
    accelerator.irq(irq);
    const flexcim::DescriptorImage descriptor = flexcim::encode(command);
    std::memcpy(memory.bytes.data() + kRing, descriptor.data(), descriptor.size());
    SC_HAS_PROCESS(Soc);
    SC_THREAD(drive);
  }

 private:
  void drive() {
    namespace reg = flexcim::accelerator_registers;
    write(reg::ring_base_lo, kRing);
    write(reg::ring_size, 4);
    write(reg::irq_enable, reg::kIrqDone | reg::kIrqError);
    write(reg::control, reg::kControlEnable);
    write(reg::doorbell, 1);
    wait(irq.posedge_event());
    ended = true;
  }
  void write(std::uint32_t offset, std::uint32_t value) {
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    sc_core::sc_time delay;
    registers->b_transport(payload, delay);
    if (payload.is_response_error()) SC_REPORT_ERROR("soc", "a register access was refused");
  }
};

}  // namespace

int sc_main(int, char*[]) {
  using namespace flexcim;
  // 2:4 along the inputs: the first two of every four are kept.
  Matrix<std::int8_t> weights(kOut, kIn), activations(kTokens, kIn);
  for (int o = 0; o < kOut; ++o) {
    for (int i = 0; i < kIn; ++i)
      weights(o, i) = static_cast<std::int8_t>(i % 4 < 2 ? (o * 31 + i * 7) % 255 - 127 : 0);
  }
  for (int t = 0; t < kTokens; ++t) {
    for (int i = 0; i < kIn; ++i) activations(t, i) = static_cast<std::int8_t>((t * 59 + i * 13) % 256 - 128);
  }
  AcceleratorParameters parameters;
  const PackedLinear packed = pack_int8(weights.view(), Pattern{2, 4}, "layer");
  const TileLayout layout =
      make_layout(parameters.macro, packed.pattern, Sequencing::grouped, MergeMode::reduce, "layer");
  const std::vector<std::uint8_t> image = encode_image(parameters.macro, layout, packed);
  Descriptor command;
  command.opcode = static_cast<std::uint8_t>(Opcode::gemm);
  command.flags = kFlagInterrupt | kFlagStop;
  command.pattern_n = 2;
  command.pattern_m = 4;
  command.window = static_cast<std::uint8_t>(parameters.macro.window);
  command.out = kOut;
  command.in = command.activation_stride = kIn;
  command.tokens = kTokens;
  command.weights = kWeights;
  command.weights_bytes = static_cast<std::uint32_t>(image.size());
  command.activations = kActivations;
  command.outputs = kOutputs;
  command.output_stride = 4 * kOut;

  FastEngine fast(parameters.macro, parameters.array);
  RtlMacroEngine pins("macros", parameters.macro, parameters.array,
                      sc_core::sc_time(static_cast<double>(parameters.clock_ps), sc_core::SC_PS));
  Soc tlm_soc("tlm_soc", parameters, fast, command), rtl_soc("rtl_soc", parameters, pins, command);
  const Matrix<std::int32_t> golden = golden_gemm(weights.view(), activations.view());
  for (Soc* soc : {&tlm_soc, &rtl_soc}) {
    std::memcpy(soc->memory.bytes.data() + kWeights, image.data(), image.size());
    std::memcpy(soc->memory.bytes.data() + kActivations, activations.data(), activations.size());
  }
  sc_core::sc_start();

  bool good = true;
  for (Soc* soc : {&tlm_soc, &rtl_soc}) {
    const bool equal = std::memcmp(soc->memory.bytes.data() + kOutputs, golden.data(), golden.size() * 4) == 0;
    good = good && soc->ended && equal && soc->accelerator.records().size() == 1;
    std::printf("%s: %s after %llu cycles, outputs %s\n", soc->name(), soc->ended ? "interrupt" : "no interrupt",
                soc->ended ? static_cast<unsigned long long>(soc->accelerator.records().at(0).cycles()) : 0,
                equal ? "equal" : "DIFFER");
  }
  return good && tlm_soc.accelerator.records()[0].cycles() == rtl_soc.accelerator.records()[0].cycles() ? 0 : 1;
}

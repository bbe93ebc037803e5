// What the accelerator says that it waits for, in front of a memory that stops answering.
#include "tests/tlm/device_bench.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"

#include <catch2/catch.hpp>
#include <cstring>

using namespace flexcim;

namespace {

namespace reg = accelerator_registers;

constexpr std::uint64_t kMute = 0x1000;  // requests from here on are accepted and never answered

/// Answers below kMute at once.
class MuteMemory : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
 public:
  tlm::tlm_target_socket<> socket{"socket"};
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kMute);

  explicit MuteMemory(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase&, sc_core::sc_time&) override {
    if (t.get_address() >= kMute) return tlm::TLM_ACCEPTED;
    std::memcpy(t.get_data_ptr(), &bytes[t.get_address()], t.get_data_length());
    t.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override {}
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
};

struct WaitingBench {
  AcceleratorParameters parameters;
  FastEngine engine{parameters.macro, parameters.array};
  Accelerator accelerator{"accelerator", parameters, DmaParameters(), engine};
  MuteMemory memory{"memory"};
  DeviceBus bus{"bus"};
  sc_core::sc_signal<bool> irq{"irq"};

  WaitingBench() {
    accelerator.memory_socket().bind(memory.socket);
    accelerator.irq(irq);
    bus.connect(accelerator.registers_socket);
  }
  /// One command from a ring at `ring`, as far as it gets.
  std::string run(std::uint32_t ring) {
    simulate([&] {
      bus.write(reg::ring_base_lo, ring);
      bus.write(reg::ring_size, 4);
      bus.write(reg::control, reg::kControlEnable);
      bus.write(reg::doorbell, 1);
    });
    return accelerator.waiting_for();
  }
};

Descriptor gemm() {
  Descriptor d;
  d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
  d.pattern_n = d.pattern_m = d.window = 1;
  d.tag = 42;
  d.out = d.in = d.activation_stride = 32;
  d.output_stride = 4 * d.out;
  d.tokens = 1;
  d.weights = kMute;
  d.weights_bytes = 0x1000;
  return d;
}

}  // namespace

TEST_CASE("Accelerator: idle, not enabled") {
  WaitingBench bench;
  CHECK(bench.accelerator.waiting_for() == "accelerator is not enabled");
}

TEST_CASE("Accelerator: a descriptor that does not come") {
  WaitingBench bench;
  CHECK(bench.run(kMute) == "accelerator waits for the descriptor at 0x1000");
}

TEST_CASE("Accelerator: weights that do not come") {
  WaitingBench bench;
  const DescriptorImage image = encode(gemm());
  std::memcpy(&bench.memory.bytes[0x80], image.data(), image.size());
  CHECK(bench.run(0x80) == "accelerator works on the command at 0x80 (tag 42) and waits for weights");
}

TEST_CASE("Accelerator: no command left") {
  WaitingBench bench;
  CHECK(bench.run(0) == "accelerator has no command");  // a descriptor of zeros is a nop
}

TEST_CASE("Accelerator: halted by a bad command") {
  WaitingBench bench;
  Descriptor d = gemm();
  d.tokens = 0;
  d.flags = kFlagStop;
  const DescriptorImage image = encode(d);
  std::memcpy(bench.memory.bytes.data(), image.data(), image.size());
  CHECK(bench.run(0) == "accelerator is halted by BAD_SHAPE of the command at 0x0");
}

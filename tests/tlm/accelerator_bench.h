// An accelerator with memory and a driver, for tests: command ring, images and data in DRAM, records read back.
#pragma once

#include "flow/map/image.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/tlm/device_bench.h"
#include "tests/tlm/dram_device.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"

#include <cstring>

namespace flexcim::test {

namespace reg = accelerator_registers;

constexpr std::uint64_t kDramBase = 0x8000'0000;
constexpr std::uint64_t kDramBytes = 64 << 20;
constexpr std::uint64_t kRing = kDramBase;
constexpr std::uint32_t kRingEntries = 16;

/// A layer in DRAM and what it must give.
struct Layer {
  Descriptor descriptor;
  Matrix<std::int32_t> expected;
};

struct AcceleratorBench {
  AcceleratorParameters parameters;
  FastEngine engine;
  Interconnect memory_bus{"memory_bus", InterconnectParameters{1000, 32, 4}};
  Dram dram;
  Accelerator accelerator;
  ProtocolChecker memory_checker{"memory_checker"};
  DeviceBus bus{"bus"};
  LineLog irq{"irq"};
  std::uint64_t next_free = kDramBase + 0x1'0000;
  std::uint32_t tail = 0;

  explicit AcceleratorBench(const AcceleratorParameters& p = {}, const DmaParameters& dma = {},
                            const DramParameters& type = dram_device("lpddr4"))
      : parameters(p),
        engine(p.macro, p.array),
        dram("dram", type, kDramBytes),
        accelerator("accelerator", p, dma, engine) {
    accelerator.memory_socket().bind(memory_checker.from_initiator);
    memory_bus.connect(memory_checker.to_target);
    memory_bus.map(dram.socket, kDramBase, kDramBytes, "dram");
    bus.connect(accelerator.registers_socket);
    accelerator.irq(irq.line);
  }

  std::uint8_t* at(std::uint64_t address) { return dram.store().data() + (address - kDramBase); }
  std::uint64_t allocate(std::size_t bytes) {
    const std::uint64_t address = next_free;
    next_free += (bytes + 4095) / 4096 * 4096;
    REQUIRE(next_free <= kDramBase + kDramBytes);
    return address;
  }

  Layer place(const PackedLinear& linear, const Matrix<std::int8_t>& x, Sequencing sequencing = Sequencing::grouped,
              MergeMode merge = MergeMode::reduce) {
    const TileLayout layout = make_layout(parameters.macro, linear.pattern, sequencing, merge, "test");
    const std::vector<std::uint8_t> image = encode_image(parameters.macro, layout, linear);
    Layer layer;
    Descriptor& d = layer.descriptor;
    d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
    d.flags = kFlagInterrupt;
    d.pattern_n = static_cast<std::uint8_t>(linear.pattern.n);
    d.pattern_m = static_cast<std::uint8_t>(linear.pattern.m);
    d.sequencing = static_cast<std::uint8_t>(sequencing);
    d.merge = static_cast<std::uint8_t>(merge);
    d.window = static_cast<std::uint8_t>(parameters.macro.window);
    d.out = static_cast<std::uint32_t>(linear.out);
    d.in = static_cast<std::uint32_t>(linear.in);
    d.tokens = static_cast<std::uint32_t>(x.rows());
    d.weights_bytes = static_cast<std::uint32_t>(image.size());
    d.weights = allocate(image.size());
    d.activation_stride = static_cast<std::uint32_t>(x.cols());
    d.activations = allocate(x.size());
    d.output_stride = 4 * d.out;
    d.outputs = allocate(x.rows() * d.output_stride);
    std::memcpy(at(d.weights), image.data(), image.size());
    std::memcpy(at(d.activations), x.data(), x.size());
    layer.expected = golden_gemm(unpack(linear), x);
    return layer;
  }

  /// Writes a descriptor behind the last one in the ring, without ringing the doorbell.
  std::uint64_t append(const Descriptor& descriptor) {
    const std::uint64_t address = kRing + std::uint64_t{tail} * kDescriptorBytes;
    const DescriptorImage image = encode(descriptor);
    std::memcpy(at(address), image.data(), image.size());
    tail = (tail + 1) % kRingEntries;
    return address;
  }
  void enable() {
    bus.write(reg::ring_base_lo, static_cast<std::uint32_t>(kRing));
    bus.write(reg::ring_base_hi, static_cast<std::uint32_t>(kRing >> 32));
    bus.write(reg::ring_size, kRingEntries);
    bus.write(reg::irq_enable, reg::kIrqDone | reg::kIrqError);
    bus.write(reg::control, reg::kControlEnable);
  }
  void ring_doorbell() { bus.write(reg::doorbell, tail); }
  std::uint64_t counter(std::size_t index) {
    const std::uint64_t low = bus.read(reg::counter_offset(index));
    return low | static_cast<std::uint64_t>(bus.read(reg::counter_offset(index) + 4)) << 32;
  }

  /// Rows of outputs that differ from the expected ones.
  int wrong_rows(const Layer& layer) {
    int wrong = 0;
    for (std::size_t t = 0; t < layer.expected.rows(); ++t) {
      const std::uint8_t* row = at(layer.descriptor.outputs) + t * layer.descriptor.output_stride;
      wrong += std::memcmp(row, layer.expected.row(t), layer.expected.cols() * sizeof(std::int32_t)) != 0;
    }
    return wrong;
  }

  /// Runs the commands appended so far, then `then` in the driver's thread.
  void run(const std::function<void()>& then = [] {}) {
    simulate([&] {
      enable();
      ring_doorbell();
      while ((bus.read(reg::status) & reg::kStatusBusy) != 0 ||
             (bus.read(reg::ring_head) != tail && (bus.read(reg::status) & reg::kStatusHalted) == 0)) {
        sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
      }
      then();
    });
    check_protocol();
  }
  void check_protocol() {
    INFO((memory_checker.violations().empty() ? std::string() : memory_checker.violations().front()));
    CHECK(memory_checker.violations().empty());
    CHECK(memory_checker.under_way() == 0);
  }
};

}  // namespace flexcim::test

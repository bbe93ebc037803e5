// An accelerator with its memory for measurements: layers and commands are placed in DRAM, the simulation runs until
// the accelerator rests.
#pragma once

#include "flow/map/image.h"
#include "tests/tlm/dram_device.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"

#include <tlm_utils/simple_initiator_socket.h>

#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {

class TlmSystem : public sc_core::sc_module {
 public:
  struct Layer {
    std::uint64_t weights = 0, weights_bytes = 0;
    int out = 0, in = 0;
  };
  using Command = Descriptor;

  /// `threads`: that form products.
  TlmSystem(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters, int threads)
      : sc_module(name),
        parameters_(parameters),
        engine_(parameters.macro, parameters.array, {threads}),
        bus_("bus", {parameters.clock_ps, 32, 4}),
        dram_("dram", dram_device("lpddr4"), kBytes),
        accelerator_("accelerator", parameters, {}, engine_) {
    bus_.connect(accelerator_.memory_socket());
    bus_.map(dram_.socket, 0, kBytes, "dram");
    driver_.bind(accelerator_.registers_socket);
    accelerator_.irq(irq_);
    SC_HAS_PROCESS(TlmSystem);
    SC_THREAD(drive);
  }

  /// Forgets all layers.
  void clear() { next_ = kRing + 4096; }

  /// 4:8, encoded.
  Layer add(const PackedLinear& linear) {
    const TileLayout layout =
        make_layout(parameters_.macro, linear.pattern, Sequencing::grouped, MergeMode::reduce, "bench");
    const std::vector<std::uint8_t> image = encode_image(parameters_.macro, layout, linear);
    Layer layer{allocate(image.size()), image.size(), linear.out, linear.in};
    std::memcpy(at(layer.weights), image.data(), image.size());
    return layer;
  }

  /// The outputs of one command lie where those of the one before lay.
  Command place(const Layer& layer, const Matrix<std::int8_t>& x) {
    Command d;
    d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
    d.flags = kFlagInterrupt;
    d.pattern_n = 4;
    d.pattern_m = 8;
    d.window = static_cast<std::uint8_t>(parameters_.macro.window);
    d.out = static_cast<std::uint32_t>(layer.out);
    d.in = d.activation_stride = static_cast<std::uint32_t>(layer.in);
    d.tokens = static_cast<std::uint32_t>(x.rows());
    d.weights = layer.weights;
    d.weights_bytes = static_cast<std::uint32_t>(layer.weights_bytes);
    d.activations = kBytes - (64 << 20);
    d.outputs = kBytes - (32 << 20);
    d.output_stride = 4 * d.out;
    std::memcpy(at(d.activations), x.data(), x.size());
    return d;
  }

  CommandRecord run(const Command& command) {
    const DescriptorImage image = encode(command);
    std::memcpy(at(kRing + tail_ * kDescriptorBytes), image.data(), image.size());
    tail_ = (tail_ + 1) % kEntries;
    doorbell_.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start();
    const CommandRecord& record = accelerator_.records().back();
    if (record.error != ErrorCode::none)
      throw std::runtime_error("the command failed: " + std::string(to_string(record.error)));
    return record;
  }

  /// Throws where the outputs in DRAM are not these.
  void require_outputs(const Command& d, const std::int32_t* expected) {
    const std::size_t bytes = std::size_t{d.tokens} * d.output_stride;
    if (std::memcmp(at(d.outputs), expected, bytes) != 0) throw std::runtime_error("outputs differ from oneDNN's");
    std::memset(at(d.outputs), 0xAA, bytes);
  }

 private:
  static constexpr std::uint64_t kBytes = 1 << 30, kRing = 0;
  static constexpr std::uint32_t kEntries = 4;

  std::uint8_t* at(std::uint64_t address) { return dram_.store().data() + address; }
  std::uint64_t allocate(std::size_t bytes) {
    const std::uint64_t address = next_;
    next_ += (bytes + 4095) / 4096 * 4096;
    return address;
  }
  void write(std::uint32_t offset, std::uint32_t value) {
    tlm::tlm_generic_payload t;
    t.set_command(tlm::TLM_WRITE_COMMAND);
    t.set_address(offset);
    t.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    t.set_data_length(4);
    t.set_streaming_width(4);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    driver_->b_transport(t, delay);
  }
  void drive() {
    namespace reg = accelerator_registers;
    write(reg::ring_size, kEntries);
    write(reg::control, reg::kControlEnable);
    while (true) {
      write(reg::doorbell, tail_);
      sc_core::wait(doorbell_);
    }
  }

  const AcceleratorParameters parameters_;
  FastEngine engine_;
  Interconnect bus_;
  Dram dram_;
  Accelerator accelerator_;
  tlm_utils::simple_initiator_socket<TlmSystem> driver_{"driver"};
  sc_core::sc_signal<bool> irq_{"irq"};
  sc_core::sc_event doorbell_;
  std::uint64_t next_ = kRing + 4096;
  std::uint32_t tail_ = 0;
};

}  // namespace flexcim

// How far the accelerator runs ahead of simulated time (docs/fast_path.md): what it tells before its time waits with
// whoever hears it, so that this has to have a bound that is not the length of a command.
#include "flow/map/image.h"
#include "tests/flow/random_linear.h"
#include "tests/tlm/device_bench.h"
#include "tests/tlm/dram_device.h"
#include "tests/tlm/in_process.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"
#include "tlm/timing/plain_system.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <random>
#include <sstream>

using namespace flexcim;

namespace {

namespace reg = accelerator_registers;

constexpr std::uint64_t kBytes = 1 << 20;
constexpr Cycle kQuantumHere = 2000;

/// How much earlier than its time what happens to the buffers is told.
class Lead : public BufferListener {
 public:
  /// `now`: in cycles, the time that nothing lies before.
  explicit Lead(std::function<Cycle()> now) : now_(std::move(now)) {}

  void on_access(const BufferAccess& access) override { tell(access.at); }
  void on_free(BufferId, std::uint64_t, Cycle at) override { tell(at); }
  void on_abort() override {}

  Cycle most() const { return most_; }
  bool late() const { return late_; }

 private:
  void tell(Cycle at) {
    const Cycle now = now_();
    late_ = late_ || at < now;
    most_ = std::max(most_, at - std::min(at, now));
  }

  const std::function<Cycle()> now_;
  Cycle most_ = 0;
  bool late_ = false;
};

struct Outcome {
  Cycle cycles = 0, lead = 0;
  bool late = false;
};

struct Shape {
  int out = 32, in = 64, tokens = 300;
  std::uint64_t activation_bytes = 1024;  ///< several token tiles
  bool resident = false;                  ///< weights
};

/// A layer that takes its time on sixteen cells, as a command at address 0.
struct LongRun {
  AcceleratorParameters parameters;
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(kBytes);

  explicit LongRun(const Shape& shape) {
    parameters.macro.sub_macros = 1;
    parameters.macro.rows = parameters.macro.cols = 4;
    parameters.weights_resident = shape.resident;
    parameters.activation.bytes = shape.activation_bytes;
    std::mt19937 random(5);
    const PackedLinear linear = test::random_linear(random, {1, 1}, shape.out, shape.in);
    const Matrix<std::int8_t> x = test::random_activations(random, shape.tokens, shape.in);
    const TileLayout layout = make_layout(parameters.macro, {1, 1}, Sequencing::grouped, MergeMode::reduce, "test");
    const std::vector<std::uint8_t> image = encode_image(parameters.macro, layout, linear);
    Descriptor d;
    d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
    d.pattern_n = d.pattern_m = 1;
    d.window = static_cast<std::uint8_t>(parameters.macro.window);
    d.out = static_cast<std::uint32_t>(shape.out);
    d.in = d.activation_stride = static_cast<std::uint32_t>(shape.in);
    d.tokens = static_cast<std::uint32_t>(shape.tokens);
    d.weights = 4096;
    d.weights_bytes = static_cast<std::uint32_t>(image.size());
    d.activations = kBytes / 4;
    d.outputs = kBytes / 2;
    d.output_stride = 4 * d.out;
    REQUIRE(d.weights + image.size() < d.activations);
    const DescriptorImage command = encode(d);
    std::memcpy(memory.data(), command.data(), command.size());
    std::memcpy(&memory[d.weights], image.data(), image.size());
    std::memcpy(&memory[d.activations], x.data(), x.size());
  }

  /// In simulated time. Nobody else is about: without a quantum the accelerator would run ahead to its end.
  Outcome simulated(Cycle quantum) const {
    const std::string text = test::in_process([&] {
      FastEngine engine(parameters.macro, parameters.array);
      Accelerator accelerator("accelerator", parameters, {}, engine);
      Interconnect bus("interconnect", {1000, 32, 4});
      Dram dram("dram", dram_device("lpddr4"), kBytes);
      DeviceBus registers;
      sc_core::sc_signal<bool> irq{"irq"};
      bus.connect(accelerator.memory_socket());
      bus.map(dram.socket, 0, kBytes, "dram");
      registers.connect(accelerator.registers_socket);
      accelerator.irq(irq);
      std::memcpy(dram.store().data(), memory.data(), memory.size());
      Lead lead([&] { return static_cast<Cycle>(now_picoseconds() / parameters.clock_ps); });
      accelerator.add_buffer_listener(lead);
      accelerator.set_quantum(quantum);
      simulate([&] {
        registers.write(reg::ring_size, 4);
        registers.write(reg::control, reg::kControlEnable);
        registers.write(reg::doorbell, 1);
      });
      return fmt::format("{} {} {}", accelerator.records().at(0).cycles(), lead.most(), lead.late());
    });
    INFO(text);
    Outcome outcome;
    std::string late;
    std::istringstream(text) >> outcome.cycles >> outcome.lead >> late;
    outcome.late = late != "false";
    return outcome;
  }

  /// By arithmetic alone: before the command has come there.
  Outcome plain() const {
    FastEngine engine(parameters.macro, parameters.array);
    PlainSystem system(parameters, {}, {1000, 32, 4}, dram_device("lpddr4"), 0, memory, engine);
    Lead lead([&] { return system.clock.now(); });
    system.commands.set_buffer_listener(&lead);
    const CommandRecord record = system.commands.run(0, 0);
    REQUIRE(record.error == ErrorCode::none);
    return {record.cycles(), lead.most(), lead.late()};
  }
};

/// What the hardware holds at a time lasts so long.
constexpr Cycle kHeld = 3000;

}  // namespace

TEST_CASE("Run ahead: accesses to buffers are told a quantum before their time at most") {
  Shape shape;
  for (const bool resident : {false, true}) {
    CAPTURE(resident);
    shape.resident = resident;
    const LongRun system(shape);
    const Outcome bound = system.simulated(kQuantumHere), whole = system.simulated(Cycle{1} << 40);
    CHECK(bound.cycles == whole.cycles);
    CHECK(bound.cycles > 10 * (kQuantumHere + kHeld));
    CHECK(bound.lead <= kQuantumHere + kHeld);
    CHECK(whole.lead > bound.cycles / 2);  // there is something to bound
    CHECK_FALSE(bound.late);
    CHECK_FALSE(whole.late);
  }
}

TEST_CASE("Run ahead: by arithmetic alone they are told not much before the command comes there and never behind it") {
  Shape resident;
  resident.resident = true;
  for (const Shape& shape : {Shape(), resident}) {
    CAPTURE(shape.resident);
    const Outcome plain = LongRun(shape).plain();
    CHECK(plain.cycles > 10 * kHeld);
    CHECK(plain.lead <= kHeld);
    CHECK_FALSE(plain.late);
  }
  // Bursts of many tiles are told in one go, which the command then works on from the first tile on.
  const Outcome wide = LongRun({8, 8192, 32, 65536, false}).plain();
  CHECK(wide.cycles > 50'000);
  CHECK(wide.lead <= wide.cycles / 4);
  CHECK_FALSE(wide.late);
}

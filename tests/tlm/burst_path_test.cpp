// tlm/timing/burst_path.h: an accelerator whose bursts take the path has the cycles, data and counts of one whose
// bursts go by the phases of the base protocol (behind a protocol checker, which offers no path), alone and among
// others that use the same memory. Each run is a process of its own, so that both begin at time 0.
#include "flow/map/image.h"
#include "tests/flow/random_linear.h"
#include "tests/tlm/at_initiator.h"
#include "tests/tlm/device_bench.h"
#include "tests/tlm/dram_device.h"
#include "tests/tlm/in_process.h"
#include "tests/tlm/told.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <random>

using namespace flexcim;
using namespace flexcim::test;
namespace reg = accelerator_registers;

namespace {

constexpr std::uint64_t kSystemBytes = 8 << 20, kData = 0x10000, kOthers = kSystemBytes / 2;

enum class Company { none, polling_host, other_initiator, reset };

/// One random system and what it does, as text.
class Run {
 public:
  Run(unsigned seed, Company company, bool by_phases) : random_(seed), company_(company) {
    AcceleratorParameters p;
    p.macro.cols = pick({4, 32});
    p.macro.rows = pick({8, 32});
    p.array.outputs = pick({1, 2});
    p.array.inputs = pick({1, 2});
    p.clock_ps = pick({1000, 2000, 1700});
    if (random_() % 3 == 0) p.weight_update = WeightUpdate::shadow;
    // Resident weights are read outside of time: what is written onto them meanwhile may come before or after.
    p.weights_resident = company != Company::other_initiator && random_() % 6 == 0;
    p.activation.bytes = static_cast<std::uint64_t>(pick({2048, 65536}));
    p.weight.bytes = static_cast<std::uint64_t>(pick({8192, 32768, 65536}));
    p.output.bytes = static_cast<std::uint64_t>(pick({8192, 65536}));
    DmaParameters dma;
    dma.outstanding = pick({1, 2, 8, 16});
    dma.burst_bytes = pick({64, 256, 1024});
    InterconnectParameters bus;
    bus.clock_ps = pick({500, 1000, 1700, 2000});
    bus.width_bytes = pick({8, 32});
    bus.latency_cycles = pick({0, 1, 4});
    // By the path products are formed ahead, too, on a second thread, however few there are.
    FastEngine engine(p.macro, p.array, AheadParameters{by_phases ? 1 : 2, 1});
    Accelerator accelerator("accelerator", p, dma, engine);
    accelerator.set_quantum(static_cast<Cycle>(pick({1, 100, 10'000, 1 << 20})));
    Interconnect interconnect("interconnect", bus);
    Dram dram("dram", dram_device(kDramDevices[random_() % 4]), kSystemBytes);
    std::unique_ptr<ProtocolChecker> checker;
    DeviceBus registers;
    LineLog irq("irq");
    AtInitiator other("other");
    if (by_phases) {
      checker = std::make_unique<ProtocolChecker>("checker");
      accelerator.memory_socket().bind(checker->from_initiator);
      interconnect.connect(checker->to_target);
    } else {
      interconnect.connect(accelerator.memory_socket());
    }
    interconnect.connect(other.socket);
    interconnect.map(dram.socket, 0, kSystemBytes, "dram");
    registers.connect(accelerator.registers_socket);
    accelerator.irq(irq.line);
    for (std::uint32_t i = 0; i < kCommands; ++i) add_command(p, dram.store().data(), i);
    if (company == Company::other_initiator) {
      other.hold_response_ps = random_() % 2 == 0 ? 0 : 3000;
      std::int64_t at = 0;
      for (int i = 0; i < 200; ++i) {
        // Single requests and bunches, so that the path closes and opens again.
        at += random_() % 8 == 0 ? static_cast<std::int64_t>(random_() % 3'000'000)
                                 : static_cast<std::int64_t>(random_() % 20'000);
        // Some touch what the commands read and write.
        const bool shared = random_() % 4 == 0;
        const std::uint64_t address =
            shared ? kData + random_() % (next_ - kData) : kOthers + random_() % (kOthers - 256);
        const auto fill = static_cast<unsigned char>(random_() % 3 == 0 ? 0x80 : random_());
        other.add(at, random_() % 2 == 0, address, 1 + random_() % 256, fill);
      }
    }
    // What the listener of the memory knows of what commands read and write.
    MemoryStore& store = dram.store();
    std::vector<std::uint8_t> heard(store.data(), store.data() + next_);
    store.set_write_listener([&](std::uint64_t address, std::uint64_t bytes) {
      const std::uint64_t end = std::min<std::uint64_t>(address + bytes, heard.size());
      if (address < end) std::copy(store.data() + address, store.data() + end, heard.data() + address);
    });
    // Who listens hears the same; but where he looks at bytes weights are not borrowed.
    Told told(p.clock_ps, seed % 4 == 0 ? 40 * p.clock_ps : 0);
    if (seed % 2 == 0) {
      accelerator.add_listener(told);
      accelerator.add_buffer_listener(told);
      accelerator.on_command_end([&told](const CommandRecord&) { told.end_command(); });
      dram.add_listener(told);
      interconnect.set_listener(&told);
    }
    const std::uint64_t poll_ps = 1 + random_() % 900'000, reset_ps = 1 + random_() % 60'000'000;
    simulate([&] {
      registers.write(reg::ring_size, 16);
      registers.write(reg::irq_enable, reg::kIrqDone | reg::kIrqError);
      registers.write(reg::control, reg::kControlEnable);
      registers.write(reg::doorbell, kCommands);
      if (company_ == Company::reset) {
        sc_core::wait(from_picoseconds(static_cast<std::int64_t>(reset_ps)));
        registers.write(reg::control, reg::kControlEnable | reg::kControlReset);
        registers.write(reg::ring_size, 16);
        registers.write(reg::control, reg::kControlEnable);
        registers.write(reg::doorbell, kCommands);
      }
      while (company_ == Company::polling_host && registers.read(reg::ring_head) != kCommands) {
        sc_core::wait(from_picoseconds(static_cast<std::int64_t>(poll_ps)));
        text_ += fmt::format("{} ", registers.read(reg::completed));
      }
    });
    for (const CommandRecord& r : accelerator.records()) {
      text_ += fmt::format("\ntag {} {} {}..{} load {} compute {} reads {} writes {}", r.tag, to_string(r.error),
                           r.start, r.end, r.gemm.load_cycles, r.gemm.compute_cycles, r.gemm.events.dma_reads,
                           r.gemm.events.dma_writes);
    }
    const DramEvents& d = dram.timing().events();
    text_ +=
        fmt::format("\nDRAM {} {} {} {} {}\n", d.activates, d.row_hits, d.read_bursts, d.write_bursts, d.refreshes);
    for (const auto& [time, level] : irq.changes) text_ += fmt::format("irq {} {}\n", to_picoseconds(time), level);
    for (const auto& r : other.requests) text_ += fmt::format("other {} {} {}\n", r.begin_req, r.end_req, r.begin_resp);
    text_ += told.text();
    if (!std::equal(heard.begin(), heard.end(), store.data())) text_ += "the listener has missed a write\n";
    std::uint64_t hash = 1469598103934665603u;
    for (std::uint64_t i = 0; i < kSystemBytes; ++i) hash = (hash ^ dram.store().data()[i]) * 1099511628211u;
    text_ += fmt::format("memory {:x}\n", hash);
  }

  const std::string& text() const { return text_; }

 private:
  static constexpr std::uint32_t kCommands = 3;

  int pick(std::initializer_list<int> values) { return values.begin()[random_() % values.size()]; }
  std::uint64_t allocate(std::uint64_t bytes) {
    const std::uint64_t address = next_;
    next_ += (bytes + 63) / 64 * 64;
    REQUIRE(next_ < kOthers);
    return address;
  }

  void add_command(const AcceleratorParameters& p, std::uint8_t* memory, std::uint32_t number) {
    const Pattern patterns[] = {{4, 8}, {2, 4}, {1, 2}, {}};
    const Pattern pattern = patterns[random_() % 4];
    const int out = 1 + static_cast<int>(random_() % 150), in = 1 + static_cast<int>(random_() % 1500);
    const int tokens = 1 + static_cast<int>(random_() % 20);
    const PackedLinear linear = random_linear(random_, pattern, out, in, random_() % 4 == 0 ? 0 : 1);
    const Matrix<std::int8_t> x = random_activations(random_, tokens, in);
    const auto image =
        encode_image(p.macro, make_layout(p.macro, pattern, Sequencing::grouped, MergeMode::reduce, "test"), linear);
    Descriptor d;
    d.opcode = 1;
    d.flags = kFlagInterrupt;
    d.tag = number;
    d.pattern_n = static_cast<std::uint8_t>(pattern.n);
    d.pattern_m = static_cast<std::uint8_t>(pattern.m);
    d.window = 1;
    d.out = static_cast<std::uint32_t>(out);
    d.in = d.activation_stride = static_cast<std::uint32_t>(in);
    d.tokens = static_cast<std::uint32_t>(tokens);
    d.weights_bytes = static_cast<std::uint32_t>(image.size());
    d.weights = allocate(image.size());
    d.activations = allocate(x.size());
    if (random_() % 3 == 0) {
      d.flags |= kFlagRequantize;
      d.scales = allocate(8 * d.out);
      for (std::uint64_t i = 0; i < d.out; ++i) memory[d.scales + 8 * i + 3] = 0x40, memory[d.scales + 8 * i + 4] = 40;
    }
    d.output_stride = static_cast<std::uint32_t>(d.output_bytes()) * d.out;
    d.outputs = allocate(std::uint64_t{d.tokens} * d.output_stride);
    std::memcpy(memory + d.weights, image.data(), image.size());
    std::memcpy(memory + d.activations, x.data(), x.size());
    // Some commands end with an error in the middle.
    if (random_() % 8 == 0) memory[d.weights + image.size() / 2] = 0x80;
    if (random_() % 16 == 0) d.outputs = kSystemBytes - 4096;
    // Some outputs fall onto weights that are yet to come.
    const std::uint64_t onto = d.weights + random_() % image.size() / 64 * 64;
    if (random_() % 6 == 0 && !p.weights_resident) d.outputs = onto;
    if (random_() % 16 == 0) d.activations = kSystemBytes - 64;
    const DescriptorImage command = encode(d);
    std::memcpy(memory + number * kDescriptorBytes, command.data(), command.size());
  }

  std::mt19937 random_;
  const Company company_;
  std::uint64_t next_ = kData;
  std::string text_;
};

/// A long stream of weights, which a write-back asked for in cycle `from` interrupts: when each has ended.
std::string interrupted_stream(Cycle from, bool by_phases) {
  Interconnect bus("bus", {2000, 32, 4});
  Dram dram("dram", dram_device("lpddr4"), kSystemBytes);
  Dma dma("dma", {}, 2000);
  std::unique_ptr<ProtocolChecker> checker;
  if (by_phases) {
    checker = std::make_unique<ProtocolChecker>("checker");
    dma.socket.bind(checker->from_initiator);
    bus.connect(checker->to_target);
  } else {
    bus.connect(dma.socket);
  }
  bus.map(dram.socket, 0, kSystemBytes, "dram");
  std::string text;
  simulate([&] {
    std::vector<std::uint8_t> weights(16384), outputs(256);
    int left = 2;
    sc_core::sc_event progress;
    const auto request = [&](DmaChannel channel, std::uint64_t address, std::vector<std::uint8_t>& bytes) {
      DmaRequest r;
      r.channel = channel;
      r.write = channel == DmaChannel::write_back;
      r.address = address;
      r.data = bytes.data();
      r.row_bytes = bytes.size();
      r.from = r.write ? from : 0;
      r.on_done = [&, write = r.write](ErrorCode, Cycle at) {
        text += fmt::format("{} {}\n", write ? "write" : "read", at);
        --left;
        dma.pause();
        progress.notify(sc_core::SC_ZERO_TIME);
      };
      dma.post(std::move(r));
    };
    request(DmaChannel::weights, kData, weights);
    request(DmaChannel::write_back, kOthers, outputs);
    while (left > 0) {
      if (dma.run_ahead()) continue;
      dma.end_ahead();
      if (left > 0) sc_core::wait(progress);
    }
  });
  return text;
}

void compare(Company company, unsigned seeds) {
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    const std::string path = in_process([&] { return Run(seed, company, false).text(); });
    const std::string phases = in_process([&] { return Run(seed, company, true).text(); });
    REQUIRE(path.find("missed") == std::string::npos);
    REQUIRE(phases.find("memory") != std::string::npos);
    REQUIRE(path == phases);
  }
}

}  // namespace

TEST_CASE("Burst path: a request of higher priority interrupts a stream in whatever cycle it comes") {
  for (Cycle from = 400; from < 425; ++from) {  // a burst every 20 cycles
    INFO("from " << from);
    const std::string phases = in_process([&] { return interrupted_stream(from, true); });
    REQUIRE(phases.find("write") < phases.find("read"));
    REQUIRE(in_process([&] { return interrupted_stream(from, false); }) == phases);
  }
}

TEST_CASE("Burst path: alone") { compare(Company::none, 40); }
TEST_CASE("Burst path: a host that polls") { compare(Company::polling_host, 30); }
TEST_CASE("Burst path: another initiator at the same memory") { compare(Company::other_initiator, 60); }
TEST_CASE("Burst path: a reset at any time") { compare(Company::reset, 40); }

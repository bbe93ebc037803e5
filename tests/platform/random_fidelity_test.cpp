// docs/architecture.md §10: the same commands on the fast engine and on pin-accurate macros give equal outputs, equal
// accelerator cycles and equal event counts, for random architectures, layers and memories. Every case prints its seed
// when it fails.
#include "flow/map/image.h"
#include "flow/map/schedule.h"
#include "flow/model/golden.h"
#include "flow/pack/quantize.h"
#include "platform/soc/rtl_buffers.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/random_patterns.h"
#include "tests/tlm/dram_device.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"

#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <numeric>
#include <random>

namespace flexcim {
namespace {

namespace reg = accelerator_registers;

constexpr std::uint64_t kRingAt = 0, kData = 0x1'0000, kMemoryBytes = 16 << 20;
constexpr int kCommands = 3;

/// What one random case is made of.
struct Case {
  AcceleratorParameters parameters;
  DmaParameters dma;
  DramParameters dram;
  InterconnectParameters bus;
  std::vector<Descriptor> commands;
  std::vector<std::vector<std::uint8_t>> images;
  std::vector<Matrix<std::int8_t>> activations;
  std::vector<std::vector<std::uint8_t>> expected;  ///< int32 sums, or int8 where requantized
  std::vector<std::vector<std::uint8_t>> scales;    ///< empty where not requantized
  std::vector<bool> spoilt;
  std::string text;
  std::uint64_t next = kData;

  explicit Case(unsigned seed) {
    std::mt19937 random(seed);
    random_architecture(random);
    for (int c = 0; c < kCommands; ++c) add_command(random);
    REQUIRE(next < kMemoryBytes);
    const MacroGeometry& g = parameters.macro;
    text = fmt::format("seed {}: P {} R {} C {} I {} w {} int4 {} of {} array {}x{} {}{}", seed, g.sub_macros, g.rows,
                       g.cols, g.pairs_per_set, g.window, g.int4_per_cell, test::patterns_text(g),
                       parameters.array.outputs, parameters.array.inputs, to_string(parameters.weight_update), text);
  }

  static int pick(std::mt19937& random, std::initializer_list<int> values) {
    return values.begin()[random() % values.size()];
  }
  static BufferParameters pick_buffer(std::mt19937& random, std::initializer_list<int> bytes,
                                      std::initializer_list<int> port) {
    const int size = pick(random, bytes);
    const int width = pick(random, port);
    return {static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(width), pick(random, {1, 2, 4, 4, 16})};
  }

  void random_architecture(std::mt19937& random) {
    MacroGeometry& g = parameters.macro;
    g.sub_macros = pick(random, {1, 2, 4, 4, 4, 8});
    g.rows = pick(random, {1, 2, 8, 32});
    g.cols = pick(random, {1, 4, 8, 32});
    g.pairs_per_set = pick(random, {1, 2, 4, 4, 8});
    g.window = std::min(pick(random, {1, 1, 2}), g.pairs_per_set);
    g.patterns = test::random_patterns(random, g.sub_macros, g.pairs_per_set);
    g.int4_per_cell = pick(random, {1, 2});
    parameters.weight_update = random() % 2 == 0 ? WeightUpdate::blocking : WeightUpdate::shadow;
    parameters.array.outputs = pick(random, {1, 1, 2, 3});
    parameters.array.inputs = pick(random, {1, 1, 2});
    parameters.clock_ps = pick(random, {1000, 2000, 1700});
    parameters.activation = pick_buffer(random, {512, 2048, 65536}, {7, 64, 1024});
    parameters.weight = pick_buffer(random, {65536, 262144}, {16, 256});
    parameters.output = pick_buffer(random, {4096, 65536}, {16, 128});
    parameters.weights_resident = random() % 4 == 0;
    dma.outstanding = pick(random, {1, 4, 8});
    dma.burst_bytes = pick(random, {64, 256, 4096});
    dram = dram_device(kDramDevices[random() % 4]);
    dram.channels = pick(random, {1, 1, 2});
    bus.clock_ps = pick(random, {500, 1000, 1700});
    bus.width_bytes = pick(random, {8, 32, 64});
    bus.latency_cycles = pick(random, {0, 1, 4});
  }

  std::uint64_t allocate(std::size_t bytes) {
    const std::uint64_t address = next;
    next += (bytes + 63) / 64 * 64;
    return address;
  }

  void add_command(std::mt19937& random) {
    const MacroGeometry& g = parameters.macro;
    const std::vector<Pattern> patterns = supported_patterns(g);
    const Pattern pattern = patterns[random() % patterns.size()];
    const auto sequencing = kSequencings[random() % kSequencings.size()].value;
    const auto merge = static_cast<MergeMode>(random() % 2);
    const int out = 1 + static_cast<int>(random() % 90), in = 1 + static_cast<int>(random() % 400);
    const int tokens = 1 + static_cast<int>(random() % 9);
    const int weight_bits = g.int4_per_cell == 2 ? pick(random, {4, 4, 8}) : 8;
    const PackedLinear linear =
        test::random_linear(random, pattern, out, in, random() % 2 == 0 ? g.window : 0, weight_bits);
    activations.push_back(test::random_activations(random, tokens, in));
    images.push_back(encode_image(g, make_layout(g, pattern, sequencing, merge, "", weight_bits), linear));
    const Matrix<std::int32_t> sums = golden_gemm(unpack(linear), activations.back());
    Descriptor d;
    d.opcode = 1;
    if (random() % 3 == 0) d.flags = kFlagRequantize;
    if (weight_bits == 4) d.flags |= kFlagInt4;
    d.pattern_n = static_cast<std::uint8_t>(pattern.n);
    d.pattern_m = static_cast<std::uint8_t>(pattern.m);
    d.sequencing = static_cast<std::uint8_t>(sequencing);
    d.merge = static_cast<std::uint8_t>(merge);
    d.window = static_cast<std::uint8_t>(g.window);
    d.out = static_cast<std::uint32_t>(out);
    d.in = d.activation_stride = static_cast<std::uint32_t>(in);
    d.tokens = static_cast<std::uint32_t>(tokens);
    d.output_stride = static_cast<std::uint32_t>(d.output_bytes()) * d.out;
    d.weights_bytes = static_cast<std::uint32_t>(images.back().size());
    d.weights = allocate(images.back().size());
    d.activations = allocate(activations.back().size());
    d.outputs = allocate(static_cast<std::size_t>(tokens) * d.output_stride);
    add_expected(random, d, sums);
    // Some commands end with an error: that, too, must take the same cycles. A spoilt byte is an error in a weight,
    // other data in the planes behind.
    spoilt.push_back(random() % 12 == 0);
    if (spoilt.back()) images.back()[images.back().size() / 2] = 0x80;
    if (!scales.back().empty() && random() % 12 == 0) scales.back()[8 * (d.out / 2) + 3] = 0x80;  // a negative factor
    if (random() % 16 == 0) d.outputs = std::uint64_t{1} << 40;
    if (random() % 16 == 0) d.activations = std::uint64_t{1} << 40;
    commands.push_back(d);
    text += fmt::format(" {} {}x{}x{} seq {} merge {} flags {};", to_string(pattern), tokens, out, in, d.sequencing,
                        d.merge, d.flags);
  }

  void add_expected(std::mt19937& random, Descriptor& d, const Matrix<std::int32_t>& sums) {
    std::vector<std::uint8_t> bytes(sums.size() * static_cast<std::size_t>(d.output_bytes())), table;
    if (!d.has(kFlagRequantize)) {
      std::memcpy(bytes.data(), sums.data(), bytes.size());
    } else {
      table.resize(8 * static_cast<std::size_t>(d.out));
      d.scales = allocate(table.size());
      for (std::size_t o = 0; o < d.out; ++o) {
        const Requantization by = make_requantization(1.0 / static_cast<double>(1 + random() % 5000));
        std::memcpy(&table[8 * o], &by.mantissa, 4);
        std::memcpy(&table[8 * o + 4], &by.shift, 4);
        for (std::size_t t = 0; t < sums.rows(); ++t) {
          bytes[t * d.out + o] = static_cast<std::uint8_t>(requantize(sums(t, o), by));
        }
      }
    }
    expected.push_back(std::move(bytes));
    scales.push_back(std::move(table));
  }
};

/// One simulated system.
class System : public sc_core::sc_module {
 public:
  /// `reset_ns` > 0: the accelerator is reset then, the outputs are wiped, and all commands are given again.
  System(const sc_core::sc_module_name& name, const Case& c, bool rtl, double reset_ns = 0)
      : sc_module(name),
        case_(c),
        reset_ns_(reset_ns),
        bus_("bus", c.bus),
        dram_("dram", c.dram, kMemoryBytes),
        engine_(make_engine(c, rtl)),
        commands_(static_cast<std::uint32_t>(c.commands.size())),
        accelerator("accelerator", c.parameters, c.dma, *engine_) {
    if (rtl) {
      buffers_ = std::make_unique<RtlBuffers>("buffers", c.parameters, dynamic_cast<RtlMacroEngine&>(*engine_));
      accelerator.add_buffer_listener(*buffers_);
    }
    bus_.connect(accelerator.memory_socket());
    bus_.map(dram_.socket, 0, kMemoryBytes, "dram");
    driver_.bind(accelerator.registers_socket);
    accelerator.irq(irq_);
    for (std::size_t i = 0; i < c.commands.size(); ++i) {
      const Descriptor& d = c.commands[i];
      const DescriptorImage image = encode(d);
      std::memcpy(at(kRingAt + i * kDescriptorBytes), image.data(), image.size());
      std::memcpy(at(d.weights), c.images[i].data(), c.images[i].size());
      if (!c.scales[i].empty()) std::memcpy(at(d.scales), c.scales[i].data(), c.scales[i].size());
      if (d.activations < kMemoryBytes)
        std::memcpy(at(d.activations), c.activations[i].data(), c.activations[i].size());
    }
    SC_HAS_PROCESS(System);
    SC_THREAD(drive);
  }

  std::uint8_t* at(std::uint64_t address) { return dram_.store().data() + address; }
  /// Of an engine of clocked modules: what they have counted themselves.
  MacroEvents engine_events() const { return dynamic_cast<const RtlMacroEngine&>(*engine_).events(); }

 private:
  static std::unique_ptr<MacroEngine> make_engine(const Case& c, bool rtl) {
    const AcceleratorParameters& p = c.parameters;
    if (!rtl) return std::make_unique<FastEngine>(p.macro, p.array);
    return std::make_unique<RtlMacroEngine>("engine", p.macro, p.array, from_picoseconds(p.clock_ps), p.weight_update);
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
    start();
    if (reset_ns_ == 0) return;
    wait(sc_core::sc_time(reset_ns_, sc_core::SC_NS));
    write(reg::control, reg::kControlReset);
    before_reset = accelerator.records().size();
    for (std::size_t i = 0; i < case_.commands.size(); ++i) {
      const Descriptor& d = case_.commands[i];
      if (d.outputs < kMemoryBytes) std::memset(at(d.outputs), 0xEE, case_.expected[i].size());
    }
    start();
  }
  void start() {
    write(reg::ring_size, 16);
    write(reg::control, reg::kControlEnable);
    write(reg::doorbell, commands_);
  }

  const Case& case_;
  const double reset_ns_;
  Interconnect bus_;
  Dram dram_;
  std::unique_ptr<MacroEngine> engine_;
  std::unique_ptr<RtlBuffers> buffers_;
  tlm_utils::simple_initiator_socket<System> driver_{"driver"};
  sc_core::sc_signal<bool> irq_{"irq"};
  std::uint32_t commands_;

 public:
  Accelerator accelerator;
  std::size_t before_reset = 0;  ///< commands that have ended
};

void compare_records(const CommandRecord& a, const CommandRecord& b) {
  CHECK(to_string(a.error) == to_string(b.error));
  CHECK(a.start == b.start);
  CHECK(a.end == b.end);
  CHECK(a.gemm.compute_cycles == b.gemm.compute_cycles);
  CHECK(a.gemm.load_cycles == b.gemm.load_cycles);
  CHECK(a.gemm.events == b.gemm.events);
}

void compare(const Case& c, System& fast, System& rtl) {
  INFO(c.text);
  REQUIRE(fast.accelerator.records().size() == c.commands.size());
  REQUIRE(rtl.accelerator.records().size() == c.commands.size());
  bool all_good = true;
  MacroEvents counted;
  for (std::size_t i = 0; i < c.commands.size(); ++i) {
    CAPTURE(i);
    const CommandRecord& record = fast.accelerator.records()[i];
    compare_records(record, rtl.accelerator.records()[i]);
    counted += record.gemm.events.macro;
    all_good = all_good && record.error == ErrorCode::none;
    if (record.error != ErrorCode::none) continue;
    const std::uint64_t outputs = c.commands[i].outputs;
    const std::size_t bytes = c.expected[i].size();
    CHECK(std::memcmp(fast.at(outputs), rtl.at(outputs), bytes) == 0);
    if (!c.spoilt[i]) CHECK(std::memcmp(fast.at(outputs), c.expected[i].data(), bytes) == 0);
  }
  if (!all_good) return;
  CHECK(counted == rtl.engine_events());
}

/// Cases that have run at both fidelities and agree.
struct Compared {
  explicit Compared(const std::vector<unsigned>& seeds) {
    for (unsigned seed : seeds) {
      cases.push_back(std::make_unique<Case>(seed));
      fast.push_back(std::make_unique<System>(fmt::format("fast_{}", seed).c_str(), *cases.back(), false));
      rtl.push_back(std::make_unique<System>(fmt::format("rtl_{}", seed).c_str(), *cases.back(), true));
    }
    sc_core::sc_start();
    for (std::size_t i = 0; i < cases.size(); ++i) compare(*cases[i], *fast[i], *rtl[i]);
  }

  std::vector<std::unique_ptr<Case>> cases;
  std::vector<std::unique_ptr<System>> fast, rtl;
};

void run_cases(unsigned first, unsigned count) {
  std::vector<unsigned> seeds(count);
  std::iota(seeds.begin(), seeds.end(), first);
  const Compared compared(seeds);
  std::size_t good = 0, bad = 0, hidden = 0, requantized = 0, int4 = 0;
  for (unsigned i = 0; i < count; ++i) {
    const Case& c = *compared.cases[i];
    const std::vector<CommandRecord>& records = compared.fast[i]->accelerator.records();
    for (const CommandRecord& record : records) ++(record.error == ErrorCode::none ? good : bad);
    for (std::size_t command = 0; command < records.size(); ++command) {
      const GemmStatistics& gemm = records[command].gemm;
      hidden += records[command].error == ErrorCode::none &&
                gemm.load_cycles < gemm.loads * load_cycles(c.parameters.macro, 0, 1);
      requantized += records[command].error == ErrorCode::none && !c.scales[command].empty();
      int4 += records[command].error == ErrorCode::none && gemm.events.macro.int4_products > 0;
    }
  }
  CHECK(hidden > 10);
  CHECK(requantized > 10);
  CHECK(int4 > 10);
  CHECK(good > bad);
  CHECK(bad > 0);
}

/// All commands are given a second time after the reset, and all of them end as they should.
void check_after_reset(const Case& c, System& system) {
  INFO(c.text);
  const std::vector<CommandRecord>& records = system.accelerator.records();
  REQUIRE(records.size() == system.before_reset + c.commands.size());
  for (std::size_t i = 0; i < c.commands.size(); ++i) {
    CAPTURE(i);
    const CommandRecord& record = records[system.before_reset + i];
    if (record.error != ErrorCode::none || c.spoilt[i]) continue;
    CHECK(std::memcmp(system.at(c.commands[i].outputs), c.expected[i].data(), c.expected[i].size()) == 0);
  }
}

}  // namespace

TEST_CASE("Random fidelity: a reset in the middle, then the same commands, both fidelities (seeds 501 to 524)") {
  std::vector<std::unique_ptr<Case>> cases;
  std::vector<std::unique_ptr<System>> systems;
  std::mt19937 random(5);
  for (unsigned i = 0; i < 24; ++i) {
    cases.push_back(std::make_unique<Case>(501 + i));
    const double reset_ns = 100 + static_cast<double>(random() % 80000) * 0.1;
    for (const bool rtl : {false, true}) {
      const std::string name = fmt::format("{}_{}", rtl ? "rtl" : "fast", i);
      systems.push_back(std::make_unique<System>(name.c_str(), *cases.back(), rtl, reset_ns));
    }
  }
  sc_core::sc_start();
  std::size_t interrupted = 0;
  for (std::size_t i = 0; i < systems.size(); ++i) {
    check_after_reset(*cases[i / 2], *systems[i]);
    interrupted += systems[i]->before_reset < cases[i / 2]->commands.size();
  }
  CHECK(interrupted > 24);
}

TEST_CASE("Random fidelity: a command ends with an error in the cycle in which its last psums come (two seeds)") {
  const Compared compared({1082, 3149});  // these once differed
}

TEST_CASE("Random fidelity: rtl and tlm agree in outputs, cycles and events (seeds 1 to 60)") { run_cases(1, 60); }
TEST_CASE("Random fidelity: rtl and tlm agree in outputs, cycles and events (seeds 61 to 120)") { run_cases(61, 60); }
TEST_CASE("Random fidelity: rtl and tlm agree in outputs, cycles and events (seeds 121 to 180)") { run_cases(121, 60); }

}  // namespace flexcim

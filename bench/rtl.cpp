// Simulated cycles per second of the default macro (4 x 32 x 32): the pin-accurate SystemC model, the same with every
// port traced (all that slows down a simulation; the dump is made afterwards), and the Verilated SystemVerilog. New
// random activations every cycle, all columns on, pattern 2:4 in one phase, a pass per cycle. Before that, both are
// compared pin by pin under random stimuli.
#include "Vmacro_default.h"
#include "rtl_models/observe/macro_waveform.h"
#include "rtl_models/observe/toggle_counter.h"
#include "rtl_models/verilated/systemc_macro.h"
#include "tests/equivalence/first_difference.h"
#include "tests/equivalence/rtl_macro.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace flexcim {
namespace {

constexpr int kComparedCycles = 20000;
constexpr int kSystemcCycles = 400000;
constexpr int kTracedCycles = 200000;  ///< far more than the recorder keeps in memory
constexpr int kDumpedCycles = 20000;
constexpr int kCountedCycles = 10000;
constexpr int kVerilatedCycles = 20000;
constexpr int kRounds = 5;
constexpr int kPool = 64;  // different passes

/// Every port of the macro and of its sub-macros.
constexpr const char* kPorts[] = {"macro.reset",         "macro.enable",      "macro.load_*",      "macro.pass_*",
                                  "macro.psum_final*",   "macro.sub_?.use",   "macro.sub_?.ready", "macro.sub_?.line_*",
                                  "macro.sub_?.sel_col", "macro.sub_?.psum*", "macro.sub_?.ack"};

/// Processor time of this process: what others run on the machine does not count.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// 2:4, random weights, selects and metadata, all columns in one phase.
TestTile full_tile(const MacroGeometry& g, std::mt19937& random) {
  TestTile test;
  test.layout = make_layout(g, {2, 4}, Sequencing::grouped, MergeMode::reduce, "bench");
  test.tile.cells.resize(static_cast<std::size_t>(g.cells()));
  for (CellWord& word : test.tile.cells) {
    word = {static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127), static_cast<std::uint8_t>(random() % 2)};
  }
  Phase phase;
  phase.bases.resize(static_cast<std::size_t>(g.sub_macros) * g.rows);
  for (std::uint8_t& base : phase.bases) base = static_cast<std::uint8_t>(random() % 2);
  phase.columns.resize(1);
  phase.columns[0].set();
  phase.columns[0] >>= phase.columns[0].size() - static_cast<std::size_t>(g.cols);
  test.tile.phases = {phase};
  return test;
}

std::vector<std::vector<std::int8_t>> random_bytes(int length, std::mt19937& random) {
  std::vector<std::vector<std::int8_t>> pool(kPool, std::vector<std::int8_t>(static_cast<std::size_t>(length)));
  for (auto& bytes : pool) {
    for (std::int8_t& byte : bytes) byte = static_cast<std::int8_t>(random());
  }
  return pool;
}

template <typename Side>
void load(Side& side, const MacroGeometry& g, const TestTile& tile) {
  MacroInputs inputs;
  inputs.reset = true;
  side.drive(inputs);
  side.tick();
  inputs.reset = false;
  inputs.beat = &tile;
  for (inputs.column = 0; inputs.column < g.cols; ++inputs.column) {
    inputs.last = inputs.column + 1 == g.cols;
    side.drive(inputs);
    side.tick();
  }
  inputs.beat = nullptr;
  side.drive(inputs);
  side.tick();
}

enum class Watched { nothing, ports, toggles };

/// The default macro with its stimuli, and what watches it: a waveform of all its ports, or counters of its toggles.
class Bench {
 public:
  explicit Bench(Watched watched) : side_("systemc", g_) {
    if (watched == Watched::toggles) {
      counter_ = std::make_unique<ToggleCounter>("toggles", side_.macro);
      counter_->clock(side_.clock);
    }
    if (watched == Watched::ports) {
      TraceOptions options;
      for (const char* glob : kPorts) options.signals.push_back({glob, ""});
      waveform_ = std::make_unique<Waveform>("waveform", base_, options, SystemcMacro::period());
      waveform_->clock(side_.clock);
      add_macro(*waveform_, "macro", side_.macro);
      waveform_->require_matches();
    }
    std::mt19937 random(1);
    const TestTile tile = full_tile(g_, random);
    passes_ = random_bytes(tile.layout.tile_inputs, random);
    load(side_, g_, tile);
  }

  /// Cycles per second; what is traced is recorded, no dump is made of it.
  double speed(int cycles) {
    side_.feed(passes_, cycles / 10);
    const double start = seconds();
    side_.feed(passes_, cycles);
    const double speed = cycles / (seconds() - start);
    if (waveform_ != nullptr) waveform_->require_kept();
    return speed;
  }

  /// MB per second of the dump that is made of `cycles` cycles.
  double dump_speed(int cycles) {
    side_.feed(passes_, cycles);
    const double start = seconds();
    waveform_->close();
    const double elapsed = seconds() - start;
    const double megabytes = static_cast<double>(std::filesystem::file_size(base_ + ".vcd")) / 1e6;
    std::filesystem::remove(base_ + ".vcd");
    std::filesystem::remove(base_ + ".gtkw");
    return megabytes / elapsed;
  }

 private:
  const MacroGeometry g_;
  const std::string base_ = (std::filesystem::temp_directory_path() / fmt::format("bench_rtl_{}", getpid())).string();
  SystemcMacro side_;
  std::unique_ptr<Waveform> waveform_;
  std::unique_ptr<ToggleCounter> counter_;
  std::vector<std::vector<std::int8_t>> passes_;
};

double verilated_speed(int cycles) {
  const MacroGeometry g;
  std::mt19937 random(1);
  RtlMacro<Vmacro_default> side(g);
  const TestTile tile = full_tile(g, random);
  load(side, g, tile);
  Vmacro_default& top = side.top();
  const auto sets = random_bytes(sizeof top.pass_sets, random);
  top.pass_valid = 1;
  const auto run = [&](int count) {
    for (int i = 0; i < count; ++i) {
      top.clock = 1;
      top.eval();
      std::memcpy(&top.pass_sets, sets[static_cast<std::size_t>(i) % kPool].data(), sizeof top.pass_sets);
      top.clock = 0;
      top.eval();
    }
  };
  run(cycles / 10);
  const double start = seconds();
  run(cycles);
  return cycles / (seconds() - start);
}

double compared_cycles() {
  const MacroGeometry g;
  SystemcMacro systemc("systemc", g);
  RtlMacro<Vmacro_default> rtl(g);
  RandomDriver driver({g}, 1);
  const std::string difference = first_difference(systemc, rtl, driver, kComparedCycles);
  if (!difference.empty()) fmt::print(stderr, "{}\n", difference);
  return difference.empty() ? static_cast<double>(driver.coverage().results) : -1;
}

/// SystemC elaborates once per process: every measurement is a child of its own. Negative where it failed.
double in_child(const std::function<double()>& measure) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    const double value = measure();
    const bool written = write(ends[1], &value, sizeof value) == sizeof value;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  double value = -1;
  if (read(ends[0], &value, sizeof value) != sizeof value) value = -1;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return value;
}

int run() {
  const double results = in_child(compared_cycles);
  if (results <= 0) {
    fmt::print(stderr, "bench rtl: SystemC and SystemVerilog differ\n");
    return 1;
  }
  fmt::print("4 x 32 x 32: every pin equal in {} cycles with {} results\n", kComparedCycles, results);
  // Alternating rounds, the best of each: a slower one was disturbed.
  double systemc = 0, traced = 0, verilated = 0;
  for (int round = 0; round < kRounds; ++round) {
    systemc = std::max(systemc, in_child([] { return Bench(Watched::nothing).speed(kSystemcCycles); }));
    verilated = std::max(verilated, in_child([] { return verilated_speed(kVerilatedCycles); }));
    traced = std::max(traced, in_child([] { return Bench(Watched::ports).speed(kTracedCycles); }));
  }
  const double dump = in_child([] { return Bench(Watched::ports).dump_speed(kDumpedCycles); });
  const double counted = in_child([] { return Bench(Watched::toggles).speed(kCountedCycles); });
  if (systemc <= 0 || counted <= 0 || traced <= 0 || verilated <= 0 || dump <= 0) {
    fmt::print(stderr, "bench rtl: a measurement failed\n");
    return 1;
  }
  fmt::print("{:<34} {:>12}\n", "simulated cycles per cpu second", "");
  fmt::print("{:<34} {:>12.0f}\n", "  SystemC", systemc);
  fmt::print("{:<34} {:>12.0f}   {:.2f} times slower while simulating and recording\n", "  SystemC, every port traced",
             traced, systemc / traced);
  fmt::print("{:<34} {:>12.0f}   {:.0f} times slower\n", "  SystemC, toggles counted", counted, systemc / counted);
  fmt::print("{:<34} {:>12.0f}   SystemC is {:.1f} times faster\n", "  Verilated SystemVerilog", verilated,
             systemc / verilated);
  fmt::print("{:<34} {:>12.0f}   afterwards, of what was recorded\n", "MB of VCD made per cpu second", dump);
  fmt::print(
      "{{\"systemc_cycles_per_s\": {:.0f}, \"verilated_cycles_per_s\": {:.0f}, \"ratio\": {:.2f}, "
      "\"traced_slowdown\": {:.2f}, \"vcd_mb_per_s\": {:.0f}}}\n",
      systemc, verilated, systemc / verilated, systemc / traced, dump);
  return 0;
}

}  // namespace
}  // namespace flexcim

int sc_main(int argc, char* argv[]) {
  sc_core::sc_report_handler::set_actions("/IEEE_Std_1666/deprecated", sc_core::SC_DO_NOTHING);
  // One measurement alone, for a profiler.
  const std::string only = argc > 1 ? argv[1] : "";
  if (only == "systemc")
    return flexcim::Bench(flexcim::Watched::nothing).speed(10 * flexcim::kSystemcCycles) > 0 ? 0 : 1;
  if (only == "traced") return flexcim::Bench(flexcim::Watched::ports).speed(flexcim::kTracedCycles) > 0 ? 0 : 1;
  if (only == "dump") return flexcim::Bench(flexcim::Watched::ports).dump_speed(flexcim::kDumpedCycles) > 0 ? 0 : 1;
  if (only == "verilated") return flexcim::verilated_speed(flexcim::kVerilatedCycles) > 0 ? 0 : 1;
  if (!only.empty()) {
    fmt::print(stderr, "usage: bench_rtl [systemc | traced | dump | verilated]\n");
    return 2;
  }
  return flexcim::run();
}

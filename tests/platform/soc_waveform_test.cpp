// Signals of the SoC against what the run counts: commands, tiles, buffers, DMA, DRAM, power.
#include "platform/run/firmware_simulation.h"
#include "platform/run/trace.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/soc_firmware.h"
#include "tests/platform/temp_folder.h"
#include "tests/rtl_models/read_vcd.h"
#include "tlm/fabric/picoseconds.h"

#include <systemc>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace flexcim;

namespace {

using Changes = VcdChanges::mapped_type;

/// A small GEMM, traced.
struct TracedSoc {
  TempFolder folder;
  std::vector<GemmJob> jobs;
  Scenario scenario;
  std::vector<std::unique_ptr<Simulation>> simulations;
  std::unique_ptr<RunTrace> trace;
  TraceResult recorded;
  SimulationResult result;

  explicit TracedSoc(const std::string& name, Fidelity fidelity, const std::string& keys = "", int in = 256,
                     const std::string& wanted = "to: 1000000") {
    std::mt19937 random(1);
    jobs.push_back({test::random_linear(random, {2, 4}, 80, in, 1), test::random_activations(random, 5, in)});
    scenario = load_scenario(folder.write("q.yaml",
                                          "name: q\nfidelity: tlm\nworkload: {kind: gemm, weights: w, activations: x}\n"
                                          "trace: {soc: true, " +
                                              wanted + "}\n" + keys),
                             {});
    simulations.push_back(
        std::make_unique<GemmSimulation>(name, scenario, fidelity, std::vector<const GemmJob*>{&jobs[0]}));
    trace = make_trace(scenario, simulations, folder.path());
  }
  Soc& soc() { return dynamic_cast<SocSimulation&>(*simulations[0]).soc(); }
  VcdChanges finish() {
    result = simulations[0]->result();
    recorded = trace->close(result);
    return read_vcd((folder.path() / "wave.vcd").string());
  }
};

/// Lets all that has been made run, with a sample at each end of a power window as a run has it.
void run_socs(std::vector<TracedSoc*> socs) {
  const auto window = from_picoseconds(socs[0]->scenario.power_window_ps());
  for (std::uint64_t k = 0; !socs[0]->simulations[0]->ended() || !socs.back()->simulations[0]->ended(); ++k) {
    sc_core::sc_start(window);
    for (TracedSoc* soc : socs) soc->simulations[0]->sample(k);
  }
  for (TracedSoc* soc : socs) soc->simulations[0]->sample(~std::uint64_t{0});
}

std::uint64_t number(const std::string& bits) { return std::stoull(bits, nullptr, 2); }
std::uint64_t most(const Changes& changes) {
  std::uint64_t result = 0;
  for (const auto& [time, value] : changes) result = std::max(result, number(value));
  return result;
}
std::uint64_t last(const Changes& changes) { return number(changes.back().second); }
/// How long `value` holds.
std::uint64_t time_of(const Changes& changes, const std::string& value) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
    if (changes[i].second == value) sum += changes[i + 1].first - changes[i].first;
  }
  return sum;
}
std::size_t times_of(const Changes& changes, const std::string& value) {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(), [&](const auto& change) { return change.second == value; }));
}

}  // namespace

TEST_CASE("SoC waveform: a command has its times, its tag, its tiles and its interrupt") {
  TracedSoc traced("soc", Fidelity::tlm);
  run_socs({&traced});
  VcdChanges vcd = traced.finish();
  REQUIRE(traced.soc().accelerator().records().size() == 1);
  const CommandRecord& record = traced.soc().accelerator().records()[0];
  const auto clock = static_cast<std::uint64_t>(traced.scenario.architecture.clock().ps());
  const std::uint64_t begin = record.start * clock, end = record.end * clock;
  CHECK(vcd["top.soc.command.busy"] == Changes{{0, "0"}, {begin, "1"}, {end, "0"}});
  CHECK(vcd["top.soc.command.opcode"] == Changes{{0, "none"}, {begin, "gemm"}});
  CHECK(vcd["top.soc.command.layer"] == Changes{{0, "none"}, {begin, traced.jobs[0].weights.name}});
  CHECK(vcd["top.soc.command.error"] == Changes{{0, "NONE"}});
  REQUIRE(vcd["top.soc.interrupts.accelerator_irq"].size() == 3);
  CHECK(vcd["top.soc.interrupts.accelerator_irq"][1] == std::make_pair(end, std::string("1")));
  CHECK(vcd["top.soc.interrupts.external_irq"][1].second == "1");
  CHECK(vcd["top.soc.interrupts.timer_irq"] == Changes{{0, "0"}});

  const Changes& stage = vcd["top.soc.accelerator.stage"];
  CHECK(time_of(stage, "compute") == record.gemm.compute_cycles * clock);
  CHECK(time_of(stage, "load") == record.gemm.load_cycles * clock);
  CHECK(time_of(stage, "write_back") + time_of(stage, "wait") == record.stall_cycles() * clock);
  CHECK(stage.back() == std::make_pair(end, std::string("idle")));
  CHECK(last(vcd["top.soc.accelerator.load_tile"]) + 1 == record.gemm.loads);
  CHECK(last(vcd["top.soc.accelerator.compute_tile"]) + 1 == record.gemm.loads);

  // The host writes the descriptor before, sleeps while the command is worked on, and wakes by the interrupt.
  const Changes& host = vcd["top.soc.host.state"];
  CHECK(time_of(host, "sleeping") > (end - begin) * 9 / 10);
  CHECK(host.back().second == "ended");
  CHECK_THAT(traced.folder.read("wave.gtkw"), Catch::Contains("top.soc.accelerator.stage\n"));
}

TEST_CASE("SoC waveform: buffers, DMA and DRAM agree with the counts") {
  TracedSoc traced("soc", Fidelity::tlm, "", 8192);
  run_socs({&traced});
  VcdChanges vcd = traced.finish();
  const Architecture& architecture = traced.scenario.architecture;
  const std::pair<const char*, const BufferParameters*> buffers[] = {{"activation", &architecture.buffers.activation},
                                                                     {"weight", &architecture.buffers.weight},
                                                                     {"output", &architecture.buffers.output}};
  for (const auto& [name, parameters] : buffers) {
    CAPTURE(name);
    const Changes& occupancy = vcd[std::string("top.soc.buffers.") + name];
    CHECK(most(occupancy) > 0);
    CHECK(most(occupancy) <= parameters->bytes);
    CHECK(last(occupancy) == 0);
  }
  CHECK(most(vcd["top.soc.buffers.activation"]) == 5 * 8192);

  const AcceleratorEvents& events = traced.soc().accelerator().events();
  CHECK(most(vcd["top.soc.dma.outstanding"]) == static_cast<std::uint64_t>(architecture.dma.outstanding));
  CHECK(last(vcd["top.soc.dma.outstanding"]) == 0);
  CHECK(last(vcd["top.soc.dma.read_bytes"]) >= events.dma_reads);  // and the descriptor
  CHECK(last(vcd["top.soc.dma.write_bytes"]) == events.dma_writes);

  const DramEvents& dram = traced.soc().dram().timing().events();
  CHECK(last(vcd["top.soc.dram.activates"]) == dram.activates);
  CHECK(last(vcd["top.soc.dram.row_hits"]) == dram.row_hits);
  CHECK(times_of(vcd["top.soc.dram.refresh"], "1") == dram.refreshes);
  CHECK(dram.refreshes > 2);
  std::size_t opened = 0;
  const std::string closed(32, '1');  // -1
  for (const auto& [name, changes] : vcd) {
    if (name.rfind("top.soc.dram.bank_", 0) != 0) continue;
    CHECK(changes[0].second == closed);
    opened += changes.size() - times_of(changes, closed);
  }
  CHECK(opened == dram.activates);
  CHECK(last(vcd["top.soc.dram.queue"]) == 0);
  CHECK(traced.recorded.changes.value() > 1000);
}

TEST_CASE("SoC waveform: the power of the windows makes the energy of the run") {
  TracedSoc traced("soc", Fidelity::tlm, "power_window_ns: 100\n");
  run_socs({&traced});
  const VcdChanges vcd = traced.finish();
  std::map<std::string, double> picojoules;
  for (const auto& [name, changes] : vcd) {
    if (name.rfind("top.soc.power.", 0) != 0) continue;
    for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
      picojoules[name] +=
          std::stod(changes[i].second) * 1e-3 * static_cast<double>(changes[i + 1].first - changes[i].first);
    }
    CHECK(std::stod(changes.back().second) == 0);
  }
  const EnergyReport& energy = traced.result.energy;
  // A window's power is rounded to 1 nW.
  const double rounding = 1e-6 * nanoseconds(traced.result.time_ps);
  CHECK(picojoules["top.soc.power.total_mw"] == Approx(energy.total_pj()).margin(rounding));
  CHECK(picojoules["top.soc.power.dram_mw"] == Approx(energy[Component::dram]).margin(rounding));
  CHECK(picojoules["top.soc.power.cells_mw"] == Approx(energy[Component::cells]).margin(rounding));
}

TEST_CASE("Activity over time: buffers hold on average what the waveform shows, sums of windows are those of the run") {
  TracedSoc traced("soc", Fidelity::tlm, "power_window_ns: 100\n", 8192);
  run_socs({&traced});
  const VcdChanges vcd = traced.finish();
  ActivityWindow sums;
  std::size_t windows = 0;
  double until = 0;
  traced.result.activity([&](const ActivityWindow& window) {
    CHECK(window.start_ns == until);
    until = window.end_ns;
    ++windows;
    sums.macs_executed += window.macs_executed;
    sums.utilization += window.utilization * (window.end_ns - window.start_ns);
    sums.dram_read_bytes += window.dram_read_bytes;
    sums.dram_write_bytes += window.dram_write_bytes;
    for (const auto& [name, buffer] :
         {std::pair{"activation", BufferId::activation}, {"weight", BufferId::weight}, {"output", BufferId::output}}) {
      const Changes& changes = vcd.at(std::string("top.soc.buffers.") + name);
      double byte_ns = 0;
      for (std::size_t i = 0; i < changes.size(); ++i) {
        const double from = std::max(nanoseconds(changes[i].first), window.start_ns);
        const double to =
            i + 1 < changes.size() ? std::min(nanoseconds(changes[i + 1].first), window.end_ns) : window.end_ns;
        if (to > from) byte_ns += static_cast<double>(number(changes[i].second)) * (to - from);
      }
      INFO(name << " from " << window.start_ns);
      CHECK(window.buffer_bytes[static_cast<std::size_t>(buffer)] ==
            Approx(byte_ns / (window.end_ns - window.start_ns)).margin(1e-6));
    }
  });
  CHECK(windows > 50);
  CHECK(until == nanoseconds(traced.result.time_ps));
  const LayerResult& layer = traced.result.layers.at(0);
  CHECK(sums.macs_executed == layer.macs_executed);
  const double busy_ns = nanoseconds(traced.scenario.architecture.clock().of(layer.cycles));
  CHECK(sums.utilization == Approx(layer.utilization * busy_ns));
  const DramTiming& dram = traced.soc().dram().timing();
  const HostCounts& host = traced.soc().host().counts();
  const auto burst = static_cast<std::uint64_t>(dram.parameters().burst_bytes());
  CHECK(sums.dram_read_bytes == dram.events().read_bursts * burst + host.memory_reads);
  CHECK(sums.dram_write_bytes == dram.events().write_bursts * burst + host.memory_writes);
}

TEST_CASE("SoC waveform: at rtl it is the same, beside the macros, and two SoCs do not see each other") {
  TracedSoc tlm("tlm", Fidelity::tlm), rtl("rtl", Fidelity::rtl);
  run_socs({&tlm, &rtl});
  const VcdChanges a = tlm.finish(), b = rtl.finish();
  std::set<std::string> scopes;
  for (const auto& [name, changes] : a) {
    CAPTURE(name);
    REQUIRE(b.count(name) == 1);
    scopes.insert(name.substr(0, name.find('.', 8)));
    CHECK((b.at(name) == changes));
  }
  CHECK(scopes == std::set<std::string>{"top.soc.accelerator", "top.soc.buffers", "top.soc.bus", "top.soc.command",
                                        "top.soc.dma", "top.soc.dram", "top.soc.host", "top.soc.interrupts",
                                        "top.soc.power"});
  CHECK(b.count("top.macro.load_valid") == 1);
  CHECK(b.count("top.clock") == 1);
  CHECK(a.count("top.clock") == 0);
  CHECK(tlm.recorded.cycles == 0);
  CHECK(rtl.recorded.cycles > 0);
}

TEST_CASE("SoC waveform: with shadow update, loads hide behind runs") {
  TracedSoc traced("soc", Fidelity::tlm, "architecture: {weight_update: shadow}\n", 2048);
  run_socs({&traced});
  VcdChanges vcd = traced.finish();
  const CommandRecord& record = traced.soc().accelerator().records()[0];
  const auto clock = static_cast<std::uint64_t>(traced.scenario.architecture.clock().ps());
  CHECK(time_of(vcd["top.soc.accelerator.stage"], "compute") == record.gemm.compute_cycles * clock);
  CHECK(last(vcd["top.soc.accelerator.load_tile"]) + 1 == record.gemm.loads);
  CHECK(last(vcd["top.soc.buffers.weight"]) == 0);
}

TEST_CASE("SoC waveform: a RISC-V host shows where it is") {
  using namespace flexcim::riscv::test;
  Firmware firmware(0x8000'0000);
  TempFolder folder;
  folder.write("f.elf", end(firmware, 0).file());
  const Scenario scenario = load_scenario(folder.write("q.yaml",
                                                       "name: q\nfidelity: tlm\nworkload: {kind: firmware}\n"
                                                       "host: {kind: riscv, elf: f.elf}\ntrace: {soc: true}\n"),
                                          {});
  std::vector<std::unique_ptr<Simulation>> simulations;
  simulations.push_back(
      std::make_unique<FirmwareSimulation>("soc", scenario, Fidelity::tlm, FirmwareWork{}, folder.path()));
  const auto trace = make_trace(scenario, simulations, folder.path());
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);  // firmware stops
  sc_core::sc_start();
  simulations[0]->sample(0);
  trace->close(simulations[0]->result());
  VcdChanges vcd = read_vcd((folder.path() / "wave.vcd").string());
  const Changes& states = vcd["top.soc.host.state"];
  REQUIRE(states.size() >= 2);
  CHECK(states[1].second == "accessing");
  const std::uint64_t pc = last(vcd["top.soc.host.pc"]);
  CHECK(pc >= 0x8000'0008);
  CHECK(pc <= 0x8000'0010);
  CHECK(times_of(vcd["top.soc.bus.dram"], "idle") >= 1);
  CHECK(vcd.count("top.soc.command.layer") == 0);
}

TEST_CASE("SoC waveform: signals, window and format are those of trace") {
  TracedSoc traced("soc", Fidelity::tlm, "", 256,
                   "from: 500, to: 900, fst: true, signals: [soc.dma.outstanding, soc.bus.timer]");
  run_socs({&traced});
  traced.trace->close(traced.simulations[0]->result());
  CHECK(std::filesystem::exists(traced.folder.path() / "wave.fst"));
  CHECK(!std::filesystem::exists(traced.folder.path() / "wave.vcd"));
  const std::string savefile = traced.folder.read("wave.gtkw");
  CHECK_THAT(savefile, Catch::Contains("wave.fst\"") && Catch::Contains("top.soc.dma.outstanding[15:0]\n") &&
                           Catch::Contains("top.soc.bus.timer\n") && !Catch::Contains("top.soc.host"));
}

// flexcim run with the keys of `observe`: what is written down is what has happened, and nobody notices.
#include "tests/platform/flexcim_command.h"
#include "tests/platform/small_run.h"
#include "tests/platform/soc_firmware.h"
#include "tests/platform/visibility/trace_check.h"

#include <filesystem>
#include <fmt/format.h>
#include <sstream>

using namespace flexcim;
using namespace flexcim::riscv::test;
using flexcim::test::checked_events;
using flexcim::test::curves_of;
using flexcim::test::events_of;
using flexcim::test::rows_of;
using flexcim::test::slices_of;

namespace {

/// Calls say() twice, which sends a character, sleeps until the timer's interrupt, and ends with exit code 0.
Firmware calling_firmware() {
  Firmware firmware(kDram);
  firmware.function("start").add({j(4 * 8)});
  firmware.function("say").add({sw(a0, 0, s0), jalr(zero, 0, ra)});
  firmware.function("handler").add({li(t2, -1), sw(t2, 4, s1), mret, nop(), nop()});
  firmware.function("main").load(s0, kUart).load(s1, kTimer + 0x4000).load(t0, kDram + 4 * 3);
  firmware.add({csrw(csrs::mtvec, t0), li(t0, 1), sw(t0, 8, s0), sw(zero, 0x18, s0)});
  for (const char c : {'h', 'i'}) {
    firmware.add({li(a0, c)});
    firmware.add({jal(ra, static_cast<int>(kDram + 4 - firmware.here()))});
  }
  firmware.add({sw(zero, 4, s1), li(t0, 30), sw(t0, 0, s1), li(t0, 0x80), csrw(csrs::mie, t0)});
  firmware.add({csrrsi(zero, csrs::mstatus, 8), wfi});
  return end(firmware, 0);
}

const std::vector<std::string> kAll{"--set", "observe.registers=true",  "--set", "observe.profile=true",
                                    "--set", "observe.interrupts=true", "--set", "observe.timeline=true"};

struct Runs {
  explicit Runs(const Firmware& firmware) {
    write_file(scratch / "f.elf", firmware.file());
    write_file(scratch / "f.yaml",
               "name: f\nfidelity: tlm\nworkload: {kind: firmware}\nhost: {kind: riscv, elf: f.elf}\n");
  }
  Outcome run(const std::vector<std::string>& more = {}) const {
    return flexcim_command(std::vector<std::string>{"run", scratch / "f.yaml", "--out", scratch / "out"} + more);
  }
  std::string file(const std::string& name) const { return file_bytes(scratch / ("out/" + name)); }
  bool has(const std::string& name) const { return std::filesystem::exists(scratch / ("out/" + name)); }

  Scratch scratch;
};

/// The words of the line that ends with `name`.
std::vector<std::string> fields_of(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    if (!all.empty() && all.back() == name) return all;
  }
  return {};
}

}  // namespace

TEST_CASE("Visibility: a run of firmware that is observed is the same, and every file says what has happened") {
  const Runs runs(calling_firmware());
  REQUIRE(runs.run().exit_code == 0);
  const auto plain = nlohmann::json::parse(runs.file("summary.json"));
  for (const char* name : {"registers.log", "profile.txt", "timeline.json"}) CHECK_FALSE(runs.has(name));
  const Outcome observed = runs.run(kAll);
  REQUIRE(observed.exit_code == 0);
  auto summary = nlohmann::json::parse(runs.file("summary.json"));
  const nlohmann::json interrupts = summary["interrupts"];
  summary.erase("interrupts");
  CHECK(summary == plain);
  CHECK(runs.file("uart.txt") == "hi");
  CHECK_THAT(observed.output,
             Catch::Contains("outputs.safetensors, registers.log, profile.txt, timeline.json, scenario.yaml\n"));

  // Tick 30 of the timer is at 3000 ns; the hart sees it at the next edge, the trap takes two cycles.
  REQUIRE(interrupts.size() == 1);
  CHECK(interrupts[0] ==
        nlohmann::json{{"source", "timer"}, {"count", 1}, {"least_ns", 3}, {"mean_ns", 3}, {"most_ns", 3}});
  CHECK_THAT(observed.output, Catch::Contains("timer") && Catch::Contains("3.00 ns"));

  const std::string profile = runs.file("profile.txt");
  CHECK(fields_of(profile, "(sum)").at(1) == plain["firmware"]["instructions"].dump());
  // Cycles of 1 ns; the last access ends with the edge behind its answer, which has ended the simulation.
  CHECK(std::stod(fields_of(profile, "(sum)").at(0)) == plain["time_ns"].get<double>() + 1);
  CHECK(fields_of(profile, "say").at(4) == "4");      // instructions
  CHECK(fields_of(profile, "say").at(5) == "2");      // calls
  CHECK(fields_of(profile, "handler").at(4) == "3");  // with mret
  CHECK(fields_of(profile, "start").at(4) == "1");

  const std::string registers = runs.file("registers.log");
  CHECK_THAT(registers, Catch::Contains("0x80000004 say") && Catch::Contains("W4 UART.TXDATA") &&
                            Catch::Contains("DATA=104") && Catch::Contains("TIMER.MTIMECMP_HI") &&
                            Catch::Contains("W4 FINISHER."));

  const auto events = checked_events(runs.file("timeline.json"));
  std::vector<std::string> functions;
  for (const auto& event : events_of(events, 1, "B")) functions.push_back(event["name"]);
  CHECK(functions == std::vector<std::string>{"start", "main", "say", "say", "handler"});
  CHECK(events_of(events, 1, "X", "sleeping").size() == 1);
  REQUIRE(events_of(events, 1, "X", "handler").size() == 1);
  CHECK(events_of(events, 1, "X", "handler")[0]["ts"].get<double>() == 3.003);
  CHECK(events_of(events, 1, "i", "hi").size() == 1);
  // What the host does leaves no gaps.
  double until = 0;
  for (const auto& event : events_of(events, 1, "X")) {
    if (event["tid"] != 1) continue;
    CHECK(event["ts"].get<double>() == Approx(until).margin(1e-7));
    until = event["ts"].get<double>() + event["dur"].get<double>();
  }
  // The last access would end with the edge behind the answer.
  CHECK(until == Approx(plain["time_ns"].get<double>() / 1000 + 0.001).margin(1e-7));
}

TEST_CASE("Visibility: what was seen of a run that fails is kept, whole, until the next one") {
  Firmware firmware(kDram);
  firmware.function("start").load(s0, kUart).add({lw(t0, 0xc, s0)}).load(t0, 0x4000'0000);
  firmware.function("stray").add({lw(t1, 4, t0)});
  const Runs runs(firmware);
  const Outcome failed = runs.run(kAll);
  CHECK(failed.exit_code == 3);
  CHECK_THAT(failed.output,
             Catch::Contains("up to its end, in") && Catch::Contains(": registers.log, profile.txt, timeline.json\n"));
  CHECK_THAT(failed.error, Catch::Contains("load access fault"));
  CHECK(runs.has("registers.log"));
  CHECK_FALSE(runs.has("summary.json"));
  CHECK_THAT(runs.file("registers.log"), Catch::Contains("0x40000004") && Catch::Contains("stray") &&
                                             Catch::Contains("refused: TLM_ADDRESS_ERROR_RESPONSE"));
  CHECK(events_of(checked_events(runs.file("timeline.json")), 1, "B").back()["name"] == "stray");
  CHECK_THAT(runs.file("profile.txt"), Catch::Contains("stray"));
  CHECK(runs.run({"--set", "limits.simulated_ms=0.1", "--set", "observe.timeline=true"}).exit_code == 3);
  CHECK_FALSE(runs.has("registers.log"));
  CHECK(runs.has("timeline.json"));
  CHECK(runs.run().exit_code == 3);
}

TEST_CASE("Visibility: the native host has registers, interrupts and a timeline, and no profile") {
  const SmallRun small(20);
  const std::string out = small / "out";
  const auto run = [&](const std::vector<std::string>& more) { return flexcim_command(small.run(out) + more); };
  REQUIRE(run({}).exit_code == 0);
  const auto plain = nlohmann::json::parse(file_bytes(out + "/summary.json"));
  REQUIRE(run({"--set", "observe.registers=true", "--set", "observe.interrupts=true", "--set", "observe.timeline=true"})
              .exit_code == 0);
  auto summary = nlohmann::json::parse(file_bytes(out + "/summary.json"));
  CHECK(summary["interrupts"][0]["source"] == "FLEXCIM");
  CHECK(summary["interrupts"][0]["count"] == 1);
  summary.erase("interrupts");
  CHECK(summary == plain);
  CHECK_THAT(file_bytes(out + "/registers.log"), Catch::Contains("FLEXCIM.DOORBELL") && Catch::Contains("PLIC.CLAIM"));

  const auto events = checked_events(file_bytes(out + "/timeline.json"));
  const auto commands = slices_of(events, 2, "commands");
  REQUIRE(commands.size() == 1);
  CHECK(commands[0]["name"] == "gemm");
  CHECK(commands[0]["args"]["cycles"] == plain["layers"][0]["cycles"]);
  CHECK(commands[0]["ts"].get<double>() * 1000 == Approx(plain["layers"][0]["start_ns"].get<double>()));
  // Every burst of the DMA is an access of the DRAM, and counters end at nothing.
  CHECK(events_of(events, 3, "X").size() > 10);
  CHECK(events_of(events, 4, "X").size() >= events_of(events, 3, "X").size());
  CHECK(events_of(events, 3, "C").back()["args"]["value"] == 0);

  // The accelerator's tiles are what the layer has counted.
  auto rows = rows_of(events, 2);
  CHECK(rows.size() == 5);
  CHECK(rows["descriptors"] == 1);
  CHECK(rows["tiles"] == plain["layers"][0]["tiles"]);
  CHECK(rows["weight loads"] == rows["tiles"]);
  const auto sum = [&](const char* row, const char* argument) {
    std::uint64_t total = 0;
    for (const auto& slice : slices_of(events, 2, row)) total += slice["args"][argument].get<std::uint64_t>();
    return total;
  };
  CHECK(sum("tiles", "macs") == plain["macs_executed"]);
  CHECK(sum("write-backs 0", "bytes") == 20 * plain["layers"][0]["shape"][0].get<std::uint64_t>() * 4);
  double busy_us = 0;
  for (const char* row : {"tiles", "weight loads"}) {
    for (const auto& slice : slices_of(events, 2, row)) busy_us += slice["dur"].get<double>();
  }
  const auto cycles = plain["cycles"].get<double>() - plain["layers"][0]["stall_cycles"].get<double>();
  CHECK(busy_us == Approx(cycles * plain["clock"]["period_ps"].get<double>() * 1e-6));
  auto curves = curves_of(events, 2);
  CHECK(curves.size() == 5);
  CHECK(curves["queued"] == 1);
  CHECK(curves["utilization"] > 0);
  for (const char* buffer : {"activation", "weight", "output"}) {
    CHECK(curves[std::string(buffer) + "_buffer_bytes"] > 0);
  }
  // Power over time is the energy of the run, of all and of a component.
  for (const auto& [name, energy] :
       {std::pair{"total_mw", plain["energy_pj"]}, {"dram_mw", plain["energy"]["by_component"]["dram"]}}) {
    const auto values = events_of(events, 100, "C", name);
    double picojoules = 0;
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
      picojoules += values[i]["args"]["value"].get<double>() * 1000 *
                    (values[i + 1]["ts"].get<double>() - values[i]["ts"].get<double>());
    }
    CHECK(picojoules == Approx(energy.get<double>()));
    CHECK(values.back()["args"]["value"] == 0);
  }
  CHECK_THAT(refusal(small.run(out) + std::vector<std::string>{"--set", "observe.profile=true"}),
             Catch::Contains("observe.profile: the native host runs no firmware"));
}

TEST_CASE("Visibility: a timeline of a span of time has what overlaps it, and changes nothing") {
  const SmallRun small(20);
  const std::string whole = small / "whole", part = small / "part";
  const std::vector<std::string> timeline{"--set", "observe.timeline=true"};
  REQUIRE(flexcim_command(small.run(whole) + timeline).exit_code == 0);
  REQUIRE(flexcim_command(
              small.run(part) + timeline +
              std::vector<std::string>{"--set", "observe.timeline_from=1500", "--set", "observe.timeline_to=2500"})
              .exit_code == 0);
  CHECK(file_bytes(part + "/summary.json") == file_bytes(whole + "/summary.json"));
  const auto all = checked_events(file_bytes(whole + "/timeline.json"));
  const auto some = checked_events(file_bytes(part + "/timeline.json"));
  for (const int process : {1, 2, 3, 4}) {
    INFO(process);
    std::size_t expected = process == 2 ? 1 : 0;  // a descriptor's fetch goes with its command
    for (const auto& slice : events_of(all, process, "X")) {
      if (slice["name"] == "fetch") continue;
      const double from = slice["ts"], to = from + slice["dur"].get<double>();
      expected += to >= 1.5 - 1e-9 && from <= 2.5 + 1e-9 ? 1 : 0;
    }
    CHECK(expected > 0);
    CHECK(events_of(some, process, "X").size() == expected);
    CHECK(expected < events_of(all, process, "X").size());
  }
  CHECK_THAT(refusal(small.run(part) + std::vector<std::string>{"--set", "observe.timeline_to=0"}),
             Catch::Contains("observe: timeline_to is not after timeline_from"));
}

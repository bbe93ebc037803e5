// flexcim run of firmware on a scenario's layers: it finds them by the boot block, results by the tags of its commands.
#include "platform/firmware/driver/flexcim_boot.h"
#include "tests/platform/small_run.h"
#include "tests/platform/soc_firmware.h"
#include "tests/platform/visibility/trace_check.h"

#include <cstddef>

using namespace flexcim;
using namespace flexcim::riscv::test;

namespace {

constexpr int kCommand = offsetof(flexcim_job, command);

u32 bltu(u32 rs1, u32 rs2, int offset) { return b_type(6, rs1, rs2, offset); }

/// s0: address of the first job.
Firmware find_jobs() {
  Firmware firmware(kDram);
  return firmware.add({lw(s0, offsetof(flexcim_boot, jobs), a1)});
}

/// Runs the command at s0, which is a ring of one.
Firmware& run_job(Firmware& firmware) {
  firmware.load(t0, FLEXCIM_BASE).add({sw(s0, FLEXCIM_RING_BASE_LO, t0), li(t1, 2), sw(t1, FLEXCIM_RING_SIZE, t0)});
  firmware.add({li(t1, 1), sw(t1, FLEXCIM_CONTROL, t0), sw(t1, FLEXCIM_DOORBELL, t0)});
  return firmware.add({lw(t2, FLEXCIM_COMPLETED, t0), bne(t2, t1, -4)});
}

/// A layer of SmallRun, and firmware for it.
struct JobRun {
  explicit JobRun(const Firmware& firmware, const std::vector<std::string>& more = {}) {
    write_file(small / "f.elf", firmware.file());
    outcome = flexcim_command(
        small.run(small / "out") +
        std::vector<std::string>{"--set", "host={kind: riscv, elf: f.elf}", "--set", "limits.simulated_ms=5"} + more);
  }
  nlohmann::json summary() const { return nlohmann::json::parse(file_bytes(small / "out/summary.json")); }

  SmallRun small;
  Outcome outcome;
};

}  // namespace

TEST_CASE("Firmware of a gemm: the layer that it runs is in the results, as with the native host") {
  Firmware firmware = find_jobs();
  end(run_job(firmware), 0);
  const JobRun run(firmware);
  CHECK(run.outcome.error.empty());
  REQUIRE(run.outcome.exit_code == 0);
  CHECK_THAT(run.outcome.output, Catch::Contains("every output equals the golden model bit for bit"));
  CHECK(flexcim_command(run.small.run(run.small / "native")).exit_code == 0);
  const auto native = nlohmann::json::parse(file_bytes(run.small / "native/summary.json"));
  const auto layer = run.summary()["layers"].at(0), other = native["layers"].at(0);
  CHECK(run.summary()["layers"].size() == 1);
  for (const char* key : {"name", "tokens", "shape", "macs_executed", "tiles", "phases", "match"}) {
    CHECK(layer[key] == other[key]);
  }
  CHECK(layer["macs_executed"] > 0);
  CHECK(file_bytes(run.small / "out/outputs.safetensors") == file_bytes(run.small / "native/outputs.safetensors"));
  CHECK(run.summary()["firmware"]["jobs"] == 1);
  CHECK(run.summary()["firmware"]["commands"] == 1);
}

TEST_CASE("Firmware of a gemm: its run at rtl gives the same layer") {
  Firmware firmware = find_jobs();
  end(run_job(firmware), 0);
  const JobRun tlm(firmware), rtl(firmware, {"--fidelity", "rtl"});
  REQUIRE(rtl.outcome.exit_code == 0);
  CHECK(tlm.summary()["layers"] == rtl.summary()["layers"]);
  CHECK(tlm.summary()["time_ns"] == rtl.summary()["time_ns"]);
}

TEST_CASE("Firmware of a gemm: observed it is the same, and its command has the layer's name in the timeline") {
  Firmware firmware = find_jobs();
  end(run_job(firmware), 0);
  const JobRun plain(firmware), observed(firmware, {"--set", "observe.profile=true", "--set", "observe.timeline=true"});
  REQUIRE(observed.outcome.exit_code == 0);
  CHECK(observed.summary() == plain.summary());
  const auto events = flexcim::test::checked_events(file_bytes(observed.small / "out/timeline.json"));
  const auto commands = flexcim::test::slices_of(events, 2, "commands");
  REQUIRE(commands.size() == 1);
  const auto layer = plain.summary()["layers"].at(0);
  CHECK(commands[0]["name"] == layer["name"]);
  CHECK(commands[0]["args"]["cycles"] == layer["cycles"]);
  for (const char* row : {"descriptors", "weight loads", "tiles", "write-backs 0"}) {
    INFO(row);
    CHECK(flexcim::test::slices_of(events, 2, row).size() > 0);
  }
  CHECK(flexcim::test::curves_of(events, 2)["queued"] == 1);
  CHECK(flexcim::test::curves_of(events, 100)["host_mw"] > 0);
}

TEST_CASE("Firmware of a gemm: a layer twice is counted twice, its own exit code counts") {
  Firmware firmware = find_jobs();
  run_job(firmware).load(t0, FLEXCIM_BASE).add({li(t1, 2), sw(t1, FLEXCIM_CONTROL, t0)});  // a reset
  end(run_job(firmware), 9);
  const JobRun run(firmware);
  CHECK(run.outcome.exit_code == 9);
  CHECK(run.summary()["layers"].at(0)["tokens"] == 4);
  CHECK(run.summary()["layers"].at(0)["match"] == true);
  CHECK(run.summary()["firmware"]["commands"] == 2);
  // The accelerator's own counters begin anew with the reset, the run's energy does not.
  const auto summary = run.summary();
  CHECK(summary["between"]["by_component"]["cells"] == 0);
  CHECK(summary["energy"]["by_component"]["cells"].get<double>() > 0);
}

TEST_CASE("Firmware of a gemm: refreshes of the time before a command are not its layer's") {
  Firmware at_once = find_jobs(), later = find_jobs();
  later.load(t1, 500'000).add({addi(t1, t1, -1), bne(t1, zero, -4)});  // 2 ms: 500 refreshes
  end(run_job(at_once), 0);
  end(run_job(later), 0);
  const auto energy = [](const Firmware& firmware) {
    const JobRun run(firmware);
    REQUIRE(run.outcome.exit_code == 0);
    return run.summary()["layers"].at(0)["energy_pj"].get<double>();
  };
  constexpr double kRefreshPj = 22'400;  // 28 nm, LPDDR4: one more or less, as it falls into the command
  CHECK(energy(later) == Approx(energy(at_once)).margin(1.5 * kRefreshPj).epsilon(0));
}

TEST_CASE("Firmware of a gemm: what it leaves undone is said, and no failure") {
  Firmware firmware(kDram);
  end(firmware, 0);
  const JobRun run(firmware);
  CHECK(run.outcome.exit_code == 0);
  CHECK_THAT(run.outcome.output, Catch::Contains("0 of 1 layers have run") && !Catch::Contains("golden model"));
  CHECK(run.summary()["layers"].empty());
}

TEST_CASE("Firmware of a gemm: weights, activations or a command that it spoils are a mismatch") {
  struct Spoiled {
    int address;  ///< in the command: of what, 0: nothing
    const char* message;
  };
  const Spoiled spoiled[] = {{offsetof(flexcim_descriptor, weights), "outputs differ, first at token"},
                             {offsetof(flexcim_descriptor, activations), "the firmware has changed its activations"},
                             {0, "the firmware has changed the command with the tag 0x4a000000"}};
  for (const Spoiled& each : spoiled) {
    Firmware firmware = find_jobs();
    if (each.address != 0) {
      firmware.add({lw(s1, kCommand + each.address, s0), lb(t1, 17, s1), addi(t1, t1, 1), sb(t1, 17, s1)});
    } else {
      firmware.load(t1, kDram + 0x1000).add({sw(t1, kCommand + offsetof(flexcim_descriptor, scales), s0)});
      firmware.add({li(t1, FLEXCIM_FLAG_REQUANTIZE), sb(t1, kCommand + offsetof(flexcim_descriptor, flags), s0)});
    }
    end(run_job(firmware), 0);
    const JobRun run(firmware);
    CAPTURE(each.message, run.outcome.error);
    CHECK(run.outcome.exit_code == 1);
    CHECK_THAT(run.outcome.output, Catch::Contains("MISMATCH") && Catch::Contains(each.message));
  }
}

TEST_CASE("Firmware of a gemm: its data lie behind firmware wherever that is in the DRAM") {
  Firmware firmware(kDram + (20 << 20));
  firmware.add({lw(s0, offsetof(flexcim_boot, jobs), a1), lui(t0, (kDram + (20 << 20)) >> 12)});
  firmware.add({bltu(t0, s0, 8), j(0)});  // stays where the jobs lie before it
  end(run_job(firmware), 0);
  CHECK(JobRun(firmware, {"--set", "architecture.dram.bytes=33554432"}).outcome.exit_code == 0);
  CHECK(JobRun(firmware).outcome.exit_code == 2);
}

TEST_CASE("Firmware of a gemm: a DRAM that is too small for it is refused with its place") {
  Firmware firmware(kDram);
  end(firmware, 0);
  const JobRun run(firmware, {"--set", "architecture.dram.bytes=4194304"});
  CHECK(run.outcome.exit_code == 2);
  CHECK_THAT(run.outcome.error, Catch::Contains("architecture.dram.bytes: 4194304 is less than the ") &&
                                    Catch::Contains("need: firmware, boot block, weights, "));
}

TEST_CASE("Firmware of a model: linears, prompt and golden text lie in memory") {
  const Scratch scratch;
  const auto add_model = [&](const std::string& name, const TinyModel& model) {
    std::filesystem::create_directory(scratch / name);
    model.write(scratch / name);
    write_file(scratch / (name + ".yaml"),
               "name: g\nfidelity: tlm\nworkload: {kind: generate, model: " + name +
                   ", prompt: abc, tokens: 2, flow: {calibration: c.txt}}\nhost: {kind: riscv, elf: f.elf}\n");
  };
  write_file(scratch / "c.txt", random_text(1, 400));
  add_model("llama", byte_llama(5));
  add_model("mamba", byte_mamba(7));
  const auto run = [&](const Firmware& firmware) {
    write_file(scratch / "f.elf", firmware.file());
    return flexcim_command({"run", scratch / "llama.yaml", "--out", scratch / "out"});
  };

  Firmware idle(kDram), copying(kDram);
  const Outcome wrong = run(end(idle, 0));
  CHECK(wrong.exit_code == 1);
  CHECK_THAT(wrong.output, Catch::Contains("MISMATCH: the golden model generates: "));

  // Copies the golden text to where the generated one belongs; its exit code is the prompt's second character.
  copying.add({lw(s0, offsetof(flexcim_boot, model), a1), lw(s1, offsetof(flexcim_model, expected), s0)});
  copying.add({lw(a2, offsetof(flexcim_model, generated), s0), lw(a3, offsetof(flexcim_model, prompt), s0)});
  for (const int token : {0, 4}) copying.add({lw(t1, token, s1), sw(t1, token, a2)});
  copying.load(t0, FINISHER_BASE).load(t1, 0x10000).load(t2, 0x3333).add({lw(a4, 4, a3), mul(a4, a4, t1)});
  copying.add({add(a4, a4, t2), sw(a4, 0, t0), j(0)});
  const Outcome right = run(copying);
  CHECK(right.error.empty());
  CHECK(right.exit_code == 'b');
  CHECK_THAT(right.output, Catch::Contains("it has generated: ") && !Catch::Contains("MISMATCH"));
  const auto generated = nlohmann::json::parse(file_bytes(scratch / "out/summary.json"))["firmware"]["generated"];
  CHECK(generated["tokens"].size() == 2);
  CHECK(generated["tokens"] == generated["golden"]);

  CHECK_THAT(refusal({"run", scratch / "mamba.yaml", "--out", scratch / "no"}),
             Catch::Contains("mamba.yaml:3:") && Catch::Contains("firmware can be given a Llama only"));
}

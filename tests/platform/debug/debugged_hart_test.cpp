// Firmware under a debugger: what a debugger sees and may do, and that it changes nothing else.
#include "tests/platform/debug/debugged_hart_bench.h"
#include "tests/tlm/in_process.h"

#include <catch2/catch.hpp>
#include <set>

namespace flexcim {
namespace {

using namespace debug::test;
using Catch::Matchers::Contains;
using debug::DebugTarget;
using debug::Resume;
using debug::Signal;
using debug::StopReason;
using flexcim::test::in_process;

TEST_CASE(
    "Debugged hart: a program runs the same, instruction by instruction and cycle by cycle, however it is stopped") {
  const Program program;
  const auto run = [&](debug::Debugger* debugger, int& stops) {
    const std::string text = in_process([&] {
      Bench bench(program.firmware, debugger);
      const std::string end = bench.run();
      return end + "|" + std::to_string(debugger == nullptr ? 0 : dynamic_cast<Script*>(debugger)->stops);
    });
    stops = std::stoi(text.substr(text.find('|') + 1));
    return text.substr(0, text.find('|'));
  };
  int stops = 0;
  const std::string alone = run(nullptr, stops);
  CHECK_THAT(alone, Catch::Matchers::StartsWith("exit code 5, "));
  Script steps([](DebugTarget&, const StopReason&) { return Resume::step; });
  CHECK(run(&steps, stops) == alone);
  CHECK(stops > 6 * 300);
  Script passes([](DebugTarget&, const StopReason&) { return Resume::run; });
  passes.every_look = 1;  // awake and asleep
  CHECK(run(&passes, stops) == alone);
  CHECK(stops > 4);
  Script points([&](DebugTarget& target, const StopReason& reason) {
    if (reason.watch) return Resume::run;
    if (target.read_register(debug::kPc) == program.loop) return Resume::run;
    target.set_breakpoint(program.loop, true);
    target.set_watchpoint(debug::Watch::access, kData, kData + 3, true);
    return Resume::run;
  });
  CHECK(run(&points, stops) == alone);
  CHECK(stops == 1 + 3 * 300);
  Script times([](DebugTarget& target, const StopReason&) {
    target.stop_at(target.time_ps() + 777'000);
    return Resume::run;
  });
  CHECK(run(&times, stops) == alone);
  CHECK(stops > 30);
}

TEST_CASE("Debugged hart: it stops at a time, awake and asleep, and shows devices as they are") {
  const Program program;
  std::vector<std::string> seen;
  Script script([&](DebugTarget& target, const StopReason& reason) {
    u32 ticks = 0;
    target.read_memory(kTimerBase + Timer::mtime, reinterpret_cast<std::uint8_t*>(&ticks), sizeof ticks);
    seen.push_back(fmt::format("{} at {} ns, tick {}, {}", static_cast<int>(reason.signal), target.time_ps() / 1000,
                               ticks, *target.read_register(debug::kPc) >= program.sleep ? "sleeps" : "runs"));
    if (seen.size() == 1) target.stop_at(5'000'000);
    if (seen.size() == 2) target.stop_at(29'000'000);
    return Resume::run;
  });
  Bench bench(program.firmware, &script);
  bench.run();
  REQUIRE(seen.size() == 3);
  CHECK(seen[0] == "5 at 0 ns, tick 0, runs");
  CHECK_THAT(seen[1], Catch::Matchers::StartsWith("2 at 500") && Catch::Matchers::EndsWith(" runs"));
  CHECK(seen[2] == "2 at 29000 ns, tick 290, sleeps");
}

TEST_CASE("Debugged hart: registers and memory are read and written, code that changes is run") {
  Firmware firmware(kSram);
  firmware.add({li(a0, 1), csrr(a1, csrs::mscratch)}).load(a4, kFinisher);
  firmware.load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
  std::set<std::string> names;
  Script script([&](DebugTarget& target, const StopReason&) {
    for (const debug::RegisterName& reg : target.registers()) {
      names.insert(reg.name);
      CHECK(target.read_register(reg.number).has_value());
    }
    // Every CSR that counts or keeps something has its name.
    for (int number = 0; number < 4096; ++number) {
      const int kind = number & ~0x1F, counter = number & 0x1F;
      const bool counts_nothing =
          (kind == 0x320 || kind == 0xB00 || kind == 0xB80 || kind == 0xC00 || kind == 0xC80) && counter > 2;
      const auto& all = target.registers();
      const bool named = std::any_of(all.begin(), all.end(), [&](const debug::RegisterName& reg) {
        return reg.number == debug::kFirstCsr + number;
      });
      CHECK(target.read_register(debug::kFirstCsr + number).has_value() == (named || counts_nothing));
    }
    CHECK_FALSE(target.write_register(debug::kFirstCsr + static_cast<int>(csrs::mhartid), 1));
    CHECK(target.write_register(debug::kFirstCsr + static_cast<int>(csrs::mscratch), 77));
    CHECK_FALSE(target.read_register(33).has_value());
    CHECK_FALSE(target.read_register(-1).has_value());
    CHECK_FALSE(target.write_register(33, 0));
    CHECK(target.write_register(0, 5));
    CHECK(target.read_register(0) == 0u);
    const u32 instruction = li(a0, 2);
    CHECK(target.write_memory(kSram, reinterpret_cast<const std::uint8_t*>(&instruction), 4) == 4);
    std::uint8_t bytes[8];
    CHECK(target.read_memory(kSram, bytes, 8) == 8);
    CHECK(std::memcmp(bytes, &instruction, 4) == 0);
    CHECK(target.read_memory(kTimerBase + Timer::mtimecmp + 1, bytes, 6) == 6);  // parts of registers
    CHECK(bytes[0] == 0xFF);
    CHECK(target.read_memory(kSram + static_cast<u32>(memory_map::sram_size) - 2, bytes, 8) == 2);
    CHECK(target.read_memory(0x5000'0000, bytes, 1) == 0);
    CHECK(target.read_memory(0xFFFF'FFFF, bytes, 2) == 0);
    CHECK(target.write_memory(0x5000'0000, bytes, 1) == 0);
    return Resume::run;
  });
  Bench bench(firmware, &script);
  bench.run();
  CHECK(script.stops == 1);
  CHECK(names.size() == 33 + 24);
  CHECK(bench.host.hart().reg(a0) == 2);
  CHECK(bench.host.hart().reg(a1) == 77);
}

TEST_CASE("Debugged hart: a program that cannot go on is shown before it ends, and can be helped") {
  Firmware firmware(kSram);
  firmware.load(a0, 0x4000'0000).add({lw(a1, 0, a0)}).load(a4, kFinisher).load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
  const auto run = [&](bool help) {
    return in_process([&] {
      Script script([&](DebugTarget& target, const StopReason& reason) {
        if (!reason.fatal) return Resume::run;
        if (reason.signal != Signal::access_fault || target.read_register(debug::kPc) != kSram + 8) return Resume::kill;
        if (help) target.write_register(static_cast<int>(a0), kData);
        return help ? Resume::run : Resume::give_up;
      });
      Bench bench(firmware, &script);
      const std::string end = bench.run();
      return end + fmt::format(" {} stops", script.stops);
    });
  };
  CHECK_THAT(run(true), Contains("exit code 0,") && Contains(" 2 stops"));
  CHECK_THAT(run(false), Contains("host at 0x8000008: load access fault (0x40000000)") && Contains(" 2 stops"));
}

TEST_CASE("Debugged hart: sleep that nobody ends is shown, and kill ends the run") {
  Firmware firmware(kSram);
  firmware.load(t0, 0x800).add({csrw(csrs::mie, t0), wfi});
  CHECK_THAT(in_process([&] {
               Script script([&](DebugTarget&, const StopReason& reason) {
                 return reason.signal == Signal::abort ? Resume::kill : Resume::run;
               });
               return Bench(firmware, &script).run();
             }),
             Contains("the debugger has killed the program"));
}

TEST_CASE("Debugged hart: a time that comes while the hart falls asleep stops it at once") {
  const Program program;
  const auto stops = [&](std::uint64_t at_ps) {
    return in_process([&] {
      std::string text;
      Script script([&](DebugTarget& target, const StopReason& reason) {
        if (reason.signal == Signal::interrupted) text += std::to_string(target.time_ps()) + " ";
        if (text.empty() && at_ps == 0) target.set_breakpoint(program.sleep, true);
        if (text.empty() && at_ps == 0 && target.read_register(debug::kPc) == program.sleep) {
          text += std::to_string(target.time_ps());
        }
        if (text.empty() && at_ps != 0) target.stop_at(at_ps);
        return Resume::run;
      });
      Bench bench(program.firmware, &script);
      bench.run();
      return text;
    });
  };
  const std::uint64_t asleep_ps = std::stoull(stops(0));
  for (std::uint64_t cycle = 0; cycle < 3; ++cycle) {  // wfi takes one
    const std::uint64_t at = asleep_ps + 1000 * cycle;
    CHECK(stops(at) == std::to_string(at) + " ");
  }
}

}  // namespace
}  // namespace flexcim

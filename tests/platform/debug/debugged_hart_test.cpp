// Firmware under a debugger: what a debugger sees and may do, and that it changes nothing else; then the real gdb.
#include "platform/debug/gdb_server.h"
#include "platform/host/riscv_host.h"
#include "tests/platform/riscv/firmware.h"
#include "tests/tlm/in_process.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/interface/memory_map.h"
#include "tlm/memory/sram.h"
#include "tlm/peripherals/test_finisher.h"
#include "tlm/peripherals/timer.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <sysc/kernel/sc_spawn.h>
#include <utility>

namespace flexcim {
namespace {

using namespace riscv::test;
using Catch::Matchers::Contains;
using debug::DebugTarget;
using debug::Resume;
using debug::Signal;
using debug::StopReason;
using flexcim::test::in_process;

constexpr u32 kSram = static_cast<u32>(memory_map::sram), kTimerBase = static_cast<u32>(memory_map::timer);
constexpr u32 kFinisher = static_cast<u32>(memory_map::finisher), kData = kSram + 0x1000;

InterconnectParameters bus_parameters() {
  InterconnectParameters parameters;
  parameters.clock_ps = 2000;
  return parameters;
}

/// A hart of 1 ns with SRAM, timer and test finisher.
struct Bench {
  RiscvHost host;
  Interconnect interconnect{"interconnect", bus_parameters()};
  Sram sram{"sram", memory_map::sram_size, sc_core::sc_time(2, sc_core::SC_NS)};
  Timer timer{"timer", sc_core::sc_time(100, sc_core::SC_NS)};
  TestFinisher finisher{"finisher"};
  sc_core::sc_signal<bool> external, timer_line, software;

  Bench(const Firmware& firmware, debug::Debugger* debugger) : host("host", firmware.elf(), parameters(debugger)) {
    interconnect.connect(host.socket);
    interconnect.map(sram.socket, kSram, memory_map::sram_size, "sram");
    interconnect.map(timer.socket, kTimerBase, memory_map::timer_size, "timer");
    interconnect.map(finisher.socket, kFinisher, memory_map::finisher_size, "finisher");
    host.external_interrupt(external);
    host.timer_interrupt(timer_line);
    host.software_interrupt(software);
    timer.interrupt(timer_line);
    timer.software_interrupt(software);
    riscv::Memory memory;
    memory.first = kSram, memory.last = kSram + static_cast<u32>(memory_map::sram_size) - 1;
    memory.data = sram.store().data();
    firmware.elf().load({memory});
  }
  static RiscvHostParameters parameters(debug::Debugger* debugger) {
    RiscvHostParameters parameters;
    parameters.debugger = debugger;
    return parameters;
  }
  /// Until the firmware ends the simulation, or after that many milliseconds. All that it leaves behind.
  std::string run(double most_ms = 1) {
    try {
      sc_core::sc_start(most_ms, sc_core::SC_MS);
    } catch (const std::exception& error) {
      return error.what();
    }
    const riscv::Hart& hart = host.hart();
    std::string text =
        fmt::format("exit code {}, {}, {} cycles, {} instructions, pc {:#x}", finisher.exit_code().value_or(-1),
                    sc_core::sc_time_stamp().to_string(), hart.cycles(), hart.instructions(), hart.pc());
    for (int i = 0; i < 32; ++i) text += fmt::format(" {:x}", hart.reg(i));
    for (u32 at = 0; at < 16; ++at) text += fmt::format(" {:x}", sram.store().data()[0x1000 + at]);
    return text + fmt::format(" {} {}", host.counts().memory_reads, host.counts().bus_bytes);
  }
};

class Script : public debug::Debugger {
 public:
  explicit Script(std::function<Resume(DebugTarget&, const StopReason&)> at_stop) : at_stop_(std::move(at_stop)) {}
  Resume stopped(DebugTarget& target, const StopReason& reason) override {
    ++stops;
    return at_stop_(target, reason);
  }
  bool wants_stop() override { return every_look != 0 && ++looks % every_look == 0; }

  int stops = 0, looks = 0, every_look = 0;

 private:
  std::function<Resume(DebugTarget&, const StopReason&)> at_stop_;
};

/// Computes, stores, asks a device, and sleeps until the timer's interrupt at 30 us, whose handler counts in s0. `loop`
/// and `sleep` are places in it.
struct Program {
  u32 loop = 0, sleep = 0;
  Firmware firmware{kSram};

  Program() {
    firmware.load(a2, kTimerBase + Timer::mtimecmp).load(gp, kData).add({sw(zero, 4, a2), li(a3, 300), sw(a3, 0, a2)});
    firmware.add({jal(ra, 4 * 4), addi(s0, s0, 1), sw(ra, 4, a2), mret});  // ra is the handler
    firmware.add({csrw(csrs::mtvec, ra), li(t0, 0x80), csrw(csrs::mie, t0), csrrsi(zero, csrs::mstatus, 8)});
    firmware.load(t0, 300);
    loop = firmware.here();
    firmware.add(
        {mul(a0, a0, t0), addi(a0, a0, 1), sw(a0, 0, gp), lb(a1, 1, gp), addi(t0, t0, -1), bne(t0, zero, -20)});
    sleep = firmware.here();
    firmware.add({wfi, csrr(t1, csrs::mcycle), sw(t1, 8, gp), lw(t2, 0, a2)});
    firmware.load(a4, kFinisher).load(a5, 5u << 16 | 0x3333).add({sw(a5, 0, a4), j(0)});
  }
};

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

/// An accelerator that ends commands at these times, the odd ones with an error.
struct FakeMachine : debug::Machine {
  explicit FakeMachine(std::vector<std::uint64_t> at_ns) : ends_ns(std::move(at_ns)) {
    sc_core::sc_spawn([this] {
      for (const std::uint64_t ns : ends_ns) {
        sc_core::wait(sc_core::sc_time(static_cast<double>(ns), sc_core::SC_NS) - sc_core::sc_time_stamp());
        ++ended;
      }
    });
  }
  std::size_t command_count() const override { return ended; }
  debug::EndedCommand command(std::size_t number) const override {
    return {static_cast<u32>(number), number % 2 == 0 ? ErrorCode::none : ErrorCode::bad_opcode, 0, 0,
            1000 * ends_ns.at(number)};
  }
  void reset() override { ++resets; }
  const std::vector<debug::TraceSwitch*>& traces() const override { return none; }

  std::vector<std::uint64_t> ends_ns;
  std::vector<debug::TraceSwitch*> none;
  std::size_t ended = 0;
  int resets = 0;
};

/// Where it stops for those commands, each set when the one before has stopped it, the first at `begin_ns`.
std::string stops_after(const std::vector<debug::CommandStop>& wanted, std::uint64_t begin_ns, double quantum_ns) {
  return in_process([&] {
    const Program program;
    std::string text;
    std::size_t next = 0;
    Script script([&](DebugTarget& target, const StopReason& reason) {
      if (reason.signal == Signal::trap && begin_ns != 0) {
        target.stop_at(1000 * begin_ns);
        return Resume::run;
      }
      if (next != 0) text += fmt::format("{} ps pc {:x}, ", target.time_ps(), *target.read_register(debug::kPc));
      target.stop_after(next < wanted.size() ? std::optional(wanted[next]) : std::nullopt);
      ++next;
      return Resume::run;
    });
    tlm::tlm_global_quantum::instance().set(sc_core::sc_time(quantum_ns, sc_core::SC_NS));
    Bench bench(program.firmware, &script);
    FakeMachine machine({100, 500, 501, 700, 20'000, 20'500, 25'000});
    bench.host.set_machine(machine);
    const std::string end = bench.run();
    return text + end;
  });
}

TEST_CASE("Debugged hart: it stops after the end of a command, at the same place with every quantum") {
  const std::string alone = in_process([] { return Bench(Program().firmware, nullptr).run(); });
  const std::vector<debug::CommandStop> each(8), error{{1, true}, {2, true}}, third{{3, false}, {3, false}};
  // The one at 501 ns is over when the hart, in an instruction at 500 ns, has stopped for that at 500 ns.
  struct Case {
    const std::vector<debug::CommandStop>& wanted;
    std::uint64_t begin_ns;
    std::vector<std::uint64_t> times_ns;  ///< of the ends that it stops after
  };
  for (const Case& each_case :
       {Case{each, 0, {100, 500, 700, 20'000, 20'500, 25'000}}, Case{each, 600, {700, 20'000, 20'500, 25'000}},
        Case{error, 0, {500, 20'500}}, Case{third, 0, {501, 20'500}}}) {
    std::string first;
    for (const double quantum_ns : {0., 1., 7., 100., 10'000.}) {
      const std::string stops = stops_after(each_case.wanted, each_case.begin_ns, quantum_ns);
      INFO(quantum_ns << " ns: " << stops);
      if (first.empty()) first = stops;
      CHECK(stops == first);
    }
    CHECK_THAT(first, Catch::Matchers::EndsWith(", " + alone));
    std::istringstream words(first);
    for (const std::uint64_t ns : each_case.times_ns) {
      std::uint64_t ps = 0;
      std::string unit, pc, place;
      words >> ps >> unit >> pc >> place;
      CHECK(ps > 1000 * ns);          // behind it ...
      CHECK(ps <= 1000 * (ns + 40));  // ... by not more than an instruction
    }
  }
}

TEST_CASE("Debugged hart: reset begins the program again, with its code and data as loaded, awake and asleep") {
  for (const std::uint64_t at_us : {5, 15}) {  // it sleeps from 14.5 to 30 us
    CHECK_THAT(in_process([&] {
                 const Program program;
                 std::unique_ptr<FakeMachine> machine;
                 int stop = 0;
                 std::string seen;
                 Script script([&](DebugTarget& target, const StopReason&) {
                   if (++stop == 1) target.stop_at(1'000'000 * at_us);
                   if (stop != 2) return Resume::run;
                   target.write_register(debug::kFirstCsr + static_cast<int>(csrs::mscratch), 5);
                   const u32 zeros[4] = {};
                   target.write_memory(kSram + 4, reinterpret_cast<const std::uint8_t*>(zeros), sizeof zeros);
                   target.reset();
                   u32 sum = 0;
                   for (int i = 0; i < 32; ++i) sum |= *target.read_register(i);
                   for (const u32 csr : {csrs::mie, csrs::mtvec, csrs::mscratch, csrs::mepc, csrs::mcause}) {
                     sum |= *target.read_register(debug::kFirstCsr + static_cast<int>(csr));
                   }
                   seen =
                       fmt::format("{:#x} {} {} ns", *target.read_register(debug::kPc), sum, target.time_ps() / 1000);
                   return Resume::run;
                 });
                 Bench bench(program.firmware, &script);
                 machine = std::make_unique<FakeMachine>(std::vector<std::uint64_t>{});
                 bench.host.set_machine(*machine);
                 const std::string end = bench.run();
                 return fmt::format("{}; {} resets; {}", seen, machine->resets, end);
               }),
               Contains(fmt::format("0x8000000 0 {}00", at_us)) && Contains(" 1 resets; exit code 5, "));
  }
}

TEST_CASE("Debugged hart: a reset helps a program that cannot go on") {
  Firmware firmware(kSram);  // sleeps for ever where the word at kData is 0
  firmware.load(a0, kData).add({lw(a1, 0, a0), bne(a1, zero, 8), wfi}).load(a4, kFinisher).load(a5, 0x5555);
  firmware.add({sw(a5, 0, a4), j(0)});
  CHECK_THAT(in_process([&] {
               Script script([&](DebugTarget& target, const StopReason& reason) {
                 if (!reason.fatal) return Resume::run;
                 const u32 one = 1;
                 target.write_memory(kData, reinterpret_cast<const std::uint8_t*>(&one), sizeof one);
                 target.reset();
                 return Resume::run;
               });
               return Bench(firmware, &script).run();
             }),
             Contains("exit code 0, "));
}

/// Presses Ctrl-C in the terminal of gdb, whose process has the number in a file, when the program has run for a
/// while.
class Impatient : public debug::Debugger {
 public:
  Impatient(debug::GdbServer& server, std::string pid_file) : server_(server), pid_file_(std::move(pid_file)) {}
  Resume stopped(DebugTarget& target, const StopReason& reason) override { return server_.stopped(target, reason); }
  bool wants_stop() override {
    if (++asked_ == kPatience) {
      pid_t pid = 0;
      std::ifstream(pid_file_) >> pid;
      if (pid > 0) kill(pid, SIGINT);
    }
    return server_.wants_stop();
  }

 private:
  debug::GdbServer& server_;
  const std::string pid_file_;
  static constexpr int kPatience = 10;
  int asked_ = 0;
};

/// What gdb prints that does `commands` with the program, then how the simulation has ended.
std::string gdb(const Firmware& firmware, const std::string& commands, bool impatient = false) {
  alarm(60);  // a gdb that does not come
  debug::GdbServer server(0, {TimerRegisters::register_map()});
  char script[] = "/tmp/flexcim_gdb_XXXXXX";
  const int file = mkstemp(script);
  REQUIRE(file >= 0);
  close(file);
  const std::string pid_file = std::string(script) + ".pid";
  std::ofstream(script) << "set pagination off\nset confirm off\nset width 0\nshell echo $PPID >" << pid_file
                        << "\ntarget remote 127.0.0.1:" << server.port() << "\n"
                        << commands;
  std::FILE* const output =
      popen(fmt::format("timeout 50 gdb-multiarch -nx -batch -x {} 2>&1 </dev/null", script).c_str(), "r");
  REQUIRE(output != nullptr);
  Impatient debugger(server, pid_file);
  Bench bench(firmware, impatient ? static_cast<debug::Debugger*>(&debugger) : &server);
  const std::string end = bench.run(5000);
  server.exited(bench.finisher.exit_code().value_or(-1));
  std::string text;
  char line[256];
  while (std::fgets(line, sizeof line, output) != nullptr) text += line;
  pclose(output);
  std::remove(script);
  std::remove(pid_file.c_str());
  return text + end;
}

TEST_CASE("gdb: attaches before the first instruction, breaks, steps, reads, writes and watches, and sees the end") {
  const Program program;
  const std::string text = gdb(program.firmware, fmt::format(R"(
p/x $pc
break *{0:#x}
hbreak *{1:#x}
continue
p/x $pc
p $t0
stepi
stepi
p $a0
x/i $pc
set $a0 = 0x1234
set $mscratch = 99
p $mscratch
p $mtvec == $ra
set *(int*){2:#x} = 7
delete 1
watch *(int*){2:#x}
continue
p/x *(int*){2:#x}
delete 3
rwatch *(char*){3:#x}
continue
x/i $pc
delete 4
continue
monitor until 20us
continue
monitor time
monitor registers timer mtimecmp
x/i $pc
continue
)",
                                                             program.loop, program.sleep, kData, kData + 1));
  INFO(text);
  for (const char* line :
       {"$1 = 0x8000000\n", "$3 = 300\n", "$4 = 1\n", "=> 0x800004c:\tsw\ta0,0(gp)\n", "$5 = 99\n", "$6 = 1\n",
        "Old value = 7\nNew value = 4660\n", "$7 = 0x1234\n", "Hardware read watchpoint 4: *(char*)0x8001001\n",
        "Value = 18 '\\022'\n", "the next continue stops at 20.000000 us\n", "Program received signal SIGINT", "\n20.0",
        "0x02004000 MTIMECMP             0x0000012c", "=> 0x8000060:\t", "exited with code 05]"}) {
    CHECK_THAT(text, Contains(line));
  }
  CHECK_THAT(text, Contains("exit code 5, "));
}

TEST_CASE("gdb: Ctrl-C stops a program that runs, and it goes on as if nothing had been after detach") {
  Firmware endless(kSram);  // until the debugger sets a1
  endless.add({addi(a0, a0, 1), beq(a1, zero, -4)});
  endless.load(a4, kFinisher).load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
  const std::string text = gdb(endless, "continue\np $a0 > 0\nset $a1 = 1\ndetach\n", true);
  INFO(text);
  CHECK_THAT(text, Contains("received signal SIGINT") && Contains("$1 = 1\n") && Contains("detached") &&
                       Contains("exit code 0, "));
}

TEST_CASE("gdb: a program that cannot go on, one that is killed, and all CSRs") {
  Firmware faulty(kSram);
  faulty.load(a0, 0x4000'0000).add({lw(a1, 0, a0), ebreak, j(0)});
  const auto run = [&](const char* commands) { return in_process([&] { return gdb(faulty, commands); }); };
  CHECK_THAT(run("continue\np/x $pc\nsignal 0\ncontinue\n"), Contains("Program received signal SIGSEGV") &&
                                                                 Contains("$1 = 0x8000008") &&
                                                                 Contains("Program terminated with signal SIGSEGV") &&
                                                                 Contains("host at 0x8000008: load access fault"));
  CHECK_THAT(run("info registers csr\nset $pc += 12\ncontinue\nkill\n"),
             Contains("mstatus        0x1800") && Contains("SIGTRAP") && Contains("killed]") &&
                 Contains("the debugger has killed the program"));
}

}  // namespace
}  // namespace flexcim

// Firmware under a debugger and the machine around it: stops after commands of the accelerator, resets.
#include "platform/debug/machine.h"

#include "tests/platform/debug/debugged_hart_bench.h"
#include "tests/tlm/in_process.h"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <sstream>
#include <sysc/kernel/sc_spawn.h>
#include <vector>

namespace flexcim {
namespace {

using namespace debug::test;
using Catch::Matchers::Contains;
using debug::DebugTarget;
using debug::Resume;
using debug::Signal;
using debug::StopReason;
using flexcim::test::in_process;

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

}  // namespace
}  // namespace flexcim

// Functions of hand-made instruction sequences: who is entered and left when, and what each has spent.
#include "platform/visibility/call_profile.h"

#include "tests/platform/riscv/firmware.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace flexcim {
namespace {

using namespace riscv::test;
using Catch::Matchers::Contains;

constexpr u32 kMain = 0x100, kWork = 0x110, kLeaf = 0x120, kInterruptHandler = 0x130, kEnd = 0x140;

/// Functions of four instructions each.
riscv::ElfFile program() {
  Firmware firmware(kMain);
  for (const char* name : {"main", "work", "leaf", "handler"})
    firmware.function(name).add({nop(), nop(), nop(), nop()});
  return firmware.elf();
}

/// A profile, and what it tells: "main@0 { work@3 { }@5".
struct Run : CallListener {
  const riscv::ElfFile elf = program();
  CallProfile profile{elf, this};
  std::string calls;
  std::uint64_t cycle = 0;
  u32 pc = kMain;  ///< of the next instruction

  Run() { profile.begin(kMain); }
  /// An instruction that takes `cycles`.
  Run& step(u32 at, u32 bits, u32 next, std::uint64_t cycles = 1) {
    cycle += cycles;
    profile.executed(at, riscv::decode(bits), next, cycle);
    pc = next;
    return *this;
  }
  Run& trap(u32 at, u32 cause, std::uint64_t cycles = 2) {
    cycle += cycles;
    profile.trapped({at, cause, 0}, kInterruptHandler, cycle);
    pc = kInterruptHandler;
    return *this;
  }
  void finish() { profile.finish(pc, cycle); }
  const CallProfile::Function& of(const std::string& name) const {
    for (const auto& function : profile.functions()) {
      if (function.name == name) return function;
    }
    throw std::logic_error("no function " + name);
  }
  void entered(std::size_t function, std::uint64_t at) override {
    calls += fmt::format("{}@{} {{ ", profile.functions()[function].name, at);
  }
  void left(std::uint64_t at) override { calls += fmt::format("}}@{} ", at); }
};

/// jal and jalr as the assembler has them: call, ret, and a jump into a register's address.
u32 call(u32 from, u32 to) { return jal(ra, static_cast<int>(to - from)); }
u32 jump(u32 from, u32 to) { return jal(zero, static_cast<int>(to - from)); }
const u32 ret = jalr(zero, 0, ra), jump_t1 = jalr(zero, 0, t1);

}  // namespace

TEST_CASE("Call profile: calls and returns nest, cycles are the caller's and the callee's own") {
  Run run;
  run.step(kMain, nop(), kMain + 4, 10).step(kMain + 4, call(kMain + 4, kWork), kWork, 2);
  run.step(kWork, call(kWork, kLeaf), kLeaf, 2).step(kLeaf, nop(), kLeaf + 4, 7).step(kLeaf + 4, ret, kWork + 4, 2);
  run.step(kWork + 4, jalr(ra, 0, t1), kLeaf, 2).step(kLeaf, ret, kWork + 8, 3).step(kWork + 8, ret, kMain + 8, 2);
  run.step(kMain + 8, nop(), kMain + 12, 5).finish();
  CHECK(run.calls == "main@0 { work@12 { leaf@14 { }@23 leaf@25 { }@28 }@30 }@35 ");
  CHECK(run.of("main").self_cycles == 10 + 2 + 5);
  CHECK(run.of("work").self_cycles == 2 + 2 + 2);
  CHECK(run.of("leaf").self_cycles == 7 + 2 + 3);
  CHECK(run.of("leaf").total_cycles == 12);
  CHECK(run.of("work").total_cycles == 6 + 12);
  CHECK(run.of("main").total_cycles == 35);
  CHECK(run.of("leaf").calls == 2);
  CHECK(run.of("main").calls == 1);
  CHECK(run.of("leaf").instructions == 3);
  CHECK(run.profile.instructions() == 9);
  CHECK(run.profile.cycles() == 35);
}

TEST_CASE("Call profile: a tail call, a branch and running into the next function replace who is innermost") {
  Run run;
  run.step(kMain, call(kMain, kWork), kWork).step(kWork, jump(kWork, kLeaf), kLeaf).step(kLeaf, ret, kMain + 4);
  run.step(kMain + 4, nop(), kMain + 8).step(kMain + 8, nop(), kMain + 12).step(kMain + 12, nop(), kWork);
  run.step(kWork, jump_t1, kWork + 8).step(kWork + 8, beq(zero, zero, 12), kLeaf + 4).step(kLeaf + 4, nop(), kLeaf + 8);
  run.finish();
  CHECK(run.calls == "main@0 { work@1 { }@2 leaf@2 { }@3 }@6 work@6 { }@8 leaf@8 { }@9 ");
  CHECK(run.of("work").calls == 2);
  CHECK(run.of("leaf").calls == 1);  // the branch went into its middle
  CHECK(run.profile.cycles() == 9);
}

TEST_CASE("Call profile: of recursion the whole counts once") {
  Run run;
  run.step(kMain, call(kMain, kWork), kWork).step(kWork, call(kWork, kWork), kWork);
  run.step(kWork, nop(), kWork + 4, 5).step(kWork + 4, ret, kWork + 4).step(kWork + 4, ret, kMain + 4).finish();
  CHECK(run.of("work").calls == 2);
  CHECK(run.of("work").self_cycles == 8);
  CHECK(run.of("work").total_cycles == 8);
  CHECK(run.of("main").total_cycles == 9);
}

TEST_CASE("Call profile: x5 links as x1 does, and a jump that reads one and writes the other does both") {
  Run run;  // as -msave-restore has it, and a coroutine
  run.step(kMain, jal(t0, static_cast<int>(kLeaf - kMain)), kLeaf).step(kLeaf, jalr(zero, 0, t0), kMain + 4);
  run.step(kMain + 4, call(kMain + 4, kWork), kWork).step(kWork, jalr(t0, 0, ra), kMain + 8);
  run.step(kMain + 8, nop(), kMain + 12);
  CHECK(run.calls == "main@0 { leaf@1 { }@2 work@3 { }@4 main@4 { ");
}

TEST_CASE("Call profile: a return beyond several callers leaves them all, one to nobody is a jump") {
  Run run;
  run.step(kMain, call(kMain, kWork), kWork).step(kWork, call(kWork, kLeaf), kLeaf).step(kLeaf, ret, kMain + 4);
  CHECK(run.calls == "main@0 { work@1 { leaf@2 { }@3 }@3 ");
  run.step(kMain + 4, ret, kWork + 8).step(kWork + 8, nop(), kWork + 12).finish();
  CHECK(run.calls == "main@0 { work@1 { leaf@2 { }@3 }@3 }@4 work@4 { }@5 ");
}

TEST_CASE("Call profile: traps have stacks of their own, which nobody's cycles count") {
  Run run;
  run.step(kMain, call(kMain, kWork), kWork).step(kWork, nop(), kWork + 4);
  run.trap(kWork + 4, 0x8000'000B).step(kInterruptHandler, call(kInterruptHandler, kLeaf), kLeaf);
  run.trap(kLeaf, riscv::load_access).step(kInterruptHandler, mret, kLeaf + 4, 2);  // in the first one
  run.step(kLeaf + 4, ret, kInterruptHandler + 4).step(kInterruptHandler + 4, mret, kWork + 4, 2);
  run.step(kWork + 4, ret, kMain + 4).step(kMain + 4, nop(), kMain + 8).finish();
  CHECK(run.calls == "main@0 { work@1 { handler@4 { leaf@5 { handler@7 { }@9 }@10 }@12 }@13 }@14 ");
  CHECK(run.of("handler").calls == 2);
  CHECK(run.of("work").self_cycles == 1 + 2 + 1);  // entering a handler is charged to who is interrupted
  CHECK(run.of("work").total_cycles == 4);
  CHECK(run.of("main").total_cycles == 2 + 4);
  CHECK(run.of("handler").self_cycles == 1 + 2 + 2);
  CHECK(run.of("handler").total_cycles == 2 + (1 + 3 + 2));  // leaf's own 2 + 1, without the trap in it
  CHECK(run.profile.cycles() == 14);
}

TEST_CASE("Call profile: mret without a trap goes on where it leads, as start-up code does it") {
  Run run;
  run.step(kMain, mret, kWork).step(kWork, nop(), kWork + 4);
  CHECK(run.calls == "main@0 { }@1 work@1 { ");
}

TEST_CASE("Call profile: sleep is nobody's, code without symbol is a function of its own") {
  Run run;
  run.step(kMain, wfi, kMain + 4);
  run.cycle += 1000;
  run.profile.slept(run.cycle);
  run.step(kMain + 4, jump(kMain + 4, kEnd + 8), kEnd + 8).step(kEnd + 8, nop(), kEnd + 12).finish();
  CHECK(run.profile.sleep_cycles() == 1000);
  CHECK(run.of("main").self_cycles == 2);
  CHECK(run.of("main").total_cycles == 2);
  CHECK(run.of("?").self_cycles == 1);
  CHECK(run.profile.cycles() == 1003);
  const std::string text = profile_text(run.profile, "f.elf", 1000);
  CHECK_THAT(text, Contains("# f.elf: cycles of 1000 ps") && Contains("  66.67") && Contains("1003") &&
                       Contains("(asleep)") && Contains("(sum)") && !Contains("leaf"));
}

TEST_CASE("Call profile: calls without end take no memory without end") {
  Run run;
  for (std::size_t i = 0; i < 2 * CallProfile::deepest; ++i) run.step(kMain, call(kMain, kMain), kMain);
  for (int i = 0; i < 1000; ++i) run.trap(kMain, riscv::ecall_machine);
  run.finish();
  CHECK(run.profile.cycles() == 2 * CallProfile::deepest + 2000);
  CHECK(std::count(run.calls.begin(), run.calls.end(), '{') == std::count(run.calls.begin(), run.calls.end(), '}'));
}

}  // namespace flexcim

// Who has called: at every instruction of programs that do what compilers do, and where it cannot be told.
#include "platform/riscv/backtrace.h"

#include "tests/platform/riscv/firmware.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <random>
#include <string>

namespace flexcim::riscv::test {
namespace {

constexpr u32 kStackTop = kMemory + kMemoryBytes;
constexpr u32 c_addi16sp_minus_64 = 0x7139, c_swsp_ra_60 = 0xDE06, c_lwsp_ra_60 = 0x50F2, c_addi16sp_64 = 0x6121,
              c_jr_ra = 0x8082;
constexpr u32 ret = 0x0000'8067;
u32 sub(u32 rd, u32 rs1, u32 rs2) { return r_type(0x33, 0, 0x20, rd, rs1, rs2); }

/// A machine with the program in its memory.
struct Loaded : Machine {
  explicit Loaded(const Firmware& firmware) : elf(firmware.elf()) {
    elf.load({*hart.find_memory(kMemory)});
    hart.set_pc(elf.entry());
  }
  std::string trace() const {
    const Backtrace trace = backtrace(hart, elf);
    std::string text;
    for (const Caller& caller : trace.callers) {
      text += fmt::format("{}{} ", caller.trapped ? "!" : "", elf.symbol(caller.pc));
    }
    return text + (trace.end == Backtrace::End::outermost ? "." : trace.end == Backtrace::End::unsure ? "?" : "...");
  }
  ElfFile elf;
};

constexpr u32 call_leaf = 0, call_save = 0xFFFF'FFFF;

/// _start calls main, which calls work: `body`, with the calls above in it.
Firmware program_of(std::vector<u32> body) {
  Firmware program(kMemory);
  const u32 leaf = kMemory + 0x8, save = leaf + 0x10, main = save + 0xC, work = main + 0x20;
  program.function("_start").add({jal(ra, static_cast<int>(main - kMemory)), c_j_self, c_nop});
  program.function("leaf").add({bne(a0, zero, 8), ret, li(a1, 3), ret});
  program.function("save").add({addi(sp, sp, -16), sw(ra, 12, sp), jalr(zero, 0, t0)});
  program.function("main").add({addi(sp, sp, -16), sw(ra, 12, sp), li(a0, 0),
                                jal(ra, static_cast<int>(work - main - 12)), lw(ra, 12, sp), li(a0, 7),
                                addi(sp, sp, 16), ret});
  u32 at = work;
  for (u32& instruction : body) {
    if (instruction == call_leaf) instruction = jal(ra, static_cast<int>(leaf - at));
    if (instruction == call_save) instruction = jal(t0, static_cast<int>(save - at));
    at += is_long(instruction) ? 4 : 2;
  }
  return program.function("work").add(body);
}

/// Runs until the hart is at `end`, with a list of calls beside it.
void compare_at_every_instruction(Loaded& m, const std::string& end) {
  std::vector<std::string> callers;  // the outermost first
  for (int step = 0; step < 60 && m.elf.symbol(m.hart.pc()) != end; ++step) {
    std::string expected;
    for (auto caller = callers.rbegin(); caller != callers.rend(); ++caller) expected += *caller + " ";
    const std::string here = m.elf.symbol(m.hart.pc());
    INFO(here);
    CHECK(m.trace() == expected + ".");
    u32 bits = 0;
    std::memcpy(&bits, &m.memory[m.hart.pc() - kMemory], sizeof bits);
    const Instruction done = decode(bits);
    REQUIRE(m.hart.run(1) == Stop::budget);
    const bool jumps = done.operation == Operation::jal || done.operation == Operation::jalr;
    if (jumps && done.rd == ra) callers.push_back(here);
    if (done.operation == Operation::jalr && done.rs1 == ra) callers.pop_back();
  }
  CHECK(m.elf.symbol(m.hart.pc()) == end);
  CHECK(m.hart.reg(sp) == kStackTop);
}

TEST_CASE("Backtrace: at every instruction of what compilers make of a function it is who has called") {
  const std::vector<std::pair<const char*, std::vector<u32>>> bodies{
      {"a small frame",
       {addi(sp, sp, -32), sw(ra, 28, sp), sw(s0, 24, sp), call_leaf, lw(ra, 28, sp), addi(sp, sp, 32), ret}},
      {"compressed", {c_addi16sp_minus_64, c_swsp_ra_60, call_leaf, c_lwsp_ra_60, c_addi16sp_64, c_jr_ra}},
      {"a large frame",
       {addi(sp, sp, -2032), sw(ra, 2028, sp), lui(t0, 1), addi(t0, t0, -8), sub(sp, sp, t0), call_leaf, lui(t1, 1),
        addi(t1, t1, -8), add(sp, sp, t1), lw(ra, 2028, sp), addi(sp, sp, 2032), ret}},
      {"a frame pointer, and stack whose size is computed",
       {addi(sp, sp, -16), sw(ra, 12, sp), sw(s0, 8, sp), addi(s0, sp, 16), csrr(a5, csrs::mcycle),
        i_type(0x13, 7, a5, a5, 0x70), sub(sp, sp, a5), call_leaf, addi(sp, s0, -16), lw(ra, 12, sp), lw(s0, 8, sp),
        addi(sp, sp, 16), ret}},
      {"a way that needs no frame, and an end in the middle",
       {bne(a0, zero, 4 * 10), addi(sp, sp, -16), sw(ra, 12, sp), beq(a0, zero, 4 * 4), lw(ra, 12, sp),
        addi(sp, sp, 16), ret, call_leaf, lw(ra, 12, sp), beq(zero, zero, -4 * 4), ret}},
      {"a switch",
       {addi(sp, sp, -16), sw(ra, 12, sp), auipc(a5, 0), addi(a5, a5, 4 * 4), jalr(zero, 0, a5), c_nop, c_nop,
        call_leaf, lw(ra, 12, sp), addi(sp, sp, 16), ret}},
      {"a routine that saves the registers", {call_save, call_leaf, lw(ra, 12, sp), addi(sp, sp, 16), ret}}};
  for (const auto& [what, body] : bodies) {
    INFO(what);
    Loaded m(program_of(body));
    m.hart.set_reg(sp, kStackTop);
    compare_at_every_instruction(m, "_start+0x4");
  }
}

/// A program whose main, called by _start, is `body`; sp is the stack's top when it has been called.
Loaded in_main(const std::vector<u32>& body, std::uint64_t instructions) {
  Firmware program(kMemory);
  program.function("_start").add({jal(ra, 8), c_j_self, c_nop}).function("main").add(body).add({nop()});
  Loaded m(program);
  m.hart.set_reg(sp, kStackTop);
  m.hart.run(1 + instructions);
  return m;
}

TEST_CASE("Backtrace: it ends where nobody is known, and does not guess") {
  const std::vector<u32> frame{addi(sp, sp, -16), sw(ra, 12, sp), li(ra, 0), lui(t0, kMemory >> 12)};
  const auto behind_frame = [&](std::vector<u32> more) {
    more.insert(more.begin(), frame.begin(), frame.end());
    return more;
  };
  struct Case {
    const char* what;
    std::vector<u32> body;
    std::uint64_t instructions;
    const char* trace;
  };
  const std::vector<Case> cases{
      {"an address that is no function, called",
       {lui(a0, 0x40000), addi(sp, sp, -16), sw(ra, 12, sp), jalr(ra, 0, a0)},
       4,
       "main+0xc _start ."},
      {"... or jumped to", {lui(a0, 0x40000), jalr(zero, 0, a0)}, 2, "_start ."},
      {"data run as code",
       {lui(a0, kMemory >> 12), i_type(0x13, 6, a0, a0, 0x400), jalr(ra, 0, a0)},
       3,
       "main+0x8 ?"},  // it reaches to the last function's end; main has overwritten ra
      {"the saved return address overwritten", behind_frame({sw(t0, 12, sp)}), 5, "?"},
      {"... by one that no call stands before", behind_frame({addi(t0, t0, 2), sw(t0, 12, sp)}), 6, "?"},
      {"a stack pointer that is not followed", behind_frame({lw(sp, 0, t0)}), 5, "?"},
      {"ra overwritten", {li(ra, 4)}, 1, "?"}};
  for (const Case& each : cases) {
    INFO(each.what);
    CHECK(in_main(each.body, each.instructions).trace() == each.trace);
  }
  Loaded m = in_main(frame, 3);
  CHECK(m.trace() == "_start .");
  m.hart.set_reg(sp, 0x4000'0000);  // where no memory is
  CHECK(m.trace() == "?");
}

TEST_CASE("Backtrace: endless recursion is shown as far as there is room") {
  const Loaded m = in_main({addi(sp, sp, -16), sw(ra, 12, sp), jal(ra, -8)}, 3 * 100);
  const Backtrace trace = backtrace(m.hart, m.elf);
  CHECK(trace.callers.size() == kMostCallers);
  CHECK(trace.end == Backtrace::End::too_many);
}

TEST_CASE("Backtrace: out of a trap handler, to the instruction that has trapped and its callers") {
  const auto trapped_in_handler = [](const std::vector<u32>& handler, std::uint64_t instructions) {
    Firmware program(kMemory);
    program.function("_start").add({jal(ra, 8), c_j_self, c_nop});
    program.function("main").add({addi(sp, sp, -16), sw(ra, 12, sp), jal(ra, 8), c_j_self, c_nop});
    program.function("work").add({addi(a0, a0, 1), ecall}).function("handler").add(handler);
    program.function("report").add({nop(), nop()});
    Loaded m(program);
    m.hart.set_reg(sp, kStackTop);
    m.hart.set_csr(csrs::mtvec, kMemory + 0x8 + 0x10 + 0x8);
    m.hart.run(6 + instructions);
    return m.trace();
  };
  const std::vector<u32> handler{addi(sp, sp, -16), sw(ra, 4, sp), sw(a0, 0, sp), jal(ra, 16),
                                 lw(ra, 4, sp),     lw(a0, 0, sp), mret};
  for (const std::uint64_t instructions : {0, 1, 2, 3}) {
    CHECK(trapped_in_handler(handler, instructions) == "!work+0x4 main+0x8 _start .");
  }
  CHECK(trapped_in_handler(handler, 4) == "handler+0xc !work+0x4 main+0x8 _start .");
  // A trap in the handler overwrites mepc.
  CHECK(trapped_in_handler({nop(), ebreak}, 2) == "!handler+0x4 ?");
}

TEST_CASE("Backtrace: whatever is in memory and registers, it ends") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<u32> body;
    for (int i = 0; i < 200; ++i) {
      const auto bits = static_cast<u32>(random());
      const std::vector<u32> often{addi(sp, sp, static_cast<int>(bits % 256) * 8 - 1024), sw(ra, 12, sp), jal(ra, -40),
                                   bne(a0, zero, static_cast<int>(bits % 64) * 2 - 64), bits | 3};
      body.push_back(often[bits / 256 % often.size()]);
    }
    Loaded m = in_main(body, random() % 400);
    for (const u32 number : {ra, sp, s0}) {
      if (random() % 2 == 0) m.hart.set_reg(static_cast<int>(number), kMemory + static_cast<u32>(random()) % 0x12000);
    }
    m.hart.set_pc(kMemory + 8 + static_cast<u32>(random()) % 800);
    m.hart.set_csr(csrs::mtvec, kMemory + 8);
    m.hart.set_csr(csrs::mepc, kMemory + static_cast<u32>(random()) % 0x400);
    CHECK(backtrace(m.hart, m.elf).callers.size() <= kMostCallers);
  }
}

}  // namespace
}  // namespace flexcim::riscv::test

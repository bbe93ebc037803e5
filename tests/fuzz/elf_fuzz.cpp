// An ELF file: read, loaded into the SoC's memories, its symbols asked for, its first instructions executed, and a
// backtrace taken of where they have come to.
#include "platform/riscv/backtrace.h"
#include "platform/riscv/elf.h"
#include "tests/fuzz/target.h"

#include <vector>

using namespace flexcim;
using namespace flexcim::riscv;

namespace {

/// A bus with nothing on it.
struct NoBus : Bus {
  bool read(std::uint32_t /*address*/, unsigned /*bytes*/, std::uint32_t& /*value*/) override { return false; }
  bool write(std::uint32_t /*address*/, unsigned /*bytes*/, std::uint32_t /*value*/) override { return false; }
  void need_memory(std::uint32_t /*address*/) override {}
};

constexpr std::uint32_t kBytes = 1 << 16, kSram = 0x0800'0000, kDram = 0x8000'0000;
constexpr int kInstructions = 2000;

void run(const ElfFile& elf) {
  std::vector<std::uint8_t> sram(kBytes), dram(kBytes);
  const std::vector<Memory> memories{{kSram, kSram + kBytes - 1, sram.data()},
                                     {kDram, kDram + kBytes - 1, dram.data()}};
  elf.load(memories);
  NoBus bus;
  Hart hart(bus);
  for (const Memory& memory : memories) hart.map(memory);
  hart.set_pc(elf.entry());
  hart.set_reg(2, kDram + kBytes);
  for (int i = 0; i < 4; ++i) {
    hart.run(kInstructions / 4);
    for (const Caller& caller : backtrace(hart, elf).callers) elf.symbol(caller.pc);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::takes("f.elf", [&] {
    const ElfFile elf(fuzz::text_of(data, size), "f.elf");
    for (const std::uint32_t address : {0u, kSram, kDram, elf.entry(), 0xFFFF'FFFFu}) elf.symbol(address);
    if (elf.end_in(kDram, kDram + kBytes - 1) < kDram) fuzz::finding("an end before the beginning");
    run(elf);
  });
  return 0;
}

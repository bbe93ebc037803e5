#include "platform/riscv/elf.h"

#include "flow/base/error.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

namespace flexcim::riscv {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

void put16(std::string& file, std::size_t at, unsigned value) {
  if (file.size() < at + 2) file.resize(at + 2);
  for (unsigned i = 0; i < 2; ++i) file[at + i] = static_cast<char>(value >> 8 * i);
}
void put32(std::string& file, std::size_t at, std::uint32_t value) {
  put16(file, at, value & 0xFFFF);
  put16(file, at + 2, value >> 16);
}

constexpr std::size_t kProgramHeaders = 52, kSectionHeaders = 0x200, kSymbols = 0x300, kNames = 0x400, kCode = 0x100;

/// Two segments: code of 16 bytes at 0x80000000, which occupies 32; data of 4 bytes that is loaded at 0x80000100 and
/// runs at 0x08000000. Functions main at 0x80000004 (8 bytes) and _start, a label, at 0x80000000.
std::string small_elf() {
  std::string file(
      "\x7f"
      "ELF\1\1\1",
      7);
  put16(file, 16, 2);
  put16(file, 18, 243);
  put32(file, 24, 0x8000'0000);
  put32(file, 28, kProgramHeaders);
  put32(file, 32, kSectionHeaders);
  put32(file, 36, 1);  // compressed instructions
  put16(file, 42, 32);
  put16(file, 44, 2);
  put16(file, 46, 40);
  put16(file, 48, 4);
  const auto segment = [&](std::size_t index, std::uint32_t offset, std::uint32_t run, std::uint32_t load,
                           std::uint32_t in_file, std::uint32_t in_memory) {
    const std::size_t at = kProgramHeaders + 32 * index;
    put32(file, at, 1);
    put32(file, at + 4, offset);
    put32(file, at + 8, run);
    put32(file, at + 12, load);
    put32(file, at + 16, in_file);
    put32(file, at + 20, in_memory);
  };
  segment(0, kCode, 0x8000'0000, 0x8000'0000, 16, 32);
  segment(1, kCode + 16, 0x0800'0000, 0x8000'0100, 4, 4);
  for (unsigned i = 0; i < 20; i += 4) put32(file, kCode + i, 0x1111'1111 * (i / 4 + 1));
  const auto section = [&](std::size_t index, std::uint32_t type, std::uint32_t flags, std::uint32_t address,
                           std::uint32_t offset, std::uint32_t size, std::uint32_t link) {
    const std::size_t at = kSectionHeaders + 40 * index;
    put32(file, at + 4, type);
    put32(file, at + 8, flags);
    put32(file, at + 12, address);
    put32(file, at + 16, offset);
    put32(file, at + 20, size);
    put32(file, at + 24, link);
  };
  section(1, 1, 6, 0x8000'0000, kCode, 16, 0);
  section(2, 2, 0, 0, kSymbols, 5 * 16, 3);
  const char names[] = "\0main\0_start\0$x\0table";
  section(3, 3, 0, 0, kNames, sizeof names, 0);
  file.resize(kNames);
  file.append(names, sizeof names);
  const auto symbol = [&](std::size_t index, std::uint32_t name, std::uint32_t value, std::uint32_t size, unsigned type,
                          unsigned home) {
    const std::size_t at = kSymbols + 16 * index;
    put32(file, at, name);
    put32(file, at + 4, value);
    put32(file, at + 8, size);
    file[at + 12] = static_cast<char>(0x10 | type);
    put16(file, at + 14, home);
  };
  symbol(1, 1, 0x8000'0004, 8, 2, 1);
  symbol(2, 6, 0x8000'0000, 0, 0, 1);
  symbol(3, 13, 0x8000'0008, 0, 0, 1);  // a mapping symbol
  symbol(4, 16, 0x8000'000C, 4, 1, 1);  // data
  return file;
}

struct Memories {
  std::vector<std::uint8_t> dram = std::vector<std::uint8_t>(0x200, 0xEE), sram = std::vector<std::uint8_t>(16, 0xEE);
  std::vector<Memory> list(std::uint32_t dram_bytes = 0x200) {
    Memory a, b;
    a.first = 0x8000'0000, a.last = a.first + dram_bytes - 1, a.data = dram.data();
    b.first = 0x0800'0000, b.last = b.first + 15, b.data = sram.data();
    return {b, a};
  }
};

TEST_CASE("ELF: segments go where they are to be loaded, functions have names") {
  const ElfFile elf(small_elf(), "small.elf");
  CHECK(elf.entry() == 0x8000'0000);
  Memories memories;
  elf.load(memories.list());
  CHECK(memories.dram[0] == 0x11);
  CHECK(memories.dram[15] == 0x44);
  CHECK(memories.dram[16] == 0xEE);
  CHECK(memories.dram[0x100] == 0x55);
  CHECK(memories.sram[0] == 0xEE);
  CHECK(elf.symbol(0x8000'0000) == "_start");
  CHECK(elf.symbol(0x8000'0002) == "_start+0x2");
  CHECK(elf.symbol(0x8000'0004) == "main");
  CHECK(elf.symbol(0x8000'000A) == "main+0x6");
  CHECK(elf.symbol(0x8000'000C).empty());
  CHECK(elf.symbol(0x7FFF'FFFF).empty());
}

TEST_CASE("ELF: what its segments occupy of a memory ends behind the last one, loaded or running") {
  const ElfFile elf(small_elf(), "small.elf");
  CHECK(elf.end_in(0x8000'0000, 0x8000'FFFF) == 0x8000'0104);
  CHECK(elf.end_in(0x8000'0000, 0x8000'00FF) == 0x8000'0020);
  CHECK(elf.end_in(0x0800'0000, 0x0800'FFFF) == 0x0800'0004);
  CHECK(elf.end_in(0x9000'0000, 0x9000'FFFF) == 0x9000'0000);
}

TEST_CASE("ELF: what is no firmware for this hart is refused by name") {
  const auto refusal = [](std::size_t at, char value) {
    std::string file = small_elf();
    file[at] = value;
    try {
      const ElfFile elf(file, "small.elf");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal(0, 0) == "small.elf: is not an ELF file");
  CHECK_THAT(refusal(4, 2), StartsWith("small.elf: has not 32 bits"));
  CHECK(refusal(5, 2) == "small.elf: is not little-endian");
  CHECK(refusal(18, 40) == "small.elf: is not for RISC-V but for machine 40");
  CHECK_THAT(refusal(16, 3), Contains("fixed addresses"));
  CHECK_THAT(refusal(36, 1 | 2), Contains("floating point"));
  CHECK_THAT(refusal(36, 1 | 8), Contains("RV32E"));
  CHECK(refusal(24, 1) == "small.elf: has no instruction at its entry 0x80000001");
  CHECK(refusal(24, 32) == "small.elf: has no instruction at its entry 0x80000020");
  CHECK_THAT(refusal(42, 31), Contains("program header"));
  CHECK_THAT(refusal(46, 39), Contains("section header"));
  CHECK_THAT(refusal(31, 1), Contains("the table of segments would end at byte"));
  CHECK_THAT(refusal(35, 1), Contains("the table of sections would end at byte"));
  CHECK_THAT(refusal(kProgramHeaders + 7, 1), Contains("a segment would end at byte"));
  CHECK_THAT(refusal(kProgramHeaders + 16, 33), Contains("segment 0 has more bytes in the file than in memory"));
  CHECK_THAT(refusal(kSectionHeaders + 80 + 24, 4), Contains("without names"));
  CHECK_THAT(refusal(kSectionHeaders + 80 + 22, 1), Contains("the table of symbols would end at byte"));
  CHECK_THROWS_WITH(ElfFile("", "empty"), "empty: is not an ELF file");
  CHECK_THROWS_AS(ElfFile::read("/nowhere/firmware.elf"), InputError);
}

TEST_CASE("ELF: a segment outside of memory is refused, and nothing is loaded") {
  const ElfFile elf(small_elf(), "small.elf");
  Memories memories;
  CHECK_THROWS_WITH(elf.load(memories.list(0x100)),
                    "small.elf: a segment is loaded at 0x80000100 to 0x80000103, where there is no memory");
  CHECK_THROWS_WITH(elf.load(memories.list(0x18)),
                    "small.elf: a segment runs at 0x80000000 to 0x8000001f, where there is no memory");
  CHECK(memories.dram == std::vector<std::uint8_t>(0x200, 0xEE));
  std::string far = small_elf();
  put32(far, kProgramHeaders + 20, 0xFFFF'FFFF);
  CHECK_THROWS_WITH(ElfFile(far, "far.elf").load(memories.list()),
                    "far.elf: a segment runs at 0x80000000 to 0x17ffffffe, where there is no memory");
}

TEST_CASE("ELF: a segment without bytes is none, and files that would need more memory than they have are refused") {
  std::string file = small_elf();
  put32(file, kProgramHeaders + 32 + 16, 0);
  put32(file, kProgramHeaders + 32 + 20, 0);
  Memories memories;
  ElfFile(file, "small.elf").load(memories.list(0x20));  // the second segment would lie behind
  put32(file, kProgramHeaders + 16, 0);
  put32(file, kProgramHeaders + 20, 0);
  CHECK_THROWS_WITH(ElfFile(file, "none.elf"), "none.elf: has no instruction at its entry 0x80000000");

  std::string shared = small_elf();  // both have the whole file
  const auto size = static_cast<std::uint32_t>(shared.size());
  for (const std::size_t header : {kProgramHeaders, kProgramHeaders + 32}) {
    put32(shared, header + 4, 0);
    put32(shared, header + 16, size);
    put32(shared, header + 20, size);
  }
  CHECK_THROWS_WITH(ElfFile(shared, "shared.elf"),
                    "shared.elf: segment 1 has bytes of the file that other segments have");
  std::string symbols = small_elf();
  for (std::size_t i = 0; i < 40; i += 4) {  // another section, the same
    std::uint32_t word = 0;
    std::memcpy(&word, &symbols[kSectionHeaders + 80 + i], sizeof word);
    put32(symbols, kSectionHeaders + 160 + i, word);
  }
  put16(symbols, 48, 5);
  CHECK_THROWS_WITH(ElfFile(symbols, "symbols.elf"), "symbols.elf: has two symbol tables");
  std::string long_name = small_elf() + std::string(100'000, 'x');
  put32(long_name, kSymbols + 16, 1);
  put32(long_name, kSectionHeaders + 120 + 16, size - 1);
  put32(long_name, kSectionHeaders + 120 + 20, 100'000);
  CHECK(ElfFile(long_name, "long.elf").symbol(0x8000'0004) == std::string(1000, 'x'));
}

/// Whatever it is, it is read or refused.
void survive(const std::string& file) {
  try {
    const ElfFile elf(file, "fuzz.elf");
    for (const std::uint32_t address : {0u, 0x8000'0000u, 0x8000'0004u, 0xFFFF'FFFFu}) elf.symbol(address);
    Memories memories;
    elf.load(memories.list());
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), StartsWith("fuzz.elf: "));
  }
}

TEST_CASE("ELF: files that are cut off or damaged are read or refused, never more") {
  const std::string whole = small_elf();
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 64) {
    // In memory of its own, so that a sanitizer sees what lies behind.
    survive(std::string(whole.data(), size));
  }
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string file = whole;
    // Headers, not contents.
    const std::size_t parts[][2] = {{4, 48}, {kProgramHeaders, 64}, {kSectionHeaders, 160}, {kSymbols, 80}};
    for (unsigned flips = 1 + static_cast<unsigned>(random()) % 3; flips > 0; --flips) {
      const auto& part = parts[random() % std::size(parts)];
      const std::size_t at = part[0] + random() % part[1];
      const auto bits = static_cast<unsigned>(random());
      file[at] = static_cast<char>(bits % 4 == 0 ? 0xFF : file[at] ^ static_cast<char>(1u << bits / 4 % 8));
    }
    survive(file);
  }
}

}  // namespace
}  // namespace flexcim::riscv

// Small programs as the ELF files that a linker would make of them.
#pragma once

#include "platform/riscv/elf.h"
#include "tests/platform/riscv/assembler.h"

#include <string>
#include <utility>
#include <vector>

namespace flexcim::riscv::test {

/// Code from `address` on, one segment, which is where it begins.
class Firmware {
 public:
  explicit Firmware(u32 address) : address_(address) {}

  Firmware& add(const std::vector<u32>& instructions) {
    for (const u32 instruction : instructions) {
      code_.append(reinterpret_cast<const char*>(&instruction), is_long(instruction) ? 4 : 2);
    }
    return *this;
  }
  /// Any value, in two instructions of 32 bits.
  Firmware& load(u32 rd, u32 value) {
    return add({lui(rd, ((value + 0x800) >> 12) & 0xFFFFF), addi(rd, rd, static_cast<int>(value << 20) >> 20)});
  }
  /// A function without size begins here.
  Firmware& function(const std::string& name) {
    functions_.emplace_back(name, here());
    return *this;
  }
  u32 here() const { return address_ + static_cast<u32>(code_.size()); }

  ElfFile elf() const { return {file(), "firmware.elf"}; }
  /// The ELF file's bytes.
  std::string file() const {
    std::string file(
        "\x7f"
        "ELF\1\1\1",
        7);
    constexpr u32 kSegments = 52, kSections = 84, kCode = kSections + 4 * 40;
    std::string names(1, '\0'), symbols(16, '\0');
    for (const auto& [name, at] : functions_) {
      put(symbols, symbols.size(), {static_cast<u32>(names.size()), at, 0, 1u << 16 | 0x10});
      names += name + '\0';
    }
    const u32 code_bytes = static_cast<u32>(code_.size()), names_at = kCode + code_bytes;
    const u32 symbols_at = names_at + static_cast<u32>(names.size());
    put(file, 16, {2 | 243u << 16, 1, address_, kSegments, kSections, 1, 52 | 32u << 16, 1 | 40u << 16, 4});
    put(file, kSegments, {1, kCode, address_, address_, code_bytes, code_bytes, 5, 4});
    put(file, kSections + 40, {0, 1, 6, address_, kCode, code_bytes});
    put(file, kSections + 80, {0, 2, 0, 0, symbols_at, static_cast<u32>(symbols.size()), 3});
    put(file, kSections + 120, {0, 3, 0, 0, names_at, static_cast<u32>(names.size())});
    file.resize(kCode);
    return file + code_ + names + symbols;
  }

 private:
  static void put(std::string& file, std::size_t at, const std::vector<u32>& words) {
    if (file.size() < at + 4 * words.size()) file.resize(at + 4 * words.size());
    std::memcpy(&file[at], words.data(), 4 * words.size());
  }

  u32 address_;
  std::string code_;
  std::vector<std::pair<std::string, u32>> functions_;
};

}  // namespace flexcim::riscv::test

// Firmware as the linker leaves it: an executable in ELF (System V ABI, RISC-V ELF psABI 1.0).
#pragma once

#include "platform/riscv/hart.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim::riscv {

/// A statically linked executable for RV32 without floating point, little-endian.
class ElfFile {
 public:
  /// `bytes`: the file, `name`: how messages call it. Throws InputError that names the file and says what is wrong: no
  /// ELF, another class, byte order, machine or ABI, not executable, tables or contents beyond the file's end, an entry
  /// outside of its segments.
  ElfFile(std::string_view bytes, std::string name);
  /// Throws InputError also where the file cannot be read.
  static ElfFile read(const std::string& path);

  struct Function {
    std::uint32_t address, end;
    std::string name;
  };

  /// Address of the first instruction, even.
  std::uint32_t entry() const { return entry_; }

  /// Puts the segments where they are to be loaded (p_paddr; start-up code moves what runs elsewhere). What a segment
  /// has beyond the file's bytes is not touched. Throws InputError where the bytes of one, or the addresses that it
  /// occupies while it runs, do not lie in one of `memories`; nothing is loaded then.
  void load(const std::vector<Memory>& memories) const;

  /// The first address behind all that its segments occupy of [first, last], loaded or running; `first` where they lie
  /// elsewhere.
  std::uint64_t end_in(std::uint64_t first, std::uint64_t last) const;

  /// Where in the program `address` is: "main+0x12", "main"; empty where no function is known. A label of assembly
  /// code, which has no size, reaches to the end of its section.
  std::string symbol(std::uint32_t address) const;
  /// The function that symbol() names, up to the next one; null where none is known.
  const Function* function(std::uint32_t address) const;
  /// By address; they may overlap, and the last one of those that begin at the same address counts.
  const std::vector<Function>& functions() const { return functions_; }

 private:
  struct Segment {
    std::uint32_t load_address, run_address, memory_bytes;
    std::string bytes;
  };
  [[noreturn]] void refuse(const std::string& what) const;
  std::string_view part(std::string_view file, std::uint64_t offset, std::uint64_t size, const char* what) const;
  void read_segments(std::string_view file);
  void read_functions(std::string_view file);

  std::string name_;
  std::uint32_t entry_ = 0;
  std::vector<Segment> segments_;
  std::vector<Function> functions_;
};

}  // namespace flexcim::riscv

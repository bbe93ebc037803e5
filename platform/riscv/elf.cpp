#include "platform/riscv/elf.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace flexcim::riscv {
namespace {

constexpr std::uint32_t kExecutable = 2, kMachineRiscv = 243, kLoadSegment = 1, kSymbolTable = 2;
constexpr std::uint32_t kFloatAbi = 0x6, kEmbeddedAbi = 0x8, kExecuteFlag = 4;  // of e_flags, of e_flags, of sh_flags
constexpr std::size_t kMostNameBytes = 1000;                                    // longer names are cut off
constexpr std::uint32_t kNoType = 0, kFunction = 2;                             // of st_info

/// Fields of 2 and 4 bytes in a table's entry.
std::uint32_t u16(std::string_view entry, std::size_t at) {
  std::uint16_t value = 0;
  std::memcpy(&value, entry.data() + at, sizeof value);
  return value;
}
std::uint32_t u32(std::string_view entry, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, entry.data() + at, sizeof value);
  return value;
}

const Memory* memory_of(const std::vector<Memory>& memories, std::uint32_t address, std::uint64_t bytes) {
  const auto holds = [&](const Memory& memory) {
    return address >= memory.first && address + (bytes - 1) <= memory.last;
  };
  const auto found = std::find_if(memories.begin(), memories.end(), holds);
  return found == memories.end() ? nullptr : &*found;
}

}  // namespace

ElfFile::ElfFile(std::string_view bytes, std::string name) : name_(std::move(name)) {
  if (bytes.substr(0, 4) !=
      "\x7f"
      "ELF") {
    refuse("is not an ELF file");
  }
  const std::string_view header = part(bytes, 0, 52, "the ELF header");
  if (header[4] != 1) refuse("has not 32 bits: wanted is an executable for RV32");
  if (header[5] != 1) refuse("is not little-endian");
  if (u16(header, 18) != kMachineRiscv) refuse(fmt::format("is not for RISC-V but for machine {}", u16(header, 18)));
  if (u16(header, 16) != kExecutable) refuse("is not an executable with fixed addresses");
  if ((u32(header, 36) & kFloatAbi) != 0)
    refuse("passes arguments in registers for floating point, which the hart lacks");
  if ((u32(header, 36) & kEmbeddedAbi) != 0) refuse("is for RV32E");
  entry_ = u32(header, 24);
  read_segments(bytes);
  const bool inside = std::any_of(segments_.begin(), segments_.end(), [this](const Segment& segment) {
    return entry_ >= segment.run_address && entry_ - segment.run_address < segment.memory_bytes;
  });
  if (!inside || entry_ % 2 != 0) refuse(fmt::format("has no instruction at its entry {:#x}", entry_));
  read_functions(bytes);
}

ElfFile ElfFile::read(const std::string& path) {
  const MappedFile file(path);
  return {file.text(), path};
}

void ElfFile::refuse(const std::string& what) const { throw InputError(name_ + ": " + what); }

std::string_view ElfFile::part(std::string_view file, std::uint64_t offset, std::uint64_t size,
                               const char* what) const {
  if (offset > file.size() || size > file.size() - offset) {
    refuse(fmt::format("{} would end at byte {}, but the file has only {}", what, offset + size, file.size()));
  }
  return file.substr(offset, size);
}

void ElfFile::read_segments(std::string_view file) {
  const std::uint32_t entry_bytes = u16(file, 42), count = u16(file, 44);
  if (count != 0 && entry_bytes < 32) refuse("has a program header of another format");
  const std::string_view table = part(file, u32(file, 28), std::uint64_t{entry_bytes} * count, "the table of segments");
  std::uint64_t left = file.size();  // segments that share bytes of the file could need any amount of memory
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view header = table.substr(std::size_t{i} * entry_bytes, 32);
    const std::uint32_t memory_bytes = u32(header, 20), file_bytes = u32(header, 16);
    if (u32(header, 0) != kLoadSegment || memory_bytes == 0) continue;
    if (file_bytes > memory_bytes) refuse(fmt::format("segment {} has more bytes in the file than in memory", i));
    const std::string_view bytes = part(file, u32(header, 4), file_bytes, "a segment");
    if (file_bytes > left) refuse(fmt::format("segment {} has bytes of the file that other segments have", i));
    left -= file_bytes;
    segments_.push_back({u32(header, 12), u32(header, 8), memory_bytes, std::string(bytes)});
  }
}

void ElfFile::read_functions(std::string_view file) {
  const std::uint32_t entry_bytes = u16(file, 46), count = u16(file, 48);
  if (count != 0 && entry_bytes < 40) refuse("has a section header of another format");
  const std::string_view table = part(file, u32(file, 32), std::uint64_t{entry_bytes} * count, "the table of sections");
  const auto section = [&](std::uint32_t index) { return table.substr(std::size_t{index} * entry_bytes, 40); };
  for (std::uint32_t i = 0; i < count; ++i) {
    if (u32(section(i), 4) != kSymbolTable) continue;
    if (!functions_.empty()) refuse("has two symbol tables");
    const std::uint32_t names_at = u32(section(i), 24);
    if (names_at >= count) refuse("has a symbol table without names");
    const std::string_view names =
        part(file, u32(section(names_at), 16), u32(section(names_at), 20), "the names of symbols");
    const std::string_view symbols = part(file, u32(section(i), 16), u32(section(i), 20), "the table of symbols");
    for (std::size_t at = 0; at + 16 <= symbols.size(); at += 16) {
      const std::string_view symbol = symbols.substr(at, 16);
      const std::uint32_t type = symbol[12] & 0xF, home = u16(symbol, 14), address = u32(symbol, 4);
      if ((type != kFunction && type != kNoType) || home == 0 || home >= count) continue;
      if ((u32(section(home), 8) & kExecuteFlag) == 0 || u32(symbol, 0) >= names.size()) continue;
      const std::string_view name = names.substr(u32(symbol, 0), kMostNameBytes);
      // Mapping symbols and the compiler's own labels are no functions.
      if (name.empty() || name[0] == '\0' || name[0] == '$' || name.substr(0, 2) == ".L") continue;
      const std::uint32_t size = u32(symbol, 8);
      const std::uint32_t end = size != 0 ? address + size : u32(section(home), 12) + u32(section(home), 20);
      functions_.push_back({address, end, std::string(name.substr(0, name.find('\0')))});
    }
  }
  std::stable_sort(functions_.begin(), functions_.end(),
                   [](const Function& a, const Function& b) { return a.address < b.address; });
}

void ElfFile::load(const std::vector<Memory>& memories) const {
  std::vector<std::uint8_t*> places;
  for (const Segment& segment : segments_) {
    const auto want = [&](std::uint32_t address, std::uint64_t bytes, const char* why) -> std::uint8_t* {
      if (bytes == 0) return nullptr;
      const Memory* memory = memory_of(memories, address, bytes);
      if (memory == nullptr) {
        refuse(fmt::format("a segment {} at {:#x} to {:#x}, where there is no memory", why, address,
                           address + (bytes - 1)));
      }
      return memory->data + (address - memory->first);
    };
    want(segment.run_address, segment.memory_bytes, "runs");
    places.push_back(want(segment.load_address, segment.bytes.size(), "is loaded"));
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] != nullptr) std::memcpy(places[i], segments_[i].bytes.data(), segments_[i].bytes.size());
  }
}

std::uint64_t ElfFile::end_in(std::uint64_t first, std::uint64_t last) const {
  std::uint64_t end = first;
  for (const Segment& segment : segments_) {
    for (const std::uint64_t address : {segment.load_address, segment.run_address}) {
      if (address < first || address > last) continue;
      end = std::max(end, address + (address == segment.load_address ? segment.bytes.size() : 0));
      end = std::max(end, address + (address == segment.run_address ? segment.memory_bytes : 0));
    }
  }
  return end;
}

const ElfFile::Function* ElfFile::function(std::uint32_t address) const {
  const auto after = std::upper_bound(functions_.begin(), functions_.end(), address,
                                      [](std::uint32_t at, const Function& function) { return at < function.address; });
  if (after == functions_.begin() || address >= std::prev(after)->end) return nullptr;
  return &*std::prev(after);
}

std::string ElfFile::symbol(std::uint32_t address) const {
  const Function* found = function(address);
  if (found == nullptr) return {};
  return address == found->address ? found->name : fmt::format("{}+{:#x}", found->name, address - found->address);
}

}  // namespace flexcim::riscv

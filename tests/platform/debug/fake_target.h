// A processor that only keeps what a debugger puts into it.
#pragma once

#include "platform/debug/debug_target.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace flexcim::debug::test {

constexpr std::uint32_t kMemory = 0x8000'0000, kMemoryBytes = 0x1'0000;
constexpr int kScratch = kFirstCsr + 0x340, kReadOnly = kFirstCsr + 0xF14;

class FakeTarget : public DebugTarget {
 public:
  FakeTarget() : memory(kMemoryBytes) {
    for (int i = 0; i < kPc; ++i) names_.push_back({i, fmt::format("x{}", i), false});
    names_.push_back({kPc, "pc", false});
    names_.push_back({kScratch, "mscratch", true});
    names_.push_back({kReadOnly, "mhartid", true});
  }
  const std::vector<RegisterName>& registers() const override { return names_; }
  std::optional<std::uint32_t> read_register(int number) const override {
    if (number >= 0 && number <= kPc) return general[static_cast<std::size_t>(number)];
    if (number == kScratch) return scratch;
    return number == kReadOnly ? std::optional<std::uint32_t>(7) : std::nullopt;
  }
  bool write_register(int number, std::uint32_t value) override {
    if (number == kScratch) scratch = value;
    if (number > 0 && number <= kPc) general[static_cast<std::size_t>(number)] = value;
    return number == kScratch || (number >= 0 && number <= kPc);
  }
  std::size_t read_memory(std::uint32_t address, std::uint8_t* data, std::size_t bytes) override {
    const std::size_t count = there(address, bytes);
    if (count != 0) std::memcpy(data, &memory[address - kMemory], count);
    return count;
  }
  std::size_t write_memory(std::uint32_t address, const std::uint8_t* data, std::size_t bytes) override {
    const std::size_t count = there(address, bytes);
    if (count != 0) std::memcpy(&memory[address - kMemory], data, count);
    return count;
  }
  void set_breakpoint(std::uint32_t address, bool set) override { note("break", address, address, set); }
  void set_watchpoint(Watch kind, std::uint32_t first, std::uint32_t last, bool set) override {
    note(kind == Watch::write ? "write" : kind == Watch::read ? "read" : "access", first, last, set);
  }
  std::uint64_t time_ps() const override { return 1'234'567; }
  void stop_at(std::uint64_t ps) override { stops_at = ps; }
  void stop_after(const std::optional<CommandStop>& command) override { stops_after = command; }
  void reset() override { ++resets; }
  Machine* machine() const override { return around; }

  std::vector<std::uint8_t> memory;
  std::array<std::uint32_t, kPc + 1> general{};
  std::uint32_t scratch = 0;
  std::uint64_t stops_at = UINT64_MAX;
  std::optional<CommandStop> stops_after;
  int resets = 0;
  Machine* around = nullptr;
  std::vector<std::string> points;  ///< that are set

 private:
  static std::size_t there(std::uint32_t address, std::size_t bytes) {
    const std::uint32_t from = address - kMemory;
    return from < kMemoryBytes ? std::min<std::size_t>(bytes, kMemoryBytes - from) : 0;
  }
  void note(const char* kind, std::uint32_t first, std::uint32_t last, bool set) {
    const std::string point = fmt::format("{} {:x} {:x}", kind, first, last);
    if (set) {
      points.push_back(point);
    } else {
      points.erase(std::find(points.begin(), points.end(), point));
    }
  }

  std::vector<RegisterName> names_;
};

}  // namespace flexcim::debug::test

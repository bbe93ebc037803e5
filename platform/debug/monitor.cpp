#include "platform/debug/monitor.h"

#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <sstream>

namespace flexcim::debug {
namespace {

constexpr const char* kHelp =
    "monitor time              simulated time\n"
    "monitor until TIME        the next continue stops at that simulated time: 250us, \"1.5 ms\", 10 ns\n"
    "monitor registers         the devices that have some\n"
    "monitor registers DEVICE  their names, values and fields, without side effects; ... DEVICE NAME: of one\n";

struct Unit {
  const char* name;
  double ps;
};
constexpr Unit kUnits[] = {{"ps", 1}, {"ns", 1e3}, {"us", 1e6}, {"ms", 1e9}, {"s", 1e12}};

std::string time_text(std::uint64_t ps) { return fmt::format("{}.{:06} us", ps / 1'000'000, ps % 1'000'000); }

/// In picoseconds.
std::optional<std::uint64_t> parse_time(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  double number = 0;
  const char* const begin = text.data();
  const auto [end, error] = std::from_chars(begin, begin + text.size(), number);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string unit = text.substr(static_cast<std::size_t>(end - begin));
  for (const Unit& each : kUnits) {
    const double ps = number * each.ps;
    if (unit == each.name && ps < 1e18) return static_cast<std::uint64_t>(std::llround(ps));
  }
  return std::nullopt;
}

std::string until(DebugTarget& target, const std::string& text) {
  const std::optional<std::uint64_t> ps = parse_time(text);
  if (!ps) return "monitor until TIME: a number and ps, ns, us, ms or s\n";
  if (*ps <= target.time_ps()) return fmt::format("that was before now: {}\n", time_text(target.time_ps()));
  target.stop_at(*ps);
  return fmt::format("the next continue stops at {}\n", time_text(*ps));
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string register_line(DebugTarget& target, std::uint32_t base, const RegisterInfo& info) {
  std::string line = fmt::format("0x{:08x} {:<20} ", base + info.offset, info.name);
  if (info.access == RegisterAccess::write_only) return line + "write-only\n";
  std::uint32_t value = 0;
  std::uint8_t bytes[4];
  if (target.read_memory(base + info.offset, bytes, sizeof bytes) != sizeof bytes) return line + "does not answer\n";
  std::memcpy(&value, bytes, sizeof value);
  line += fmt::format("0x{:08x}", value);
  for (const RegisterField& field : info.fields) {
    line += fmt::format(" {}={}", field.name, (value & field.mask()) >> static_cast<unsigned>(field.low));
  }
  return line + "\n";
}

std::string registers(DebugTarget& target, const std::vector<RegisterMap>& devices, const std::string& device,
                      const std::string& name) {
  std::string names;
  for (const RegisterMap& map : devices) {
    const auto region = std::find_if(memory_map::regions.begin(), memory_map::regions.end(),
                                     [&](const memory_map::Region& each) { return each.name == map.device; });
    if (region == memory_map::regions.end()) continue;
    names += " " + map.device;
    if (map.device != upper(device)) continue;
    std::string text;
    for (const RegisterInfo& info : map.registers) {
      if (name.empty() || info.name == upper(name)) {
        text += register_line(target, static_cast<std::uint32_t>(region->base), info);
      }
    }
    return text.empty() ? fmt::format("{} has no register {}\n", map.device, name) : text;
  }
  return "monitor registers DEVICE [NAME]; devices:" + (names.empty() ? " none" : names) + "\n";
}

}  // namespace

std::string monitor(DebugTarget& target, const std::vector<RegisterMap>& devices, const std::string& command) {
  std::istringstream words(command);
  std::string verb;
  words >> verb;
  if (verb == "until") {
    std::string rest;
    std::getline(words, rest);
    return until(target, rest);
  }
  std::string first, second, more;
  words >> first >> second >> more;
  if (verb == "time" && first.empty()) return time_text(target.time_ps()) + "\n";
  if (verb == "registers" && more.empty()) return registers(target, devices, first, second);
  return kHelp;
}

}  // namespace flexcim::debug

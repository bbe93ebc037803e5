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
    "monitor until command [N|error]  ... when the accelerator has ended a command, N of them, one with an error\n"
    "monitor commands [N]      the accelerator's last commands, 16 or N\n"
    "monitor reset             processor and devices as after reset, the program loaded again; time goes on\n"
    "monitor trace [on|off]    what is recorded: goes on, or pauses\n"
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

/// At least 1.
std::optional<std::uint64_t> parse_count(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

constexpr const char* kNoMachine = "nothing is known of the machine around the processor\n";

/// `which`: nothing, a number, or "error".
std::string until_command(DebugTarget& target, const std::string& which) {
  if (target.machine() == nullptr) return kNoMachine;
  CommandStop stop;
  stop.only_errors = which == "error";
  if (!which.empty() && !stop.only_errors) {
    const auto count = parse_count(which);
    if (!count) return "monitor until command [N|error]\n";
    stop.count = *count;
  }
  target.stop_after(stop);
  return fmt::format("the next continue stops when the accelerator has ended {}\n",
                     stop.only_errors  ? "a command with an error"
                     : stop.count == 1 ? "a command"
                                       : fmt::format("{} commands", stop.count));
}

std::string commands(const Machine* machine, const std::string& most) {
  if (machine == nullptr) return kNoMachine;
  const auto rows = most.empty() ? std::uint64_t{16} : parse_count(most);
  if (!rows) return "monitor commands [N]\n";
  const std::size_t count = machine->command_count();
  std::string text = fmt::format("{} commands have ended\n", count);
  for (std::size_t i = count - static_cast<std::size_t>(std::min<std::uint64_t>(*rows, count)); i < count; ++i) {
    const EndedCommand command = machine->command(i);
    const auto* const info = std::find_if(std::begin(kErrorCodes), std::end(kErrorCodes),
                                          [&](const ErrorInfo& each) { return each.code == command.error; });
    text += fmt::format("{:>6} tag 0x{:08x} at 0x{:08x} from {} to {}", i, command.tag, command.descriptor,
                        time_text(command.begin_ps), time_text(command.end_ps));
    if (command.error != ErrorCode::none && info != std::end(kErrorCodes)) text += fmt::format(" {}", info->name);
    text += "\n";
  }
  return text;
}

std::string trace(const Machine* machine, const std::string& how) {
  if (machine == nullptr) return kNoMachine;
  if (how != "on" && how != "off" && !how.empty()) return "monitor trace [on|off]\n";
  if (machine->traces().empty()) return "nothing is recorded in this run\n";
  std::string names;
  for (TraceSwitch* each : machine->traces()) {
    if (!how.empty()) each->record(how == "on");
    names += " " + each->trace_name();
  }
  return (how.empty() ? "traces:" : how == "on" ? "recorded:" : "not recorded:") + names + "\n";
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
  return line + fmt::format("0x{:08x}{}\n", value, field_values(info, value));
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

std::string monitor(DebugTarget& target, const std::vector<RegisterMap>& devices, const std::string& command,
                    bool& was_reset) {
  was_reset = false;
  std::istringstream words(command);
  std::string verb;
  words >> verb;
  std::string first, second, more;
  words >> first >> second >> more;
  if (verb == "until" && first == "command" && more.empty()) return until_command(target, second);
  if (verb == "until") return until(target, command.substr(command.find(verb) + verb.size()));
  if (verb == "commands" && second.empty()) return commands(target.machine(), first);
  if (verb == "trace" && second.empty()) return trace(target.machine(), first);
  if (verb == "reset" && first.empty()) {
    target.reset();
    was_reset = true;
    return "reset; gdb shows it after: maintenance flush register-cache\n";
  }
  if (verb == "time" && first.empty()) return time_text(target.time_ps()) + "\n";
  if (verb == "registers" && more.empty()) return registers(target, devices, first, second);
  return kHelp;
}

}  // namespace flexcim::debug

#include "platform/debug/gdb_session.h"

#include "platform/debug/monitor.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <string>

namespace flexcim::debug {
namespace {

constexpr int kGeneralRegisters = kPc + 1;  // those in g and G
constexpr std::size_t kMostPoints = 1024;
constexpr std::uint32_t kMostWatchedBytes = 1 << 20;
constexpr std::size_t kMostMemoryBytes = kMostPacketBytes / 2 - 16;  // two digits a byte
constexpr int kMostRefusals = 5;                                     // of one answer by the client
constexpr std::size_t kConsoleBytes = 1024;                          // of a packet with text for the user
constexpr const char* kInvalid = "E16";                              // EINVAL: the packet does not say what it should
constexpr const char* kFault = "E0e";                                // EFAULT: no such memory or register
constexpr const char* kTooMany = "E0c";                              // ENOMEM

bool starts_with(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

/// The parts before and behind the first `separator`; without one the latter is empty.
std::pair<std::string_view, std::optional<std::string_view>> cut(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::optional<std::uint32_t> number32(std::string_view digits) {
  const std::optional<std::uint64_t> number = hex_number(digits);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

/// "ADDRESS,BYTES".
struct Place {
  std::uint32_t address, bytes;
};
std::optional<Place> parse_place(std::string_view text) {
  const auto [address, bytes] = cut(text, ',');
  const auto first = number32(address), count = number32(bytes.value_or(""));
  if (!first || !count) return std::nullopt;
  return Place{*first, *count};
}

/// Little-endian, as the target is.
std::string value_digits(std::uint32_t value) {
  char bytes[4];
  std::memcpy(bytes, &value, sizeof bytes);
  return to_hex({bytes, sizeof bytes});
}
std::optional<std::uint32_t> parse_value(std::string_view digits) {
  const std::optional<std::string> bytes = from_hex(digits);
  if (!bytes || bytes->size() != 4) return std::nullopt;
  std::uint32_t value = 0;
  std::memcpy(&value, bytes->data(), sizeof value);
  return value;
}

/// Whether a thread's name means ours, whose number is 1.
bool is_ours(std::string_view thread) { return thread == "1" || thread == "0" || thread == "-1"; }

/// The target description (GDB manual, G.4 and G.5.12).
std::string describe(const std::vector<RegisterName>& registers) {
  std::string text =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
      "<architecture>riscv:rv32</architecture>\n";
  for (const bool csr : {false, true}) {
    text += fmt::format("<feature name=\"org.gnu.gdb.riscv.{}\">\n", csr ? "csr" : "cpu");
    for (const RegisterName& reg : registers) {
      if (reg.csr != csr) continue;
      text += fmt::format("<reg name=\"{}\" bitsize=\"32\" regnum=\"{}\" type=\"{}\"/>\n", reg.name, reg.number,
                          reg.number == kPc  ? "code_ptr"
                          : reg.name == "sp" ? "data_ptr"
                                             : "int");
    }
    text += "</feature>\n";
  }
  return text + "</target>\n";
}

}  // namespace

GdbSession::GdbSession(DebugTarget& target, const std::vector<RegisterMap>& devices, const StopReason& reason)
    : target_(target), devices_(devices), reason_(reason), description_(describe(target.registers())) {}

std::string GdbSession::receive(std::string_view bytes) {
  using Event = PacketReader::Event;
  std::string answer;
  for (const char byte : bytes) {
    if (state_ != State::stopped && state_ != State::running) break;
    switch (reader_.take(byte)) {
      case Event::none:
      case Event::ack:
        break;
      case Event::interrupt:
        interrupted_ = state_ == State::running;
        break;
      case Event::too_long:
        state_ = State::broken;
        break;
      case Event::nak:
        if (++refused_ > kMostRefusals) {
          state_ = State::broken;
        } else if (acknowledges_) {
          answer += last_sent_;
        }
        break;
      case Event::corrupt:
        answer += acknowledges_ ? "-" : reply(kInvalid);
        break;
      case Event::packet:
        spoken_ = true;
        if (state_ == State::running) {
          state_ = State::broken;  // a client in all-stop mode waits for its stop
          break;
        }
        if (acknowledges_) answer += '+';
        last_sent_.clear();
        refused_ = 0;
        answer += command(reader_.payload());
    }
  }
  return answer;
}

std::string GdbSession::stopped(const StopReason& reason) {
  reason_ = reason;
  state_ = State::stopped;
  interrupted_ = false;
  return reply(stop_reply());
}

std::string GdbSession::exited(int code) { return packet(fmt::format("W{:02x}", code & 0xFF)); }

void GdbSession::leave() {
  while (!points_.empty()) set_point(*points_.begin(), false);
  target_.stop_at(UINT64_MAX);
  target_.stop_after(std::nullopt);
}

std::string GdbSession::reply(std::string_view payload) {
  std::string text = packet(payload);
  last_sent_ += text;
  return text;
}

std::string GdbSession::stop_reply() const {
  constexpr const char* names[] = {"watch", "rwatch", "awatch"};
  std::string text = fmt::format("T{:02x}thread:1;", static_cast<unsigned>(reason_.signal));
  if (!reason_.watch) return text;
  const auto kind = static_cast<unsigned>(*reason_.watch) - static_cast<unsigned>(Watch::write);
  return text + fmt::format("{}:{:x};", names[kind], reason_.address);
}

/// The answer, as it is sent; none where the target goes on.
std::string GdbSession::command(const std::string& payload) {
  const std::string_view rest = std::string_view(payload).substr(std::min<std::size_t>(1, payload.size()));
  switch (payload.empty() ? '\0' : payload.front()) {
    case '?':
      return reply(stop_reply());
    case 'g':
      return reply(read_registers());
    case 'G':
      return reply(write_registers(rest));
    case 'p':
      return reply(read_register(rest));
    case 'P':
      return reply(write_register(rest));
    case 'm':
      return reply(read_memory(rest));
    case 'M':
      return reply(write_memory(rest, false));
    case 'X':
      return reply(write_memory(rest, true));
    case 'c':
      return go(rest, false, false);
    case 's':
      return go(rest, false, true);
    case 'C':
      return go(rest, true, false);
    case 'S':
      return go(rest, true, true);
    case 'Z':
      return reply(point(rest, true));
    case 'z':
      return reply(point(rest, false));
    case 'H':
      return reply(!rest.empty() && is_ours(rest.substr(1)) ? "OK" : kInvalid);
    case 'T':
      return reply(is_ours(rest) ? "OK" : kInvalid);
    case 'D':
      state_ = State::detached;
      return reply("OK");
    case 'k':
      state_ = State::killed;
      return "";
    case 'q':
    case 'Q':
      return query(payload);
    case 'v':
      if (payload == "vCont?") return reply("vCont;c;C;s;S;t");
      if (starts_with(payload, "vCont;")) return threads_go(rest.substr(std::strlen("Cont;")));
      if (!starts_with(payload, "vKill;")) return reply("");
      state_ = State::killed;
      return reply("OK");
    default:
      return reply("");
  }
}

/// `rest`: [ADDRESS], or SIGNAL[;ADDRESS].
std::string GdbSession::go(std::string_view rest, bool with_signal, bool step) {
  std::optional<unsigned> signal;
  std::optional<std::string_view> address = rest.empty() ? std::nullopt : std::optional(rest);
  if (with_signal) {
    const auto [number, behind] = cut(rest, ';');
    signal = number32(number);
    if (!signal) return reply(kInvalid);
    address = behind;
  }
  if (address) {
    const auto pc = number32(*address);
    if (!pc || !target_.write_register(kPc, *pc)) return reply(kInvalid);
  }
  return go(step ? Resume::step : Resume::run, signal);
}

/// A signal means something only where the program cannot go on: it ends by it.
std::string GdbSession::go(Resume resume, std::optional<unsigned> signal) {
  const bool ends = reason_.fatal && signal && *signal == static_cast<unsigned>(reason_.signal);
  resume_ = ends ? Resume::give_up : resume;
  state_ = State::running;
  return ends ? reply(fmt::format("X{:02x}", *signal)) : "";
}

/// The first action that is meant for our thread.
std::string GdbSession::threads_go(std::string_view actions) {
  std::optional<std::string_view> left = actions;
  while (left) {
    const auto [action, behind] = cut(*left, ';');
    left = behind;
    const auto [what, thread] = cut(action, ':');
    if (what.empty() || (thread && !is_ours(*thread))) continue;
    if (what == "t") return reply(stop_reply());
    const bool step = what.front() == 's' || what.front() == 'S';
    if (what == "c" || what == "s") return go(step ? Resume::step : Resume::run, std::nullopt);
    if (what.front() == 'C' || what.front() == 'S') {
      if (const auto signal = number32(what.substr(1))) return go(step ? Resume::step : Resume::run, *signal);
    }
    return reply(kInvalid);
  }
  return reply(kInvalid);
}

std::string GdbSession::read_registers() const {
  std::string text;
  for (int number = 0; number < kGeneralRegisters; ++number) {
    text += value_digits(target_.read_register(number).value_or(0));
  }
  return text;
}

std::string GdbSession::write_registers(std::string_view digits) {
  if (digits.size() != std::size_t{8} * kGeneralRegisters || !from_hex(digits)) return kInvalid;
  for (int number = 0; number < kGeneralRegisters; ++number) {
    target_.write_register(number, *parse_value(digits.substr(std::size_t{8} * number, 8)));
  }
  return "OK";
}

std::string GdbSession::read_register(std::string_view number) const {
  const auto which = number32(number);
  if (!which || *which > INT32_MAX) return kInvalid;
  const std::optional<std::uint32_t> value = target_.read_register(static_cast<int>(*which));
  return value ? value_digits(*value) : kFault;
}

std::string GdbSession::write_register(std::string_view assignment) {
  const auto [number, digits] = cut(assignment, '=');
  const auto which = number32(number), value = parse_value(digits.value_or(""));
  if (!which || *which > INT32_MAX || !value) return kInvalid;
  return target_.write_register(static_cast<int>(*which), *value) ? "OK" : kFault;
}

std::string GdbSession::read_memory(std::string_view text) const {
  const std::optional<Place> place = parse_place(text);
  if (!place) return kInvalid;
  std::string bytes(std::min<std::size_t>(place->bytes, kMostMemoryBytes), '\0');
  const std::size_t done =
      target_.read_memory(place->address, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  if (done == 0 && !bytes.empty()) return kFault;
  return to_hex(std::string_view(bytes).substr(0, done));
}

std::string GdbSession::write_memory(std::string_view text, bool binary) {
  const auto [head, data] = cut(text, ':');
  const std::optional<Place> place = parse_place(head);
  const std::optional<std::string> bytes = binary ? std::string(data.value_or("")) : from_hex(data.value_or(""));
  if (!place || !data || !bytes || bytes->size() != place->bytes) return kInvalid;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes->data());
  return target_.write_memory(place->address, begin, bytes->size()) == bytes->size() ? "OK" : kFault;
}

/// TYPE,ADDRESS,KIND: of a breakpoint the kind is the size of its instruction, of a watchpoint the bytes watched.
std::string GdbSession::point(std::string_view text, bool set) {
  if (text.size() < 2 || text[1] != ',') return kInvalid;
  const char type = text[0];
  if (type < '0' || type > '4') return "";
  const std::optional<Place> place = parse_place(text.substr(2));
  if (!place) return kInvalid;
  Point point{type, place->address, place->bytes};
  if (type < '2') {
    if (point.address % 2 != 0) return kInvalid;
    point.bytes = 0;
  } else if (point.bytes == 0 || point.bytes > kMostWatchedBytes || UINT32_MAX - point.address < point.bytes - 1) {
    return kInvalid;
  }
  if ((points_.count(point) != 0) == set) return "OK";  // may be repeated (GDB manual, E.2)
  if (set && points_.size() == kMostPoints) return kTooMany;
  set_point(point, set);
  return "OK";
}

void GdbSession::set_point(const Point point, bool set) {
  set ? static_cast<void>(points_.insert(point)) : static_cast<void>(points_.erase(point));
  if (point.type >= '2') {
    target_.set_watchpoint(static_cast<Watch>(point.type - '0'), point.address, point.address + (point.bytes - 1), set);
    return;
  }
  const char other = point.type == '0' ? '1' : '0';  // software and hardware: the target knows one kind
  if (points_.count({other, point.address, 0}) == 0) target_.set_breakpoint(point.address, set);
}

std::string GdbSession::query(std::string_view text) {
  if (starts_with(text, "qSupported")) {
    return reply(
        fmt::format("PacketSize={:x};qXfer:features:read+;vContSupported+;QStartNoAckMode+", kMostPacketBytes));
  }
  if (text == "QStartNoAckMode") {
    std::string answer = reply("OK");
    acknowledges_ = false;
    return answer;
  }
  if (text == "qAttached") return reply("1");
  if (text == "qC") return reply("QC1");
  if (text == "qfThreadInfo") return reply("m1");
  if (text == "qsThreadInfo") return reply("l");
  if (starts_with(text, "qRcmd,")) return run_monitor(text.substr(std::strlen("qRcmd,")));
  if (starts_with(text, "qXfer:features:read:"))
    return reply(features(text.substr(std::strlen("qXfer:features:read:"))));
  return reply("");
}

/// FILE:OFFSET,BYTES.
std::string GdbSession::features(std::string_view text) const {
  const auto [file, part] = cut(text, ':');
  const std::optional<Place> place = parse_place(part.value_or(""));
  if (file != "target.xml") return "E00";
  if (!place || place->address > description_.size()) return kInvalid;
  const std::size_t most = std::min<std::size_t>(place->bytes, kMostPacketBytes / 2);
  const std::string data = description_.substr(place->address, most);
  return (place->address + data.size() == description_.size() ? "l" : "m") + data;
}

std::string GdbSession::run_monitor(std::string_view digits) {
  const std::optional<std::string> line = from_hex(digits);
  if (!line) return reply(kInvalid);
  bool was_reset = false;
  const std::string text = monitor(target_, devices_, *line, was_reset);
  if (was_reset) reason_ = {};  // what it has stopped for is over
  std::string answer;
  for (std::size_t at = 0; at < text.size(); at += kConsoleBytes) {
    answer += reply("O" + to_hex(std::string_view(text).substr(at, kConsoleBytes)));
  }
  return answer + reply("OK");
}

}  // namespace flexcim::debug

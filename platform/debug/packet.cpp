#include "platform/debug/packet.h"

#include <fmt/format.h>

namespace flexcim::debug {
namespace {

constexpr char kEscape = '}', kInterrupt = 3;
constexpr int kEscapeBit = 0x20;

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string packet(std::string_view payload) {
  std::string text = "$";
  unsigned sum = 0;
  const auto put = [&](char c) {
    text += c;
    sum += static_cast<unsigned char>(c);
  };
  for (const char c : payload) {
    const bool special = c == '$' || c == '#' || c == kEscape || c == '*';
    if (special) put(kEscape);
    put(special ? static_cast<char>(c ^ kEscapeBit) : c);
  }
  return text + fmt::format("#{:02x}", sum & 0xFF);
}

PacketReader::Event PacketReader::take(char byte) {
  switch (state_) {
    case State::between:
      if (byte == '$') {
        payload_.clear();
        bytes_ = sum_ = 0;
        state_ = State::payload;
      }
      return byte == kInterrupt ? Event::interrupt : byte == '+' ? Event::ack : byte == '-' ? Event::nak : Event::none;
    case State::payload:
    case State::escaped:
      return take_payload(byte);
    case State::first_digit:
      first_digit_ = digit(byte);
      state_ = State::second_digit;
      return Event::none;
    case State::second_digit:
      break;
  }
  state_ = State::between;
  const std::optional<unsigned> second = digit(byte);
  return first_digit_ && second && *first_digit_ * 16 + *second == (sum_ & 0xFF) ? Event::packet : Event::corrupt;
}

PacketReader::Event PacketReader::take_payload(char byte) {
  if (byte == '#') {
    state_ = State::first_digit;
    return Event::none;
  }
  if (++bytes_ > kMostPacketBytes) {
    state_ = State::between;
    return Event::too_long;
  }
  sum_ += static_cast<unsigned char>(byte);
  if (state_ == State::escaped) {
    payload_ += static_cast<char>(byte ^ kEscapeBit);
    state_ = State::payload;
  } else if (byte == kEscape) {
    state_ = State::escaped;
  } else {
    payload_ += byte;
  }
  return Event::none;
}

std::string to_hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    const std::optional<unsigned> high = digit(digits[at]), low = digit(digits[at + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
  }
  return bytes;
}

std::optional<std::uint64_t> hex_number(std::string_view digits) {
  if (digits.empty() || digits.size() > 16) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    const std::optional<unsigned> value = digit(c);
    if (!value) return std::nullopt;
    number = number << 4 | *value;
  }
  return number;
}

}  // namespace flexcim::debug

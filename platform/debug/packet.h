// Packets of the GDB remote serial protocol (GDB manual, E.1): $PAYLOAD#CHECKSUM, bytes escaped by }.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flexcim::debug {

/// Characters between $ and #, as they are sent.
constexpr std::size_t kMostPacketBytes = 0x4000;

/// The packet with that payload; $, #, } and * in it are escaped.
std::string packet(std::string_view payload);

/// Takes apart what the other side sends, a byte at a time. Run lengths are not decoded: gdb sends none.
class PacketReader {
 public:
  enum class Event {
    none,
    packet,     ///< payload() is complete
    corrupt,    ///< the checksum is wrong
    too_long,   ///< more than kMostPacketBytes, and no end
    interrupt,  ///< Ctrl-C: the byte 3 between packets
    ack,
    nak
  };
  Event take(char byte);
  /// Of the last packet, without escapes; until the next byte is taken.
  const std::string& payload() const { return payload_; }

 private:
  enum class State { between, payload, escaped, first_digit, second_digit };
  Event take_payload(char byte);

  State state_ = State::between;
  std::string payload_;
  std::size_t bytes_ = 0;
  unsigned sum_ = 0;  ///< of the characters so far
  std::optional<unsigned> first_digit_;
};

/// Lower case, two digits a byte.
std::string to_hex(std::string_view bytes);
/// Empty where that is no whole number of bytes.
std::optional<std::string> from_hex(std::string_view digits);
/// 1 to 16 digits and nothing else; empty for others.
std::optional<std::uint64_t> hex_number(std::string_view digits);

}  // namespace flexcim::debug

#include "flow/text/byte_alphabet.h"

#include "flow/text/utf8.h"

#include <array>

namespace flexcim {
namespace {

constexpr char32_t kFirstOther = 0x100, kBehindLast = 0x144;

bool can_be_seen(unsigned byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  Alphabet() {
    bytes.fill(-1);
    char32_t other = kFirstOther;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const char32_t code = can_be_seen(byte) ? byte : other++;
      characters[byte] = to_utf8(code);
      bytes[code] = static_cast<int>(byte);
    }
  }
  std::array<std::string, 256> characters;
  std::array<int, kBehindLast> bytes{};  ///< by code point
};

const Alphabet& alphabet() {
  static const Alphabet all;
  return all;
}

}  // namespace

const std::string& byte_character(unsigned char byte) { return alphabet().characters[byte]; }

void append_byte_characters(std::string_view bytes, std::string& text) {
  for (const char byte : bytes) text += byte_character(static_cast<unsigned char>(byte));
}

bool bytes_of_characters(std::string_view text, std::string& bytes) {
  bytes.clear();
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    const char32_t code = code_point(text.substr(0, length));
    if (code >= kBehindLast || alphabet().bytes[code] < 0) return false;
    bytes += static_cast<char>(alphabet().bytes[code]);
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace flexcim

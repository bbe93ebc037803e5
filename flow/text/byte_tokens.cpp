#include "flow/text/byte_tokens.h"

namespace flexcim {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

}  // namespace

std::string byte_token(unsigned byte) {
  return std::string("<0x") + kHexDigits[byte >> 4 & 15] + kHexDigits[byte & 15] + ">";
}

std::optional<char> byte_of_token(std::string_view token) {
  if (token.size() != 6) return {};
  const std::size_t high = kHexDigits.find(token[3]), low = kHexDigits.find(token[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return {};
  const auto byte = static_cast<unsigned>(high << 4 | low);
  if (token != byte_token(byte)) return {};
  return static_cast<char>(byte);
}

}  // namespace flexcim

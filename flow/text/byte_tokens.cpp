#include "flow/text/byte_tokens.h"

namespace flexcim {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

}  // namespace

std::string byte_token(unsigned byte) {
  return std::string("<0x") + kDigits[byte >> 4 & 15] + kDigits[byte & 15] + ">";
}

std::optional<char> byte_of_token(std::string_view token) {
  if (token.size() != 6) return {};
  const std::size_t high = kDigits.find(token[3]), low = kDigits.find(token[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return {};
  const auto byte = static_cast<unsigned>(high << 4 | low);
  if (token != byte_token(byte)) return {};
  return static_cast<char>(byte);
}

}  // namespace flexcim

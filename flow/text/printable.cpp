#include "flow/text/printable.h"

#include "flow/text/utf8.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

bool is_control(char32_t code) { return code < 0x20 ? code != '\n' && code != '\t' : code >= 0x7F && code < 0xA0; }

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(character.size());
    if (length > 0 && !is_control(code_point(character))) {
      shown += character;
      continue;
    }
    for (const char byte : character) shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
  return shown;
}

}  // namespace flexcim

// UTF-8, in which texts are: also what is left of it in texts that hold other bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flexcim {

/// Bytes of the character that the text begins with: 1..4, or 0 where the text is empty or does not begin with valid
/// UTF-8 (Unicode, table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF).
std::size_t utf8_length(std::string_view text);

/// Bytes of the longest beginning of the text that is valid UTF-8.
std::size_t utf8_prefix(std::string_view text);

/// The code point of one valid character.
char32_t code_point(std::string_view character);

/// A code point as a character; std::logic_error for what has none.
std::string to_utf8(char32_t code);

/// Unicode's property White_Space.
bool is_white_space(char32_t code);

}  // namespace flexcim

// The alphabet of byte-level tokens: every byte is a character that can be seen (Radford et al., GPT-2, 2019).
#pragma once

#include <string>
#include <string_view>

namespace flexcim {

/// The character of a byte: its own code point where Latin-1 has something to see there, else the next of U+0100
/// onwards, in the order of the bytes.
const std::string& byte_character(unsigned char byte);

/// Bytes as characters.
void append_byte_characters(std::string_view bytes, std::string& text);

/// The bytes that characters of the alphabet stand for; false where another is among them.
bool bytes_of_characters(std::string_view text, std::string& bytes);

}  // namespace flexcim

// Tokens that stand for single bytes beside others that are words: <0x00> to <0xFF>.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flexcim {

std::string byte_token(unsigned byte);

/// The byte of such a token; none where it is another.
std::optional<char> byte_of_token(std::string_view token);

}  // namespace flexcim

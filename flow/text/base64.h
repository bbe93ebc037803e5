// Bytes as text (RFC 4648, section 4).
#pragma once

#include <string>
#include <string_view>

namespace flexcim {

std::string to_base64(std::string_view bytes);

/// Throws InputError, starting with `where`, for a text that is none.
std::string from_base64(std::string_view text, const std::string& where);

}  // namespace flexcim

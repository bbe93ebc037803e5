// Text that may be anything, for a terminal or a message.
#pragma once

#include <string>
#include <string_view>

namespace flexcim {

/// The text with \xNN for each byte that is no UTF-8, and for those of control characters other than newline and tab,
/// which would drive a terminal.
std::string printable(std::string_view text);

}  // namespace flexcim

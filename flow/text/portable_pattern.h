// Regular expressions of Oniguruma for PCRE2.
#pragma once

#include <string>

namespace flexcim {

/// The expression as PCRE2 (PCRE2_UTF, PCRE2_UCP) reads it: the same, but that \s and \S are Unicode's White_Space, of
/// which PCRE2 has one more. Throws InputError, starting with `where`, that names what the two read differently, and
/// what nobody has needed yet: anchors, ".", scripts and other properties than general categories, other escapes and
/// groups than these of the published patterns, sets in sets.
std::string portable_pattern(const std::string& expression, const std::string& where);

}  // namespace flexcim

// Numbers as people write them, in scenarios and on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flexcim {

/// "1…16", or "1…" where `high` is the largest of its type.
std::string range_text(int low, int high);
std::string range_text(std::uint64_t low, std::uint64_t high);
/// "0…0.99", or "0…" where `high` is infinite.
std::string range_text(double low, double high);

/// A whole number in [low, high]: decimal digits, with or without a minus. No plus, blanks, exponents or other bases,
/// and no leading zeros, which some programs take for octal. Throws InputError with a phrase that says what was
/// expected.
int parse_whole(std::string_view word, int low, int high);
std::uint64_t parse_whole(std::string_view word, std::uint64_t low, std::uint64_t high);
int parse_power_of_two(std::string_view word, int high);  ///< 1…high
/// A finite decimal number in [low, high], with or without an exponent; otherwise as parse_whole.
double parse_real(std::string_view word, double low, double high);
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// Whether a word is a number, with or without the letters of a unit behind it: "64", "64 KiB"; not "2:4", "4x4",
/// "2nd.yaml".
bool is_number(std::string_view word);

}  // namespace flexcim

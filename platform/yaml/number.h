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

/// A whole number in [low, high]: decimal digits with a minus before them or none. No plus, blanks, exponents or other
/// bases, nor zeros in front, which some programs take for octal. Throws InputError that says what was expected, a
/// phrase.
int parse_whole(std::string_view word, int low, int high);
std::uint64_t parse_whole(std::string_view word, std::uint64_t low, std::uint64_t high);
int parse_power_of_two(std::string_view word, int high);  ///< 1…high
/// A finite number in [low, high], decimal, with an exponent or none; the same otherwise.
double parse_real(std::string_view word, double low, double high);

}  // namespace flexcim

#include "platform/yaml/number.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace flexcim {
namespace {

constexpr std::string_view kDigits = "0123456789";

/// What follows the minus.
std::string_view magnitude(std::string_view word) { return word.substr(!word.empty() && word[0] == '-' ? 1 : 0); }

/// Whether digits begin as numbers do: no zero before another digit.
bool plain_digits(std::string_view text) { return !(text.size() > 1 && text[0] == '0' && is_digit(text[1])); }

/// Whether `word` is a whole number of any size, so that a message can say "outside" rather than "no number".
bool looks_whole(std::string_view word) {
  const std::string_view digits = magnitude(word);
  return !digits.empty() && digits.find_first_not_of(kDigits) == std::string_view::npos;
}

/// The whole of `word` as a number, or nothing. from_chars takes no plus and no blanks, as wanted.
template <class V>
std::optional<V> parse(std::string_view word) {
  V value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !plain_digits(magnitude(word))) return std::nullopt;
  return value;
}

[[noreturn]] void refuse(const std::string& expected, std::string_view word) {
  throw InputError(fmt::format("expected a {}, not \"{}\"", expected, word));
}

template <class Shown>
[[noreturn]] void refuse_outside(const Shown& word, const std::string& range) {
  throw InputError(fmt::format("{} is outside {}", word, range));
}

template <class V>
V parse_integer(std::string_view word, const std::string& expected, const std::string& range) {
  const auto value = parse<V>(word);
  if (value) return *value;
  if (looks_whole(word) && plain_digits(magnitude(word))) refuse_outside(word, range);
  refuse(expected, word);
}

template <class V>
std::string text_of_range(V low, V high) {
  return high == std::numeric_limits<V>::max() ? fmt::format("{}…", low) : fmt::format("{}…{}", low, high);
}

template <class V>
V parse_within(std::string_view word, V low, V high) {
  const std::string range = range_text(low, high);
  const V value = parse_integer<V>(word, "whole number " + range, range);
  if (value < low || value > high) refuse_outside(value, range);
  return value;
}

}  // namespace

std::string range_text(int low, int high) { return text_of_range(low, high); }
std::string range_text(std::uint64_t low, std::uint64_t high) { return text_of_range(low, high); }

std::string range_text(double low, double high) {
  return std::isinf(high) ? fmt::format("{}…", low) : fmt::format("{}…{}", low, high);
}

int parse_whole(std::string_view word, int low, int high) { return parse_within(word, low, high); }
std::uint64_t parse_whole(std::string_view word, std::uint64_t low, std::uint64_t high) {
  return parse_within(word, low, high);
}

int parse_power_of_two(std::string_view word, int high) {
  const std::string range = range_text(1, high);
  const int value = parse_integer<int>(word, "power of two " + range, range);
  if (value < 1 || value > high || (value & (value - 1)) != 0) {
    throw InputError(fmt::format("{} is no power of two {}", value, range));
  }
  return value;
}

double parse_real(std::string_view word, double low, double high) {
  const std::string range = range_text(low, high);
  const auto value = parse<double>(word);
  if (!value || !std::isfinite(*value)) refuse("number " + range, word);
  if (*value < low || *value > high) refuse_outside(*value, range);
  return *value;
}

bool is_number(std::string_view word) {
  const std::string_view first = magnitude(word).substr(0, 1);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (first.empty() || !is_digit(first[0]) || error != std::errc()) return false;
  std::string_view unit = word.substr(static_cast<std::size_t>(end - word.data()));
  if (!unit.empty() && unit[0] == ' ') unit.remove_prefix(1);
  return std::all_of(unit.begin(), unit.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

}  // namespace flexcim

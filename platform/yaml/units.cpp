#include "platform/yaml/units.h"

#include "flow/base/error.h"
#include "platform/yaml/number.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

/// 2^twos · 10^tens of what all units of its kind have in common.
struct Unit {
  const char* name;
  char kind;
  UnitRatio size;
};

constexpr std::array<Unit, 32> kUnits{
    {{"bytes", 'b', {0, 0}}, {"B", 'b', {0, 0}},    {"kB", 'b', {0, 3}},   {"MB", 'b', {0, 6}},   {"GB", 'b', {0, 9}},
     {"TB", 'b', {0, 12}},   {"KiB", 'b', {10, 0}}, {"MiB", 'b', {20, 0}}, {"GiB", 'b', {30, 0}}, {"TiB", 'b', {40, 0}},
     {"ps", 't', {0, -12}},  {"ns", 't', {0, -9}},  {"us", 't', {0, -6}},  {"ms", 't', {0, -3}},  {"s", 't', {0, 0}},
     {"Hz", 'f', {0, 0}},    {"kHz", 'f', {0, 3}},  {"MHz", 'f', {0, 6}},  {"GHz", 'f', {0, 9}},  {"fJ", 'e', {0, -15}},
     {"pJ", 'e', {0, -12}},  {"nJ", 'e', {0, -9}},  {"uJ", 'e', {0, -6}},  {"mJ", 'e', {0, -3}},  {"nW", 'p', {0, -9}},
     {"uW", 'p', {0, -6}},   {"mW", 'p', {0, -3}},  {"W", 'p', {0, 0}},    {"um", 'l', {0, -6}},  {"mm", 'l', {0, -3}},
     {"um2", 'a', {0, -12}}, {"mm2", 'a', {0, -6}}}};

const Unit* find(std::string_view name) {
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == kUnits.end() ? nullptr : found;
}

/// "pJ/B" is "pJ" and "/B".
std::pair<std::string, std::string> split_unit(const std::string& unit) {
  const std::size_t slash = std::min(unit.find('/'), unit.size());
  return {unit.substr(0, slash), unit.substr(slash)};
}

/// digits · 10^tens, without zeros that say nothing.
std::string decimal(std::uint64_t digits, int tens) {
  std::string text = std::to_string(digits);
  if (tens >= 0) return digits == 0 ? "0" : text + std::string(static_cast<std::size_t>(tens), '0');
  const auto behind = static_cast<std::size_t>(-tens);
  if (text.size() <= behind) text.insert(0, behind + 1 - text.size(), '0');
  text.insert(text.size() - behind, 1, '.');
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> units_like(const std::string& unit) {
  std::vector<std::string> names{unit};
  const auto [base, rest] = split_unit(unit);
  const Unit* known = find(base);
  if (known == nullptr) return names;
  for (const Unit& other : kUnits) {
    if (other.kind == known->kind && &other != known) names.push_back(other.name + rest);
  }
  return names;
}

std::optional<UnitRatio> unit_ratio(const std::string& from, const std::string& to) {
  if (from == to) return UnitRatio{};
  const auto [from_base, from_rest] = split_unit(from);
  const auto [to_base, to_rest] = split_unit(to);
  const Unit* given = find(from_base);
  const Unit* wanted = find(to_base);
  if (given == nullptr || wanted == nullptr || given->kind != wanted->kind || from_rest != to_rest) return {};
  return UnitRatio{given->size.twos - wanted->size.twos, given->size.tens - wanted->size.tens};
}

bool has_unit(std::string_view word) {
  if (word.size() < 2 || is_digit(word.back()) || word.back() == '.') return false;
  return is_digit(word[0]) || (word[0] == '-' && is_digit(word[1]));
}

std::string in_unit(std::string_view word, const std::string& unit) {
  const std::string_view sign = word.substr(0, word.substr(0, 1) == "-" ? 1 : 0);
  word.remove_prefix(sign.size());
  const std::string_view number = word.substr(0, word.find_first_not_of("0123456789."));
  word.remove_prefix(number.size());
  const std::string given(word.substr(word.substr(0, 1) == " " ? 1 : 0));
  const auto ratio = unit_ratio(given, unit);
  if (!ratio) {
    const std::vector<std::string> known = units_like(unit);
    throw InputError(
        fmt::format("the unit \"{}\" is {} {}", given, known.size() == 1 ? "not" : "none of", fmt::join(known, ", ")));
  }
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string digits(number.substr(0, point));
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  if (point < number.size()) digits += number.substr(point + 1);
  if (point == 0 || point + 1 == number.size() || leading_zero || digits.find('.') != std::string::npos) {
    throw InputError(fmt::format("\"{}{}\" is no number", sign, number));
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t value = parse_whole(digits, std::uint64_t{0}, all >> ratio->twos) << ratio->twos;
  return fmt::format(
      "{}{}", sign, decimal(value, ratio->tens - static_cast<int>(number.size() - std::min(point + 1, number.size()))));
}

}  // namespace flexcim

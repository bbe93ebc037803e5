// Units behind numbers: which there are, and their conversion without rounding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// A unit in terms of another: so many of it are number · 2^twos · 10^tens of that.
struct UnitRatio {
  int twos = 0;
  int tens = 0;
};

/// What a number in `unit` may be written in, `unit` first: "MHz", "Hz", "kHz", "GHz". What stands behind a slash stays
/// ("pJ/B": "fJ/B", ...). A unit that the project's list does not have stands alone ("cycles").
std::vector<std::string> units_like(const std::string& unit);

/// Nothing where one cannot be converted into the other.
std::optional<UnitRatio> unit_ratio(const std::string& from, const std::string& to);

/// Whether `word` begins as a number and ends as none: "64 KiB", "1.5us".
bool has_unit(std::string_view word);

/// "1.5 KiB" in "bytes": "1536", a decimal number with every digit. `word`: digits with or without a point, one blank
/// or none, and one of units_like(unit). Throws InputError with a phrase that says which units there are, or that it is
/// no number with a unit.
std::string in_unit(std::string_view word, const std::string& unit);

}  // namespace flexcim

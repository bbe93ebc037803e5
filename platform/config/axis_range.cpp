#include "platform/config/axis_range.h"

#include "platform/yaml/yaml_types.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr double kMost = 1e15;
constexpr double kLeastPositive = 1e-12;
constexpr std::uint64_t kMostValues = 100'000;
constexpr double kRounding = 1e-9;  // of a last value that is meant to be `to`

bool whole_number(double value) { return std::floor(value) == value; }

std::string number_text(double value) {
  return whole_number(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.12g}", value);
}

void require_up(double from, double to) {
  if (to < from) throw InputError(fmt::format("to, {}, is below from, {}", number_text(to), number_text(from)));
}

[[noreturn]] void refuse_many() { throw InputError(fmt::format("has more than {} values", kMostValues)); }

}  // namespace

const Schema<AxisRange>& axis_range_schema() {
  static const Schema<AxisRange> schema = [] {
    Schema<AxisRange> s;
    s.key("from", &AxisRange::from, real(-kMost, kMost), "first value").required();
    s.key("to", &AxisRange::to, real(-kMost, kMost), "no value is above it").required();
    s.key("step", &AxisRange::step, real(kLeastPositive, kMost), "between values");
    return s;
  }();
  return schema;
}

const Schema<LogRange>& log_range_schema() {
  static const Schema<LogRange> schema = [] {
    Schema<LogRange> s;
    s.key("from", &LogRange::from, real(kLeastPositive, kMost), "first value").required();
    s.key("to", &LogRange::to, real(kLeastPositive, kMost), "no value is above it").required();
    s.key("factor", &LogRange::factor, optional_of(real(1.001, kMost)), "between values");
    s.key("points", &LogRange::points, optional_of(whole(std::uint64_t{2}, kMostValues)),
          "how many values, the last is `to`; in place of a factor");
    return s;
  }();
  return schema;
}

std::vector<std::string> values_of(const AxisRange& range) {
  require_up(range.from, range.to);
  const double steps = std::floor((range.to - range.from) / range.step + kRounding);
  if (steps >= static_cast<double>(kMostValues)) refuse_many();
  std::vector<std::string> values(static_cast<std::size_t>(steps) + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = number_text(range.from + static_cast<double>(i) * range.step);
  }
  return values;
}

std::vector<std::string> values_of(const LogRange& range) {
  require_up(range.from, range.to);
  if (range.factor.has_value() == range.points.has_value()) {
    throw InputError("needs either a factor or how many points");
  }
  const bool whole_ends = whole_number(range.from) && whole_number(range.to);
  std::vector<std::string> values;
  const auto add = [&](double value) { values.push_back(number_text(whole_ends ? std::round(value) : value)); };
  if (range.factor) {
    double value = range.from;
    while (value <= range.to * (1 + kRounding)) {
      if (values.size() == kMostValues) refuse_many();
      add(value);
      value *= *range.factor;
    }
    return values;
  }
  const std::uint64_t gaps = *range.points - 1;
  for (std::uint64_t i = 0; i < gaps; ++i) {
    add(range.from * std::pow(range.to / range.from, static_cast<double>(i) / static_cast<double>(gaps)));
  }
  add(range.to);
  return values;
}

}  // namespace flexcim

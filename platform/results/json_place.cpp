#include "platform/results/json_place.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

constexpr std::size_t kShown = 60;  // characters of a value in a message
constexpr double kRounding = 1e-9;  // relative

/// Short, and without going into what may be nested a million times.
std::string shown(const nlohmann::json& value) {
  if (value.is_structured()) return value.is_object() ? "an object" : "a list";
  const std::string text = json_text(value);
  return text.size() <= kShown ? text : text.substr(0, kShown) + "…";
}

bool same_scalar(const nlohmann::json& a, const nlohmann::json& b) {
  if (!a.is_number_float() && !b.is_number_float()) return a == b;
  if (!a.is_number() || !b.is_number()) return false;
  const auto x = a.get<double>(), y = b.get<double>();
  return std::abs(x - y) <= kRounding * std::max(std::abs(x), std::abs(y));
}

}  // namespace

void JsonPlace::fail(const std::string& what) const {
  throw InputError(fmt::format("{}: {} {}", file_, key_.empty() ? "the document" : key_, what));
}

void JsonPlace::refuse(const char* wanted) const { fail(fmt::format("is {} instead of {}", shown(*value_), wanted)); }

std::optional<JsonPlace> JsonPlace::find(const std::string& key) const {
  if (!value_->is_object()) refuse("an object");
  const auto found = value_->find(key);
  if (found == value_->end()) return std::nullopt;
  return JsonPlace(*this, key_.empty() ? key : key_ + "." + key, *found);
}

JsonPlace JsonPlace::operator[](const std::string& key) const {
  const std::optional<JsonPlace> found = find(key);
  if (!found) throw InputError(fmt::format("{}: {}{}{} is missing", file_, key_, key_.empty() ? "" : ".", key));
  return *found;
}

std::vector<JsonPlace> JsonPlace::items() const {
  if (!value_->is_array()) refuse("a list");
  std::vector<JsonPlace> places;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    places.push_back(JsonPlace(*this, fmt::format("{}[{}]", key_, i), (*value_)[i]));
  }
  return places;
}

std::uint64_t JsonPlace::count() const {
  if (!value_->is_number_unsigned()) refuse("a whole number, 0 or above");
  return value_->get<std::uint64_t>();
}

int JsonPlace::small_count() const {
  constexpr int kMost = std::numeric_limits<int>::max();
  if (count() > static_cast<std::uint64_t>(kMost)) refuse("a whole number below 2^31");
  return static_cast<int>(count());
}

double JsonPlace::number() const {
  if (!value_->is_number()) refuse("a number");
  return value_->get<double>();
}

std::int64_t JsonPlace::picoseconds() const {
  constexpr double kMostPs = 9007199254740992;  // 2^53
  const double ps = number() * 1000;
  if (!(std::abs(ps) <= kMostPs)) refuse("a time in ns");
  return std::llround(ps);
}

bool JsonPlace::flag() const {
  if (!value_->is_boolean()) refuse("true or false");
  return value_->get<bool>();
}

std::string JsonPlace::text() const {
  if (!value_->is_string()) refuse("a text");
  return value_->get<std::string>();
}

void JsonPlace::require(const nlohmann::json& expected) const {
  if (expected.is_object()) {
    for (const auto& item : expected.items()) (*this)[item.key()].require(item.value());
  } else if (expected.is_array()) {
    const std::vector<JsonPlace> found = items();
    if (found.size() != expected.size())
      fail(fmt::format("has {} entries instead of {}", found.size(), expected.size()));
    for (std::size_t i = 0; i < found.size(); ++i) found[i].require(expected[i]);
  } else if (!same_scalar(*value_, expected)) {
    fail(fmt::format("is {}, but the rest of the results gives {}", shown(*value_), shown(expected)));
  }
}

}  // namespace flexcim

#include "flow/base/json_input.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace flexcim {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr int kDeepest = 200;  // who reads a document goes down in it by calls
constexpr std::size_t kLongestText = 200;

/// Numbers by their position among all numbers of a document.
using NumberValues = std::map<std::size_t, double>;

nlohmann::json parse(std::string_view text, const std::string& where, const NumberValues& values) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> open_objects;
  std::size_t numbers = 0;
  const auto look = [&](int depth, Event event, nlohmann::json& parsed) {
    if (depth > kDeepest)
      throw InputError(where + ": lists and objects lie more than " + std::to_string(kDeepest) + " deep");
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      throw InputError(where + ": the key \"" + parsed.get<std::string>() + "\" occurs twice");
    }
    if (event == Event::value && parsed.is_number()) {
      const auto found = values.find(numbers++);
      if (found != values.end()) parsed = found->second;
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), look);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t byte = std::min<std::size_t>(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(byte), '\n');
    throw InputError(where + ":" + std::to_string(line) + ": is not valid JSON at byte " + std::to_string(byte));
  } catch (const nlohmann::json::exception&) {  // numbers beyond double
    throw InputError(where + ": is not valid JSON: a number is out of range");
  }
}

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

/// The position behind the string that begins at `begin`, or the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

/// Writes a zero and blanks over each of Python's words that stands where a value may stand, so that all positions stay
/// as they are, and gives the values of these zeros.
NumberValues replace_words(std::string& text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const std::pair<std::string_view, double> kWords[] = {
      {"NaN", std::numeric_limits<double>::quiet_NaN()}, {"Infinity", kInfinity}, {"-Infinity", -kInfinity}};
  NumberValues values;
  std::size_t numbers = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = end_of_string(text, at);
      continue;
    }
    const bool begins = at == 0 || is_one_of(text[at - 1], kSpace) || is_one_of(text[at - 1], "[,:");
    std::size_t length = 1;
    for (const auto& [word, value] : kWords) {
      const std::size_t end = at + word.size();
      if (!begins || text.compare(at, word.size(), word) != 0) continue;
      if (end < text.size() && !is_one_of(text[end], kSpace) && !is_one_of(text[end], ",]}")) continue;
      values[numbers] = value;
      text.replace(at, word.size(), "0" + std::string(word.size() - 1, ' '));
      length = word.size();
    }
    if (begins && is_one_of(text[at], "-0123456789")) ++numbers;
    at += length;
  }
  return values;
}

/// The text, or its first characters and what says that there are more.
std::string shortened(std::string text) {
  if (text.size() <= kLongestText) return text;
  std::size_t end = kLongestText;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not in the middle of a character of UTF-8
  return text.erase(end) + "...";
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where) { return parse(text, where, {}); }

nlohmann::json parse_python_json(std::string_view text, const std::string& where) {
  std::string changed(text);
  const NumberValues values = replace_words(changed);
  return parse(changed, where, values);
}

nlohmann::json read_json(const std::string& path) { return parse_json(MappedFile(path).text(), path); }

std::string json_text(const nlohmann::json& value) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    if (std::isnan(value.get<double>())) return "NaN";
    return value.get<double>() > 0 ? "Infinity" : "-Infinity";
  }
  if (!value.is_structured()) return shortened(value.dump());
  std::string text;
  for (const auto& item : value.items()) {
    if (text.size() > kLongestText) break;
    if (!text.empty()) text += ",";
    if (value.is_object()) text += nlohmann::json(item.key()).dump() + ":";
    text += json_text(item.value());
  }
  return shortened(value.is_object() ? "{" + text + "}" : "[" + text + "]");
}

}  // namespace flexcim

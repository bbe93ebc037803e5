#include "flow/select/pattern_file.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace flexcim {
namespace {

/// Up to the first of `ends`, which is taken off too.
std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

std::string pattern_text(const std::vector<Candidate>& chosen) {
  std::string text;
  for (std::size_t i = 0; i < chosen.size(); ++i) text += std::to_string(i) + ":" + to_string(chosen[i]) + "\n";
  return text;
}

std::vector<Candidate> read_pattern_file(const std::string& path, std::size_t count) {
  const MappedFile file(path);
  std::vector<Candidate> chosen(count);
  std::vector<bool> seen(count);
  std::string_view rest = file.text();
  for (int number = 1; !rest.empty(); ++number) {
    std::string_view line = trimmed(take(rest, '\n'));
    if (line.empty()) continue;
    const std::string where = path + ":" + std::to_string(number);
    const std::string_view index_text = trimmed(take(line, ':'));
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(index_text.data(), index_text.data() + index_text.size(), index);
    if (index_text.empty() || error != std::errc() || end != index_text.data() + index_text.size()) {
      throw InputError(where + ": the line is not \"index:N:M\"");
    }
    line = trimmed(line);
    if (index >= count) {
      throw InputError(where + ": index " + std::to_string(index) + " is beyond the last, " +
                       std::to_string(count - 1));
    }
    if (seen[index]) throw InputError(where + ": index " + std::to_string(index) + " comes twice");
    try {
      chosen[index] = parse_candidates(line).front();
    } catch (const InputError&) {
      throw InputError(where + ": \"" + std::string(line) + "\" is not " + n_m_range());
    }
    seen[index] = true;
  }
  const auto missing = std::find(seen.begin(), seen.end(), false);
  if (missing != seen.end()) {
    throw InputError(path + ": index " + std::to_string(missing - seen.begin()) + " is missing; " +
                     std::to_string(count) + " lines are needed");
  }
  return chosen;
}

}  // namespace flexcim

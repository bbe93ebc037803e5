#include "flow/base/pattern.h"

#include "flow/base/error.h"

#include <charconv>

namespace flexcim {
namespace {

/// The whole of `text` as a number in [1, most_m], or 0.
int small_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 1 && value <= Pattern::most_m ? value : 0;
}

}  // namespace

std::string n_m_range() { return "\"N:M\" with 1 <= N <= M <= " + std::to_string(Pattern::most_m); }

std::optional<std::pair<int, int>> parse_n_m(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {};
  const int n = small_number(text.substr(0, colon));
  const int m = small_number(text.substr(colon + 1));
  if (n == 0 || m == 0 || n > m) return {};
  return std::make_pair(n, m);
}

Pattern parse_pattern(std::string_view text) {
  if (text == "dense") return {};
  if (const auto n_m = parse_n_m(text)) return n_m->first == n_m->second ? Pattern{} : Pattern{n_m->first, n_m->second};
  throw InputError("pattern \"" + std::string(text) + "\" is neither \"dense\" nor " + n_m_range());
}

std::string to_string(Pattern pattern) {
  if (pattern.dense()) return "dense";
  return std::to_string(pattern.n) + ":" + std::to_string(pattern.m);
}

IndexPolicy parse_index_policy(std::string_view text) {
  for (IndexPolicy policy : {IndexPolicy::element, IndexPolicy::window, IndexPolicy::window_shared}) {
    if (text == to_string(policy)) return policy;
  }
  throw InputError("index policy \"" + std::string(text) + "\" is none of element, window, window_shared");
}

std::string_view to_string(IndexPolicy policy) {
  switch (policy) {
    case IndexPolicy::element:
      return "element";
    case IndexPolicy::window:
      return "window";
    case IndexPolicy::window_shared:
      return "window_shared";
  }
  return "?";
}

}  // namespace flexcim

// N:M patterns and the policies by which a row of weights may fill them (arXiv 2504.14365 §II; flow.md notation).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace flexcim {

/// N:M: of every group of M consecutive weights along `in` of one output row at most N are kept. N = M is dense, always
/// written 1:1 here, so that equal patterns compare equal.
struct Pattern {
  static constexpr int most_m = 256;

  int n = 1;
  int m = 1;

  bool dense() const { return n == m; }
  /// Pruned fraction, (M-N)/M, in [0, 1).
  double sparsity() const { return static_cast<double>(m - n) / m; }
  bool operator==(const Pattern& other) const { return n == other.n && m == other.m; }
  bool operator!=(const Pattern& other) const { return !(*this == other); }
};

/// What "N:M" may be, for messages: "N:M" in quotes, with 1 <= N <= M <= most_m.
std::string n_m_range();
/// The two numbers of "N:M" as written, within n_m_range(); nothing for any other text.
std::optional<std::pair<int, int>> parse_n_m(std::string_view text);

/// "dense" or "N:M" within n_m_range(); N = M gives dense. Throws InputError that repeats the text otherwise.
Pattern parse_pattern(std::string_view text);

/// "dense" or "N:M": the inverse of parse_pattern.
std::string to_string(Pattern pattern);

/// Which elements of a group a row may keep (flow.md §4).
enum class IndexPolicy {
  element,       ///< any N of the M
  window,        ///< those that fit the hardware's window with its default selects
  window_shared  ///< those that fit selects which C consecutive rows share
};

/// "element", "window" or "window_shared". Throws InputError that names the three otherwise.
IndexPolicy parse_index_policy(std::string_view text);
std::string_view to_string(IndexPolicy policy);

}  // namespace flexcim

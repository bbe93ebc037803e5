// Tables for the terminal, aligned whatever characters they hold.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// Columns on a terminal of UTF-8 text: one per code point, none for combining marks, two for wide East Asian
/// characters. A byte that is no UTF-8 counts one.
int display_width(const std::string& text);

enum class Align { left, right };

/// Rows of cells under a header, a rule below it; with a footer, a rule and the last row below that.
class TextTable {
 public:
  struct Column {
    std::string title;
    Align align;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns.
  void add(std::vector<std::string> cells);
  void set_footer(std::vector<std::string> cells) { footer_ = std::move(cells); }
  std::string render() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::string> footer_;
};

/// 1234567 as "1,234,567".
std::string with_commas(unsigned long long number);
/// 0.125 as "12.5 %".
std::string percent_text(double part);
/// Three significant digits with the unit that fits: pJ, nJ, µJ, mJ.
std::string energy_text(double picojoules);
/// Likewise: ns, µs, ms, s.
std::string time_text(double nanoseconds);

}  // namespace flexcim

#include "platform/results/csv_reader.h"

#include "flow/base/error.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

/// The cells of the row at the beginning of `text`, and how long it is with its line end. A row that does not end, or
/// has something behind a closing quote, has length 0.
struct Row {
  std::vector<std::string> cells;
  std::size_t length = 0;
};

Row split(std::string_view text) {
  Row row;
  row.cells.emplace_back();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string& cell = row.cells.back();
    if (text[at] == '"' && cell.empty()) {
      for (++at; at < text.size(); ++at) {
        if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        cell += text[at];
      }
      if (at + 1 >= text.size() || (text[at + 1] != ',' && text[at + 1] != '\n')) return row;
    } else if (text[at] == ',') {
      row.cells.emplace_back();
    } else if (text[at] == '\n') {
      row.length = at + 1;
      return row;
    } else {
      cell += text[at];
    }
  }
  return row;
}

}  // namespace

CsvReader::CsvReader(const std::string& path, std::string_view header) : path_(path), file_(path) {
  columns_ = split(std::string(header) + "\n").cells;
  cells_ = columns_;
  if (!next()) throw InputError(path_ + ": is empty");
  require(header);
}

void CsvReader::fail(const std::string& what) const {
  throw InputError(fmt::format("{}:{}: {}", path_, line_no_, what));
}

void CsvReader::fail(std::size_t column, const std::string& what) const {
  fail(fmt::format("{} {}", columns_[column], what));
}

bool CsvReader::next() {
  const std::string_view rest = file_.text().substr(at_);
  if (rest.empty()) return false;
  line_no_ = lines_;
  const Row row = split(rest);
  if (row.length == 0) fail("the row has no end");
  if (row.cells.size() != columns_.size()) {
    fail(fmt::format("has {} cells instead of {}", row.cells.size(), columns_.size()));
  }
  cells_ = row.cells;
  line_ = rest.substr(0, row.length - 1);
  at_ += row.length;
  lines_ += static_cast<std::size_t>(std::count(line_.begin(), line_.end(), '\n')) + 1;
  return true;
}

double CsvReader::number(std::size_t column) const {
  const std::string& text = cell(column);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    fail(column, fmt::format("is \"{}\" instead of a number", text));
  }
  return value;
}

std::uint64_t CsvReader::count(std::size_t column) const {
  const std::string& text = cell(column);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(column, fmt::format("is \"{}\" instead of a whole number", text));
  }
  return value;
}

void CsvReader::require(std::string_view expected) const {
  if (line_ == expected) return;
  const std::vector<std::string> wanted = split(std::string(expected) + "\n").cells;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (cells_[i] != wanted[i]) fail(i, fmt::format("is \"{}\" instead of \"{}\"", cells_[i], wanted[i]));
  }
  fail("is not written as results are");
}

void require_csv(const std::string& path, std::string_view expected) {
  Row row = split(expected);
  CsvReader reader(path, expected.substr(0, row.length - 1));
  std::size_t rows = 0;
  while (!(expected = expected.substr(row.length)).empty()) {
    row = split(expected);
    if (!reader.next()) throw InputError(fmt::format("{}: ends after {} rows", path, rows));
    reader.require(expected.substr(0, row.length - 1));
    ++rows;
  }
  if (reader.next()) reader.fail("is one row too many");
}

}  // namespace flexcim

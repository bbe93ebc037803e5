// CSV files of results, read strictly.
#pragma once

#include "flow/base/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Rows of cells of the file at `path`, whose first line has to be `header` (without a line end). Everything throws
/// InputError that names the file, and the line and column where there is one.
class CsvReader {
 public:
  CsvReader(const std::string& path, std::string_view header);

  /// The next row, with as many cells as columns; false behind the last.
  bool next();
  const std::string& cell(std::size_t column) const { return cells_.at(column); }
  double number(std::size_t column) const;        ///< finite
  std::uint64_t count(std::size_t column) const;  ///< a whole number
  /// The row as it stands in the file.
  std::string_view line() const { return line_; }
  /// Throws where a cell differs from that of `expected`, a row as it would be written.
  void require(std::string_view expected) const;
  [[noreturn]] void fail(std::size_t column, const std::string& what) const;
  [[noreturn]] void fail(const std::string& what) const;  ///< of the whole row

 private:
  const std::string path_;
  const MappedFile file_;
  std::size_t at_ = 0;
  std::size_t lines_ = 1;    ///< up to at_, less the present row
  std::size_t line_no_ = 1;  ///< of the present row
  std::vector<std::string> columns_;
  std::vector<std::string> cells_;
  std::string_view line_;
};

/// Throws unless the file at `path` equals `expected`, CSV with a header, cell by cell.
void require_csv(const std::string& path, std::string_view expected);

}  // namespace flexcim

// transactions.csv.
#pragma once

#include "flow/base/output_file.h"
#include "tlm/observe/transaction_recorder.h"

#include <filesystem>
#include <sstream>

namespace flexcim {

/// A line per transaction in the order in which they end, times in picoseconds. Everything throws std::system_error
/// naming the file.
class TransactionFile {
 public:
  explicit TransactionFile(const std::filesystem::path& path) : file_(path.string()), csv_(text_) {}

  void add(const TransactionRecord& record);
  /// Puts it in its place, with all that has been added.
  void finish();

 private:
  void write();

  OutputFile file_;
  std::ostringstream text_;  ///< not written yet
  TransactionCsv csv_;
};

}  // namespace flexcim

// What is listened to in a SoC, and written down (docs/visibility.md).
#pragma once

#include <string_view>

namespace flexcim {

enum class TransactionFormat { none, csv };
constexpr std::string_view to_string(TransactionFormat format) {
  return format == TransactionFormat::csv ? "csv" : "none";
}

struct ObserveConfig {
  TransactionFormat transactions = TransactionFormat::none;
  bool protocol_checker = false;
  bool registers = false;                              ///< registers.log
  bool profile = false;                                ///< profile.txt; of a riscv host
  bool interrupts = false;                             ///< latencies, in summary.json
  bool timeline = false;                               ///< timeline.json
  double timeline_from_ns = 0, timeline_to_ns = 1e15;  ///< simulated time that is in it

  /// Whether records of transactions are wanted.
  bool records() const { return transactions != TransactionFormat::none || timeline; }
};

}  // namespace flexcim

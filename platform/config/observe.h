// What is listened to between accelerator, interconnect and memory.
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
};

}  // namespace flexcim

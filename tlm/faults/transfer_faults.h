// Wrong bits in what a transfer brings, word by word, and what the memory's code makes of them.
#pragma once

#include "tlm/faults/fault_injector.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// The rows of a transfer, where they lie in a memory and where they have been brought.
struct TransferRows {
  std::uint64_t rows = 1, row_bytes = 0;
  std::uint64_t address = 0, stride = 0;  ///< in the memory that is faulty
  std::uint8_t* data = nullptr;
  std::uint64_t local_stride = 0;

  static constexpr std::uint64_t kWordBytes = 8;
  /// Code words of a row: the last one may have fewer bytes.
  std::uint64_t row_words() const { return (row_bytes + kWordBytes - 1) / kWordBytes; }
  /// Words of which all bytes are among the first `bytes` of the rows.
  std::uint64_t words_in(std::uint64_t bytes) const {
    return bytes / row_bytes * row_words() + bytes % row_bytes / kWordBytes;
  }
};

/// Of one site, for one transfer.
class TransferFaults {
 public:
  /// `number`: FaultInjector::access(). Nothing is done where the site is not aimed at. `faults` outlives it.
  TransferFaults(const FaultInjector& faults, FaultSite site, const TransferRows& rows, std::uint64_t number);

  FaultSite site() const { return site_; }
  /// Changes the words before word `end` that it has not come to yet, whose bytes have been brought. False, with
  /// nothing changed behind it, where the code detects an error.
  bool apply(std::uint64_t end, FaultCounts& counts);

 private:
  struct Hit {
    std::uint64_t word;
    int bit;  ///< of the word; from 64 on of its check bits
    FaultKind kind;
  };
  void add(std::uint64_t row, std::uint64_t byte, int bit, FaultKind kind);
  std::uint8_t* word(std::uint64_t number) const;

  FaultSite site_;
  Protection protection_;
  TransferRows rows_;
  std::vector<Hit> hits_;  ///< by word
  std::size_t next_ = 0;   ///< the first that has not been applied
};

}  // namespace flexcim

// How fast the published rules let an in-order controller with open rows be: commands one by one, each as early as no
// rule forbids it.
#pragma once

#include "tests/tlm/oracle/jedec_checker.h"

#include <cstdint>
#include <vector>

namespace flexcim::oracle {

/// One channel. Address bits from the low end: byte in burst, bank group, column, bank, row.
class InOrderController {
 public:
  /// `device` outlives it.
  InOrderController(const JedecDevice& device, int row_bytes);

  /// Serves [address, address + bytes), which arrives in clock `arrival` (never decreasing): the clock behind its last
  /// beat, counting from the command as the model does, without the delays of the strobe.
  std::int64_t access(std::int64_t arrival, std::uint64_t address, std::uint64_t bytes, bool write);

 private:
  std::int64_t issue(DramCommand::Kind kind, int group, int bank, std::int64_t row, std::int64_t from);
  void refresh(std::int64_t service);

  const JedecDevice& device_;
  const std::uint64_t columns_;  ///< bursts of a row
  JedecChecker history_;
  std::vector<std::int64_t> rows_;  ///< -1: closed
  std::int64_t last_column_ = 0;
  std::int64_t refresh_due_;
};

}  // namespace flexcim::oracle

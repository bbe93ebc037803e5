#include "tests/tlm/oracle/in_order_controller.h"

#include <algorithm>

namespace flexcim::oracle {

using Kind = DramCommand::Kind;

InOrderController::InOrderController(const JedecDevice& device, int row_bytes)
    : device_(device),
      columns_(static_cast<std::uint64_t>(row_bytes / device.burst_bytes)),
      history_(device),
      rows_(static_cast<std::size_t>(device.bank_groups * device.banks_per_group), -1),
      refresh_due_(device.refresh_interval) {}

std::int64_t InOrderController::issue(Kind kind, int group, int bank, std::int64_t row, std::int64_t from) {
  const std::int64_t clock = std::max(from, history_.earliest(kind, group, bank));
  history_.check({kind, group, bank, row, clock});
  return clock;
}

void InOrderController::refresh(std::int64_t service) {
  for (; refresh_due_ <= service; refresh_due_ += device_.refresh_interval) {
    const bool open = std::any_of(rows_.begin(), rows_.end(), [](std::int64_t row) { return row >= 0; });
    if (open) issue(Kind::precharge_all, -1, -1, -1, refresh_due_);
    std::fill(rows_.begin(), rows_.end(), -1);
    issue(Kind::refresh_all, -1, -1, -1, refresh_due_);
  }
}

std::int64_t InOrderController::access(std::int64_t arrival, std::uint64_t address, std::uint64_t bytes, bool write) {
  const auto burst_bytes = static_cast<std::uint64_t>(device_.burst_bytes);
  const auto groups = static_cast<std::uint64_t>(device_.bank_groups);
  const auto banks = static_cast<std::uint64_t>(device_.banks_per_group);
  refresh(std::max(arrival, last_column_));
  std::uint64_t row_set = address / burst_bytes / groups / columns_;
  for (std::uint64_t burst = address / burst_bytes; burst * burst_bytes < address + bytes; ++burst) {
    if (burst / groups / columns_ != row_set) refresh(std::max(arrival, last_column_));
    row_set = burst / groups / columns_;
    const int group = static_cast<int>(burst % groups), bank = static_cast<int>(row_set % banks);
    const auto row = static_cast<std::int64_t>(row_set / banks);
    std::int64_t& open = rows_[static_cast<std::size_t>(group * device_.banks_per_group + bank)];
    if (open != row) {
      if (open >= 0) issue(Kind::precharge, group, bank, open, arrival);
      issue(Kind::activate, group, bank, row, arrival);
      open = row;
    }
    // Columns in order: none before the one in front of it.
    last_column_ = issue(write ? Kind::write : Kind::read, group, bank, row, std::max(arrival, last_column_));
  }
  return last_column_ + (write ? device_.write_data : device_.read_data) + device_.burst;
}

}  // namespace flexcim::oracle

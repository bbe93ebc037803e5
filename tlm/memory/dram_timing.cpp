#include "tlm/memory/dram_timing.h"

#include <algorithm>

namespace flexcim {

namespace {
constexpr std::int64_t kLongAgo = -1'000'000'000;  ///< before every constraint's reach
}

DramChannel::DramChannel(const DramParameters& parameters)
    : p_(parameters),
      burst_bytes_(static_cast<std::uint64_t>(parameters.burst_bytes())),
      row_set_bursts_(static_cast<std::uint64_t>(parameters.bank_groups) * parameters.row_bytes /
                      parameters.burst_bytes()),
      groups_(static_cast<std::uint64_t>(parameters.bank_groups)),
      banks_per_group_(static_cast<std::uint64_t>(parameters.banks_per_group)),
      banks_(static_cast<std::size_t>(parameters.bank_groups) * parameters.banks_per_group,
             Bank{-1, kLongAgo, kLongAgo, kLongAgo}),
      last_column_(kLongAgo),
      next_refresh_(parameters.refi) {
  last_activates_.fill(kLongAgo);
}

void DramChannel::refresh(std::int64_t service, DramEvents& events) {
  if (service < next_refresh_) return;
  // All but the last of the refreshes that fell due since the last access found the channel idle.
  const std::int64_t passed = (service - next_refresh_) / p_.refi;
  std::int64_t start = next_refresh_ + passed * p_.refi;
  next_refresh_ = start + p_.refi;
  events.refreshes += static_cast<std::uint64_t>(passed) + 1;
  bool open = false;
  for (const Bank& b : banks_) {
    if (b.row >= 0) {
      open = true;
      start = std::max(start, b.precharge_from);
    } else {
      start = std::max(start, b.activate_from);
    }
  }
  const std::int64_t end = start + (open ? p_.rp_all : 0) + p_.rfc;
  for (Bank& b : banks_) {
    b.row = -1;
    b.activate_from = end;
  }
}

std::int64_t DramChannel::activate(int group, int index, std::int64_t row, std::int64_t arrival, DramEvents& events) {
  Bank& b = bank(group, index);
  std::int64_t at = arrival;
  if (b.row >= 0) {
    at = std::max(at, b.precharge_from) + p_.rp;
  } else {
    at = std::max(at, b.activate_from);
  }
  at = std::max(at, b.activated + p_.ras + p_.rp);  // RC
  const std::int64_t last = last_activates_[(oldest_activate_ + 3) % 4];
  at = std::max(at, last + (group == activated_group_ ? p_.rrd_l : p_.rrd_s));
  at = std::max(at, last_activates_[oldest_activate_] + p_.faw);
  last_activates_[oldest_activate_] = at;
  oldest_activate_ = (oldest_activate_ + 1) % 4;
  activated_group_ = group;
  b.row = row;
  b.activated = at;
  b.precharge_from = at + p_.ras;
  ++events.activates;
  return at;
}

std::int64_t DramChannel::earliest_column(int group, bool write) const {
  const bool same_group = group == column_group_;
  if (column_write_ == write) return last_column_ + (same_group ? p_.ccd_l : p_.ccd_s);
  if (write) return last_column_ + p_.read_to_write();
  return last_column_ + p_.wl + p_.burst_clocks + (same_group ? p_.wtr_l : p_.wtr_s);
}

std::int64_t DramChannel::run(std::int64_t arrival, std::uint64_t row_set, std::uint64_t first_burst,
                              std::uint64_t bursts, bool write, DramEvents& events) {
  const std::uint64_t groups = groups_.value();
  const auto row = static_cast<std::int64_t>(banks_per_group_.quotient(row_set));
  const auto index = static_cast<int>(row_set - static_cast<std::uint64_t>(row) * banks_per_group_.value());
  const auto first_group = static_cast<int>(groups_.remainder(first_burst));
  const auto group_of = [&](std::uint64_t j) {
    const int group = first_group + static_cast<int>(j);
    return group < p_.bank_groups ? group : group - p_.bank_groups;
  };
  refresh(std::max(arrival, last_column_), events);

  const int rcd = write ? p_.rcd_write : p_.rcd_read;
  const std::uint64_t touched = std::min(bursts, groups);
  std::int64_t first = std::max(arrival, earliest_column(first_group, write));
  for (std::uint64_t j = 0; j < touched; ++j) {
    const int group = group_of(j);
    Bank& b = bank(group, index);
    if (b.row == row) {
      ++events.row_hits;
    } else {
      activate(group, index, row, arrival, events);
    }
    // Burst j follows j * CCD_S after the first, so what delays it delays the first by that much less.
    first = std::max(first, b.activated + rcd - static_cast<std::int64_t>(j) * p_.ccd_s);
  }
  const std::int64_t last = first + static_cast<std::int64_t>(bursts - 1) * p_.ccd_s;
  for (std::uint64_t j = 0; j < touched; ++j) {
    // The last burst of this group.
    const std::uint64_t at = bursts - 1 - groups_.remainder(bursts - 1 - j);
    const std::int64_t column = first + static_cast<std::int64_t>(at) * p_.ccd_s;
    Bank& b = bank(group_of(j), index);
    b.precharge_from = std::max(b.precharge_from, column + (write ? p_.wl + p_.burst_clocks + p_.wr : p_.rtp));
  }
  last_column_ = last;
  column_group_ = group_of(groups_.remainder(bursts - 1));
  column_write_ = write;
  (write ? events.write_bursts : events.read_bursts) += bursts;
  return last + (write ? p_.wl : p_.rl) + p_.burst_clocks;
}

std::int64_t DramChannel::access(std::int64_t arrival, std::uint64_t address, std::uint64_t bytes, bool write,
                                 DramEvents& events) {
  std::uint64_t burst = burst_bytes_.quotient(address);
  const std::uint64_t end = burst_bytes_.ceiling(address + bytes);
  std::int64_t finish = arrival;
  while (burst < end) {
    const std::uint64_t row_set = row_set_bursts_.quotient(burst);
    const std::uint64_t bursts = std::min(end, (row_set + 1) * row_set_bursts_.value()) - burst;
    finish = run(arrival, row_set, burst, bursts, write, events);
    burst += bursts;
  }
  return finish;
}

DramTiming::DramTiming(DramParameters parameters)
    : parameters_((parameters.validate(), std::move(parameters))),
      clock_ps_(static_cast<std::uint64_t>(parameters_.clock_ps)),
      channels_(parameters_.channels, DramChannel(parameters_)) {}

std::int64_t DramTiming::access(std::int64_t now_ps, std::uint64_t address, std::uint64_t bytes, bool write) {
  const auto arrival = static_cast<std::int64_t>(clock_ps_.ceiling(static_cast<std::uint64_t>(now_ps)));
  if (parameters_.channels == 1) {
    return std::max(arrival, channels_[0].access(arrival, address, bytes, write, events_)) * parameters_.clock_ps;
  }
  const auto channels = static_cast<std::uint64_t>(parameters_.channels);
  const auto piece = static_cast<std::uint64_t>(parameters_.interleave_bytes);
  std::int64_t finish = arrival;
  // A contiguous range is contiguous inside every channel, too: cut it at the pieces of channel c.
  const auto local = [&](std::uint64_t at, std::uint64_t c) {
    const std::uint64_t stripe = at / (piece * channels);
    const std::uint64_t inside = at % (piece * channels);
    return stripe * piece + std::clamp<std::uint64_t>(inside, c * piece, (c + 1) * piece) - c * piece;
  };
  for (std::uint64_t c = 0; c < channels; ++c) {
    const std::uint64_t first = local(address, c);
    const std::uint64_t end = local(address + bytes, c);
    if (end > first) finish = std::max(finish, channels_[c].access(arrival, first, end - first, write, events_));
  }
  return finish * parameters_.clock_ps;
}

std::int64_t DramTiming::idle_latency_ps(bool write) const {
  const DramParameters& p = parameters_;
  return static_cast<std::int64_t>((write ? p.rcd_write + p.wl : p.rcd_read + p.rl) + p.burst_clocks) * p.clock_ps;
}

}  // namespace flexcim

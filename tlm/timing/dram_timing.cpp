#include "tlm/timing/dram_timing.h"

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
  columns_.fill({kLongAgo, kLongAgo});
  activates_.clocks.fill(kLongAgo);
  activates_.count = Activates::kBound;
}

void DramChannel::refresh(std::int64_t service, DramEvents& events) {
  if (service < next_refresh_) return;
  std::int64_t start = next_refresh_;
  bool open = false;
  for (const Bank& b : banks_) {
    open = open || b.row >= 0;
    start = std::max(start, b.row >= 0 ? b.precharge_from : b.activate_from);
  }
  const std::int64_t first = start + (open ? p_.rp_all : 0);
  // Those that fell due behind it found the channel idle and its banks closed.
  const std::int64_t more = (service - next_refresh_) / p_.refi;
  const auto of = [&](std::int64_t i) { return std::max(next_refresh_ + i * p_.refi, first + i * p_.rfc); };
  if (listener_ != nullptr || command_listener_ != nullptr) {
    for (std::int64_t i = -skipped_refreshes_; i < 0; ++i) tell_refresh(next_refresh_ + i * p_.refi, 0);
    tell_refresh(start, first - start);
    for (std::int64_t i = 1; i <= more; ++i) tell_refresh(of(i), 0);
  }
  events.refreshes += static_cast<std::uint64_t>(skipped_refreshes_ + 1 + more);
  for (Bank& b : banks_) {
    b.row = -1;
    b.activate_from = of(more) + p_.rfc;
  }
  skipped_refreshes_ = 0;
  next_refresh_ += (more + 1) * p_.refi;
}

/// From `start` on all banks are closed, which takes `precharge` clocks.
void DramChannel::tell_refresh(std::int64_t start, std::int64_t precharge) const {
  if (listener_ != nullptr) {
    listener_->on_refresh(number_, start * p_.clock_ps, (start + precharge + p_.rfc) * p_.clock_ps);
  }
  if (command_listener_ == nullptr) return;
  if (precharge > 0) command_listener_->on_command(number_, {DramCommand::Kind::precharge_all, -1, -1, -1, start});
  command_listener_->on_command(number_, {DramCommand::Kind::refresh_all, -1, -1, -1, start + precharge});
}

std::int64_t DramChannel::activate_clock(const Bank& b, int group, std::int64_t arrival) const {
  // RC holds, too: an open row is not precharged before RAS, nor is a closed one refreshed.
  std::int64_t at = b.row >= 0 ? std::max(arrival, b.precharge_from) + p_.rp : std::max(arrival, b.activate_from);
  at = std::max(at, activates_.last() + (group == activates_.group ? p_.rrd_l : p_.rrd_s));
  return std::max(at, activates_.bounding() + p_.faw);
}

void DramChannel::open(Bank& b, std::int64_t row, std::int64_t at) const {
  if (listener_ != nullptr) {
    listener_->on_activate(number_, static_cast<int>(&b - banks_.data()), row, b.row >= 0, at * p_.clock_ps);
  }
  if (command_listener_ != nullptr) {
    const int number = static_cast<int>(&b - banks_.data());
    const int group = number / p_.banks_per_group, index = number % p_.banks_per_group;
    if (b.row >= 0) {
      command_listener_->on_command(number_, {DramCommand::Kind::precharge, group, index, b.row, at - p_.rp});
    }
    command_listener_->on_command(number_, {DramCommand::Kind::activate, group, index, row, at});
  }
  b.row = row;
  b.activated = at;
  b.precharge_from = at + p_.ras;
}

/// Of burst j, CCD_S after the one before it.
void DramChannel::tell_columns(const RowSet& row_set, std::uint64_t burst, std::int64_t first, std::uint64_t bursts,
                               bool write) const {
  if (command_listener_ == nullptr) return;
  const auto kind = write ? DramCommand::Kind::write : DramCommand::Kind::read;
  for (std::uint64_t j = 0; j < bursts; ++j, first += p_.ccd_s) {
    command_listener_->on_command(number_, {kind, group_of(burst + j), row_set.bank, row_set.row, first});
  }
}

/// By what went over the bus last.
std::int64_t DramChannel::earliest_column(int group, bool write) const {
  const bool same_group = last_.bursts == 0 || group == group_of(last_.end - 1);
  if (last_.write == write) return last_column_ + (same_group ? p_.ccd_l : p_.ccd_s);
  if (write) return last_column_ + p_.rtw;
  return last_column_ + p_.wl + p_.burst_clocks + (same_group ? p_.wtr_l : p_.wtr_s);
}

/// By what the group did before: its last column command need not be the last of all.
std::int64_t DramChannel::earliest_in_group(int group, bool write) const {
  const Columns& columns = columns_[static_cast<std::size_t>(group)];
  if (write) return columns.write + p_.ccd_l;
  return std::max(columns.read + p_.ccd_l, columns.write + p_.wl + p_.burst_clocks + p_.wtr_l);
}

std::int64_t DramChannel::run(std::int64_t arrival, std::uint64_t row_set, std::uint64_t first_burst,
                              std::uint64_t bursts, bool write, DramEvents& events) {
  const bool continues = write == last_.write && bursts == last_.bursts && first_burst == last_.end;
  std::int64_t first;
  bool held_up = false;  // by a row that had to be opened, or by a bank group: not so the next time
  if (continues && row_set == last_.row_set.number && last_.whole_rounds &&
      std::max(arrival, last_column_) < next_refresh_) {
    // The same open banks in the same order: what held for the run before holds for this one.
    first = std::max(arrival, last_column_ + (p_.bank_groups == 1 ? p_.ccd_l : p_.ccd_s));
    events.row_hits += groups_.value();
  } else {
    close_last();
    if (row_set != last_.row_set.number) last_.row_set = this->row_set(row_set);
    first = first_column(arrival, last_.row_set, first_burst, bursts, write, events);
    held_up = first > std::max(arrival, earliest_column(group_of(first_burst), write));
    last_.bursts = bursts;
    last_.write = write;
    last_.whole_rounds = groups_.remainder(bursts) == 0;
  }
  const bool repeats = continues && !held_up && first - last_.first == arrival - last_.arrival;
  last_.period = repeats ? arrival - last_.arrival : 0;
  last_.end = first_burst + bursts;
  last_.arrival = arrival;
  last_.first = first;
  tell_columns(last_.row_set, first_burst, first, bursts, write);
  last_column_ = first + static_cast<std::int64_t>(bursts - 1) * p_.ccd_s;
  (write ? events.write_bursts : events.read_bursts) += bursts;
  return last_column_ + (write ? p_.wl : p_.rl) + p_.burst_clocks;
}

DramChannel::RowSet DramChannel::row_set(std::uint64_t number) const {
  return {number, static_cast<std::int64_t>(banks_per_group_.quotient(number)),
          static_cast<int>(banks_per_group_.remainder(number))};
}

/// Opens what is not open and finds the clock of the first column command.
std::int64_t DramChannel::first_column(std::int64_t arrival, const RowSet& row_set, std::uint64_t first_burst,
                                       std::uint64_t bursts, bool write, DramEvents& events) {
  const int first_group = group_of(first_burst);
  refresh(std::max(arrival, last_column_), events);

  const int rcd = write ? p_.rcd_write : p_.rcd_read;
  const std::uint64_t touched = std::min(bursts, groups_.value());
  std::int64_t first = std::max(arrival, earliest_column(first_group, write));
  for (std::uint64_t j = 0; j < touched; ++j) {
    int group = first_group + static_cast<int>(j);
    if (group >= p_.bank_groups) group -= p_.bank_groups;
    Bank& b = bank(group, row_set.bank);
    if (b.row == row_set.row) {
      ++events.row_hits;
    } else {
      const std::int64_t at = activate_clock(b, group, arrival);
      activates_.reserve(1);
      activates_.add(group, at);
      open(b, row_set.row, at);
      ++events.activates;
    }
    // Burst j follows j * CCD_S after the first, so what delays it delays the first by that much less.
    const std::int64_t ready = std::max(b.activated + rcd, earliest_in_group(group, write));
    first = std::max(first, ready - static_cast<std::int64_t>(j) * p_.ccd_s);
  }
  return first;
}

/// What the column commands of the last run mean for its bank groups and the precharge of its banks. Runs that repeat
/// each other put it off.
void DramChannel::close_last() {
  const std::uint64_t touched = std::min(last_.bursts, groups_.value());
  const std::int64_t to_precharge = last_.write ? p_.wl + p_.burst_clocks + p_.wr : p_.rtp;
  std::int64_t column = last_column_;
  int group = group_of(last_.end - 1);
  for (std::uint64_t from_end = 0; from_end < touched; ++from_end, column -= p_.ccd_s) {
    Columns& columns = columns_[static_cast<std::size_t>(group)];
    (last_.write ? columns.write : columns.read) = column;
    Bank& b = bank(group, last_.row_set.bank);
    b.precharge_from = std::max(b.precharge_from, column + to_precharge);
    group = (group == 0 ? p_.bank_groups : group) - 1;
  }
}

std::uint64_t DramChannel::serve_many(std::uint64_t burst, std::uint64_t bursts, std::uint64_t most,
                                      const Cadence& arrivals, DramEvents& events) {
  const std::int64_t period = arrivals.period();
  opened_.clear();
  // With whole rounds of the bank groups every run in a row meets the same banks.
  if (burst != last_.end || bursts != last_.bursts || !last_.whole_rounds || period <= 0) return 0;
  // Either every run repeats the one before in every respect, or all of them wait for the data bus.
  const bool same =
      last_.period == period && arrivals.stretches().size() == 1 && arrivals.at(0) == last_.arrival + period;
  std::int64_t last_before_refresh = next_refresh_ - 1 - last_column_;
  if (same) {
    last_before_refresh = std::min(last_before_refresh, next_refresh_ - 1 - arrivals.at(0));
  } else {
    if (period != static_cast<std::int64_t>(bursts) * p_.ccd_s) return 0;
    for (const auto& [from, at] : arrivals.stretches()) {
      if (from < most && at > last_column_ + static_cast<std::int64_t>(from) * period) most = from;
    }
  }
  if (most == 0 || last_before_refresh < 0) return 0;
  most = std::min(most, static_cast<std::uint64_t>(last_before_refresh / period) + 1);
  const std::uint64_t row_bursts = row_set_bursts_.value();
  std::uint64_t row_end = (last_.row_set.number + 1) * row_bursts;
  // What fits into the row that is open, then row by row.
  std::uint64_t count = std::min(most, (row_end - last_.end) / bursts);
  tell_runs(count, period);
  events.row_hits += count * groups_.value();
  last_.end += count * bursts;
  last_column_ += static_cast<std::int64_t>(count) * period;
  for (const std::uint64_t in_row = row_bursts / bursts; count < most && last_.end == row_end; row_end += row_bursts) {
    const std::uint64_t activated = events.activates;
    if (!open_next_row(arrivals.at(count), last_column_ - static_cast<std::int64_t>(bursts - 1) * p_.ccd_s + period,
                       events)) {
      break;
    }
    if (listener_ != nullptr) opened_.push_back({count, events.activates - activated});
    const std::uint64_t more = std::min(most - count, in_row);
    tell_runs(more, period);
    events.row_hits += (more - 1) * groups_.value();
    last_.end += more * bursts;
    last_column_ += static_cast<std::int64_t>(more) * period;
    count += more;
  }
  if (count == 0) return 0;
  last_.first = last_column_ - static_cast<std::int64_t>(bursts - 1) * p_.ccd_s;
  last_.arrival = arrivals.at(count - 1);
  last_.period = period;
  (last_.write ? events.write_bursts : events.read_bursts) += count * bursts;
  return count;
}

/// `count` runs behind the last one, in its rows, each `period` after the one before it.
void DramChannel::tell_runs(std::uint64_t count, std::int64_t period) const {
  if (command_listener_ == nullptr) return;
  std::int64_t first = last_column_ - static_cast<std::int64_t>(last_.bursts - 1) * p_.ccd_s;
  for (std::uint64_t i = 0; i < count; ++i) {
    tell_columns(last_.row_set, last_.end + i * last_.bursts, first += period, last_.bursts, last_.write);
  }
}

/// Opens the row set behind that of the last run for a run that arrives in clock `arrival`, if that does not keep it
/// from its first column command in clock `first`; false, with nothing changed, if it does.
bool DramChannel::open_next_row(std::int64_t arrival, std::int64_t first, DramEvents& events) {
  close_last();
  const bool wraps = last_.row_set.bank + 1 == p_.banks_per_group;
  const int index = wraps ? 0 : last_.row_set.bank + 1;
  const std::int64_t row = last_.row_set.row + (wraps ? 1 : 0);
  const int rcd = last_.write ? p_.rcd_write : p_.rcd_read;
  activates_.reserve(groups_.value());
  const std::size_t before = activates_.count;
  const int group_before = activates_.group;
  for (int group = 0; group < p_.bank_groups; ++group) {
    const Bank& b = bank(group, index);
    std::int64_t at = b.activated;
    if (b.row != row) activates_.add(group, at = activate_clock(b, group, arrival));
    if (at + rcd - group * std::int64_t{p_.ccd_s} > first) {
      activates_.count = before;
      activates_.group = group_before;
      return false;
    }
  }
  std::size_t opened = before;
  for (int group = 0; group < p_.bank_groups; ++group) {
    Bank& b = bank(group, index);
    if (b.row != row) open(b, row, activates_.clocks[opened++]);
  }
  events.activates += opened - before;
  events.row_hits += groups_.value() - (opened - before);
  ++last_.row_set.number;
  last_.row_set.row = row;
  last_.row_set.bank = index;
  return true;
}

void DramChannel::skip(std::int64_t clocks) {
  for (Bank& b : banks_) {
    b.activated += clocks;
    b.precharge_from += clocks;
    b.activate_from += clocks;
  }
  for (std::int64_t& clock : activates_.clocks) clock += clocks;
  for (Columns& columns : columns_) {
    columns.read += clocks;
    columns.write += clocks;
  }
  last_column_ += clocks;
  // All but the last of the refreshes that fall due meanwhile are over.
  const std::int64_t over = std::max<std::int64_t>(0, (last_column_ - next_refresh_) / p_.refi);
  skipped_refreshes_ += over;
  next_refresh_ += over * p_.refi;
  last_.arrival += clocks;
  last_.first += clocks;
}

std::int64_t DramChannel::access(std::int64_t arrival, std::uint64_t address, std::uint64_t bytes, bool write,
                                 DramEvents& events) {
  std::uint64_t burst = burst_bytes_.quotient(address);
  const std::uint64_t end = burst_bytes_.ceiling(address + bytes);
  std::int64_t finish = arrival;
  for (int runs = 0; burst < end; ++runs) {
    const std::uint64_t row_set = row_set_bursts_.quotient(burst);
    const std::uint64_t bursts = std::min(end, (row_set + 1) * row_set_bursts_.value()) - burst;
    finish = run(arrival, row_set, burst, bursts, write, events);
    burst += bursts;
    if (runs > 0) last_.period = 0;  // only whole accesses are repeated
  }
  return finish;
}

DramTiming::DramTiming(DramParameters parameters)
    : parameters_((parameters.validate(), std::move(parameters))),
      clock_ps_(static_cast<std::uint64_t>(parameters_.clock_ps)),
      piece_(static_cast<std::uint64_t>(parameters_.interleave_bytes)),
      count_(static_cast<std::uint64_t>(parameters_.channels)),
      channels_(parameters_.channels, DramChannel(parameters_)) {}

void DramTiming::set_listener(DramListener* listener) {
  listener_ = listener;
  for (std::size_t i = 0; i < channels_.size(); ++i) channels_[i].set_listener(listener, static_cast<int>(i));
}

void DramTiming::set_command_listener(DramCommandListener* listener) {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    channels_[i].set_command_listener(listener, static_cast<int>(i));
  }
}

std::int64_t DramTiming::access(std::int64_t now_ps, std::uint64_t address, std::uint64_t bytes, bool write) {
  last_write_ = write;
  if (listener_ == nullptr) return last_end_ps_ = finish(now_ps, address, bytes, write);
  const DramEvents before = events_;
  last_end_ps_ = finish(now_ps, address, bytes, write);
  listener_->on_access(now_ps, last_end_ps_, events_ - before);
  return last_end_ps_;
}

std::int64_t DramTiming::finish(std::int64_t now_ps, std::uint64_t address, std::uint64_t bytes, bool write) {
  const auto arrival = static_cast<std::int64_t>(clock_ps_.ceiling(static_cast<std::uint64_t>(now_ps)));
  if (parameters_.channels == 1) {
    return std::max(arrival, channels_[0].access(arrival, address, bytes, write, events_)) * parameters_.clock_ps;
  }
  std::int64_t latest = arrival;
  const auto access = [&](std::uint64_t channel, std::uint64_t first, std::uint64_t end) {
    latest = std::max(latest, channels_[channel].access(arrival, first, end - first, write, events_));
  };
  const std::uint64_t piece = piece_.value();
  const std::uint64_t first_piece = piece_.quotient(address), last_piece = piece_.quotient(address + bytes - 1);
  const std::uint64_t first_stripe = count_.quotient(first_piece), last_stripe = count_.quotient(last_piece);
  const std::uint64_t first_channel = first_piece - first_stripe * count_.value();
  const std::uint64_t last_channel = last_piece - last_stripe * count_.value();
  const std::uint64_t first_inside = address - first_piece * piece, end_inside = address + bytes - last_piece * piece;
  if (first_piece == last_piece) {
    access(first_channel, first_stripe * piece + first_inside, first_stripe * piece + end_inside);
    return latest * parameters_.clock_ps;
  }
  // A contiguous range is contiguous inside every channel, too: from the first piece that it has of the range to the
  // last.
  for (std::uint64_t c = 0; c < count_.value(); ++c) {
    const std::uint64_t first = (first_stripe + (c < first_channel)) * piece + (c == first_channel ? first_inside : 0);
    const std::uint64_t end = (last_stripe + (c < last_channel)) * piece + (c == last_channel ? end_inside : 0);
    if (end > first) access(c, first, end);
  }
  return latest * parameters_.clock_ps;
}

std::uint64_t DramTiming::serve_many(std::uint64_t address, std::uint64_t bytes, std::uint64_t most,
                                     const Cadence& times_ps) {
  const auto burst_bytes = static_cast<std::uint64_t>(parameters_.burst_bytes());
  if (parameters_.channels != 1 || times_ps.period() % parameters_.clock_ps != 0) return 0;
  if (address % burst_bytes != 0 || bytes % burst_bytes != 0) return 0;
  arrivals_.restart(times_ps.period() / parameters_.clock_ps);
  for (const auto& [from, at] : times_ps.stretches()) {
    arrivals_.add(from, static_cast<std::int64_t>(clock_ps_.ceiling(static_cast<std::uint64_t>(at))));
  }
  const std::uint64_t count =
      channels_[0].serve_many(address / burst_bytes, bytes / burst_bytes, most, arrivals_, events_);
  last_end_ps_ += static_cast<Picoseconds>(count) * times_ps.period();
  if (listener_ != nullptr) tell_repeated(bytes / burst_bytes, count, times_ps);
  return count;
}

void DramTiming::skip(Picoseconds ps) {
  const auto clocks = static_cast<std::int64_t>(clock_ps_.quotient(static_cast<std::uint64_t>(ps)));
  for (DramChannel& channel : channels_) channel.skip(clocks);
  last_end_ps_ += ps;
}

/// The last `count` accesses, of `bursts` bursts, as access() would have told of each.
void DramTiming::tell_repeated(std::uint64_t bursts, std::uint64_t count, const Cadence& times_ps) const {
  const auto groups = static_cast<std::uint64_t>(parameters_.bank_groups);
  const Picoseconds period_ps = times_ps.period();
  auto opened = channels_[0].opened().begin();
  for (std::uint64_t i = 0, told = 0; i < count; i = told) {
    const Picoseconds start_ps = times_ps.at(i), until_ps = listener_->sums_until(start_ps);
    Picoseconds end_ps = last_end_ps_ - static_cast<Picoseconds>(count - 1 - i) * period_ps;
    told = i + 1;
    if (end_ps < until_ps) told = std::min(count, told + static_cast<std::uint64_t>((until_ps - end_ps) / period_ps));
    end_ps += static_cast<Picoseconds>(told - 1 - i) * period_ps;
    DramEvents events;
    (last_write_ ? events.write_bursts : events.read_bursts) = bursts * (told - i);
    for (; opened != channels_[0].opened().end() && opened->access < told; ++opened) {
      events.activates += opened->activates;
    }
    events.row_hits = groups * (told - i) - events.activates;
    listener_->on_access(start_ps, end_ps, events);
  }
}

std::int64_t DramTiming::idle_latency_ps(bool write) const {
  const DramParameters& p = parameters_;
  return static_cast<std::int64_t>((write ? p.rcd_write + p.wl : p.rcd_read + p.rl) + p.burst_clocks) * p.clock_ps;
}

}  // namespace flexcim

#include "platform/soc/dram_signals.h"

#include <fmt/format.h>

namespace flexcim {

DramSignals::DramSignals(TraceFile& file, const std::string& scope, Dram& dram)
    : log_(file.changes()),
      precharge_ps_(static_cast<Picoseconds>(dram.timing().parameters().rp) * dram.timing().parameters().clock_ps) {
  const std::string group = "DRAM";
  state_ = file.add_states({scope, "state", group, 1, Radix::text}, {"write", "read", "refresh", "idle"});
  queue_ = file.add_level({scope, "queue", group, 16, Radix::analog});
  activates_ = file.add_level({scope, "activates", group, 32, Radix::unsigned_decimal});
  row_hits_ = file.add_level({scope, "row_hits", group, 32, Radix::unsigned_decimal});
  const DramParameters& p = dram.timing().parameters();
  for (int c = 0; c < p.channels; ++c) {
    const std::string inside = p.channels == 1 ? scope : fmt::format("{}.channel_{}", scope, c);
    const std::string banks = p.channels == 1 ? "DRAM banks" : fmt::format("DRAM banks of channel {}", c);
    Channel& channel = channels_.emplace_back();
    channel.refresh = file.add_level({inside, "refresh", banks, 1, Radix::bit, c == 0});
    for (int b = 0; b < p.bank_groups * p.banks_per_group; ++b) {
      channel.banks.push_back(
          file.add_number({inside, fmt::format("bank_{:02}", b), banks, 32, Radix::signed_decimal, c == 0}, kClosed));
    }
  }
  dram.add_listener(*this);
}

void DramSignals::on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) {
  log_.hold(state_, start_ps, end_ps, events.write_bursts > 0 ? writing : reading);
  log_.raise(queue_, start_ps, end_ps);
  log_.change(activates_, start_ps, static_cast<std::int64_t>(events.activates));
  log_.change(row_hits_, start_ps, static_cast<std::int64_t>(events.row_hits));
}

void DramSignals::on_activate(int channel, int bank, std::int64_t row, bool closes, Picoseconds at_ps) {
  const Signal signal = channels_[static_cast<std::size_t>(channel)].banks[static_cast<std::size_t>(bank)];
  if (closes) log_.set(signal, at_ps - precharge_ps_, kClosed);
  log_.set(signal, at_ps, row);
}

void DramSignals::on_refresh(int channel, Picoseconds start_ps, Picoseconds end_ps) {
  const Channel& refreshed = channels_[static_cast<std::size_t>(channel)];
  for (const Signal bank : refreshed.banks) log_.set(bank, start_ps, kClosed);
  log_.raise(refreshed.refresh, start_ps, end_ps);
  log_.hold(state_, start_ps, end_ps, refreshing);
}

}  // namespace flexcim

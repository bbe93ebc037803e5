#include "tests/tlm/oracle/jedec_checker.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim::oracle {
namespace {

using Kind = DramCommand::Kind;

constexpr std::int64_t kNever = -1'000'000'000;
constexpr const char* kKindNames[] = {"ACT", "RD", "WR", "PRE", "PREA", "REF"};

bool of_all_banks(Kind kind) { return kind == Kind::precharge_all || kind == Kind::refresh_all; }

}  // namespace

JedecChecker::JedecChecker(const JedecDevice& device) : device_(device) {
  for (Last& last : channel_.last) last.fill(kNever);
  groups_.assign(static_cast<std::size_t>(device.bank_groups), channel_);
  banks_.assign(static_cast<std::size_t>(device.bank_groups * device.banks_per_group), channel_);
  open_rows_.assign(banks_.size(), -1);
}

/// For a command to a bank; where the rule is of banks or groups and the bank is -1, to any.
std::int64_t JedecChecker::allowed_from(const JedecRule& rule, int bank_group, int bank) const {
  std::int64_t from = kNever;
  const auto add = [&](const Place& place) {
    for (unsigned kind = 0; kind < kKinds; ++kind) {
      if ((rule.from & 1u << kind) == 0) continue;
      from = std::max(from, place.last[kind][static_cast<std::size_t>(rule.window - 1)] + rule.clocks);
    }
  };
  if (rule.scope == Scope::channel) {
    add(channel_);
  } else if (bank_group < 0) {
    for (const Place& place : rule.scope == Scope::group ? groups_ : banks_) add(place);
  } else {
    add(rule.scope == Scope::group ? groups_[static_cast<std::size_t>(bank_group)] : banks_[number(bank_group, bank)]);
  }
  return from;
}

std::int64_t JedecChecker::earliest(Kind kind, int bank_group, int bank) const {
  std::int64_t from = 0;
  for (const JedecRule& rule : device_.rules) {
    if ((rule.to & bit(kind)) != 0) from = std::max(from, allowed_from(rule, bank_group, bank));
  }
  return from;
}

void JedecChecker::check_state(const DramCommand& command, std::vector<std::string>& broken) {
  bool good = true;
  if (of_all_banks(command.kind)) {
    const bool open = std::any_of(open_rows_.begin(), open_rows_.end(), [](std::int64_t row) { return row >= 0; });
    good = command.kind == Kind::precharge_all || !open;
    std::fill(open_rows_.begin(), open_rows_.end(), -1);
  } else {
    std::int64_t& row = open_rows_[number(command.bank_group, command.bank)];
    const bool opens = command.kind == Kind::activate;
    good = opens ? row < 0 : row == command.row;
    if (opens) row = command.row;
    if (command.kind == Kind::precharge) row = -1;
  }
  if (!good) broken.emplace_back("state");
}

void JedecChecker::check_data(const DramCommand& command, std::vector<std::string>& broken) {
  const bool read = command.kind == Kind::read;
  if (!read && command.kind != Kind::write) return;
  const std::int64_t begin = command.clock + (read ? device_.read_data : device_.write_data);
  if (begin < data_until_) broken.emplace_back("data bus");
  data_until_ = begin + device_.burst;
}

void JedecChecker::check_refreshes(const DramCommand& command, std::vector<std::string>& broken) {
  const std::int64_t due = command.clock / device_.refresh_interval;
  if (due - refreshes_ > device_.most_postponed) broken.emplace_back("REFI");
  if (command.kind != Kind::refresh_all) return;
  ++refreshes_;
  latest_refresh_ = std::max(latest_refresh_, command.clock - refreshes_ * device_.refresh_interval);
}

void JedecChecker::note(const DramCommand& command) {
  const auto add = [&](Place& place) {
    Last& last = place.last[static_cast<std::size_t>(command.kind)];
    std::copy_backward(last.begin(), last.end() - 1, last.end());
    last.front() = command.clock;
  };
  add(channel_);
  if (command.bank_group < 0) {
    std::for_each(groups_.begin(), groups_.end(), add);
    std::for_each(banks_.begin(), banks_.end(), add);
  } else {
    add(groups_[static_cast<std::size_t>(command.bank_group)]);
    add(banks_[number(command.bank_group, command.bank)]);
  }
}

std::vector<std::string> JedecChecker::check(const DramCommand& command) {
  std::vector<std::string> broken;
  if (command.clock < now_) broken.emplace_back("order");
  shared_clocks_ += commands_ > 0 && command.clock == now_ ? 1 : 0;
  ++commands_;
  now_ = command.clock;
  for (const JedecRule& rule : device_.rules) {
    if ((rule.to & bit(command.kind)) == 0) continue;
    if (command.clock < allowed_from(rule, command.bank_group, command.bank)) broken.emplace_back(rule.name);
  }
  check_state(command, broken);
  check_data(command, broken);
  check_refreshes(command, broken);
  note(command);
  return broken;
}

TraceChecker::TraceChecker(const JedecDevice& device, int channels)
    : checkers_(static_cast<std::size_t>(channels), JedecChecker(device)),
      waiting_(static_cast<std::size_t>(channels)) {}

void TraceChecker::on_command(int channel, const DramCommand& command) {
  waiting_[static_cast<std::size_t>(channel)].push_back(command);
}

void TraceChecker::until(std::int64_t clock) {
  for (std::size_t channel = 0; channel < waiting_.size(); ++channel) {
    std::vector<DramCommand>& commands = waiting_[channel];
    std::stable_sort(commands.begin(), commands.end(),
                     [](const DramCommand& a, const DramCommand& b) { return a.clock < b.clock; });
    const auto end = std::find_if(commands.begin(), commands.end(),
                                  [clock](const DramCommand& command) { return command.clock >= clock; });
    for (auto each = commands.begin(); each != end; ++each) {
      ++kinds_[static_cast<std::size_t>(each->kind)];
      for (const std::string& rule : checkers_[channel].check(*each)) {
        if (violations_[rule]++ > 0 || !first_.empty()) continue;
        first_ = fmt::format("{}: command {} of channel {}, {} to group {} bank {} row {} in clock {}", rule,
                             checkers_[channel].commands(), channel, kKindNames[static_cast<unsigned>(each->kind)],
                             each->bank_group, each->bank, each->row, each->clock);
      }
    }
    commands.erase(commands.begin(), end);
  }
}

std::uint64_t TraceChecker::commands() const {
  std::uint64_t sum = 0;
  for (const JedecChecker& checker : checkers_) sum += checker.commands();
  return sum;
}

std::uint64_t TraceChecker::shared_clocks() const {
  std::uint64_t sum = 0;
  for (const JedecChecker& checker : checkers_) sum += checker.shared_clocks();
  return sum;
}

std::int64_t TraceChecker::latest_refresh() const {
  std::int64_t latest = 0;
  for (const JedecChecker& checker : checkers_) latest = std::max(latest, checker.latest_refresh());
  return latest;
}

}  // namespace flexcim::oracle

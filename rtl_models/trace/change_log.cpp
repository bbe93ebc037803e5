#include "rtl_models/trace/change_log.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace flexcim {
namespace {

constexpr std::size_t kBlock = 1 << 15;  ///< records that are sorted at a time: one megabyte

std::int64_t at_most(std::uint64_t ps) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(ps, std::numeric_limits<std::int64_t>::max()));
}

template <class Value>
Value from_bits(std::uint64_t bits) {
  Value value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

ChangeLog::ChangeLog(const std::string& target, std::uint64_t from_ps, std::uint64_t to_ps)
    : from_ps_(at_most(from_ps)), to_ps_(at_most(to_ps)), target_(target) {}

void ChangeLog::require_kept() const {
  if (spool_) spool_->require_kept();
}

ChangeLog::Signal ChangeLog::add(State state) {
  if (states_.size() > std::numeric_limits<std::uint16_t>::max()) throw std::length_error("signals of a waveform");
  states_.push_back(std::move(state));
  generations_.push_back(0);
  return static_cast<Signal>(states_.size() - 1);
}

ChangeLog::Signal ChangeLog::add_number(int variable, std::int64_t first) {
  return add({Kind::value, VcdVariable::Type::wire, variable, {}, bits(first)});
}

ChangeLog::Signal ChangeLog::add_real(int variable, double first) {
  return add({Kind::value, VcdVariable::Type::real, variable, {}, bits(first)});
}

ChangeLog::Signal ChangeLog::add_text(int variable, const char* first) {
  return add({Kind::value, VcdVariable::Type::text, variable, {}, bits(first)});
}

ChangeLog::Signal ChangeLog::add_level(int variable) {
  return add({Kind::level, VcdVariable::Type::wire, variable, {}, 0});
}

ChangeLog::Signal ChangeLog::add_states(int variable, std::vector<const char*> names) {
  return add({Kind::states, VcdVariable::Type::text, variable, std::move(names), 0});
}

void ChangeLog::raise(Signal signal, std::int64_t begin_ps, std::int64_t end_ps, std::int64_t by) {
  change(signal, begin_ps, by);
  change(signal, end_ps, -by);
}

void ChangeLog::hold(Signal signal, std::int64_t begin_ps, std::int64_t end_ps, std::size_t state) {
  enter(signal, begin_ps, state);
  leave(signal, end_ps, state);
}

void ChangeLog::cut(Signal signal, std::int64_t ps) {
  if (signal == none) return;
  tell(signal, ps, kCut, 0);
  ++generations_[signal];
}

void ChangeLog::tell(Signal signal, std::int64_t ps, std::size_t state, std::uint64_t bits) {
  if (signal == none || ps > to_ps_) return;
  const Record record{
      ps, told_, static_cast<std::uint16_t>(signal), static_cast<std::uint16_t>(state), generations_[signal], bits};
  if (ps < from_ps_) return states_[signal].apply(record);
  ++told_;
  block_.push_back(record);
  if (block_.size() == kBlock) write_block();
}

void ChangeLog::write_block() {
  std::sort(block_.begin(), block_.end());
  static_assert(sizeof(Record) == 32);
  const std::size_t bytes = block_.size() * sizeof(Record);
  if (!spool_) spool_ = std::make_unique<TraceSpool>(target_, bytes);
  unsigned char* const at = spool_->begin_append();
  std::memcpy(at, block_.data(), bytes);
  spool_->end_append(at + bytes);
  ++blocks_;
  block_.clear();
}

void ChangeLog::State::apply(const Record& record) {
  if (record.state == kCut) {
    while (!sums.empty() && sums.front().generation <= record.generation) sums.erase(sums.begin());
    generation = std::max(generation, record.generation + 1);
    return;
  }
  if (record.generation < generation) return;
  if (kind == Kind::value) {
    if (record.ps < set_ps) return;
    set_ps = record.ps;
    bits = record.bits;
    return;
  }
  auto sum = std::find_if(sums.begin(), sums.end(), [&](const Sums& s) { return s.generation >= record.generation; });
  if (sum == sums.end() || sum->generation != record.generation) {
    sum = sums.insert(sum, {record.generation, std::vector<std::int64_t>(std::max<std::size_t>(1, names.size()))});
  }
  sum->counts[record.state] += from_bits<std::int64_t>(record.bits);
}

/// Bits of what the variable shows.
std::uint64_t ChangeLog::State::value() const {
  if (kind == Kind::value) return bits;
  std::vector<std::int64_t> counts(std::max<std::size_t>(1, names.size()));  // none of the last name
  for (const Sums& sum : sums) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += sum.counts[i];
  }
  if (kind == Kind::level) return ChangeLog::bits(counts[0]);
  const auto held = std::find_if(counts.begin(), counts.end() - 1, [](std::int64_t count) { return count > 0; });
  return ChangeLog::bits(names[static_cast<std::size_t>(held - counts.begin())]);
}

void ChangeLog::record(bool on, std::int64_t ps) {
  if (on == (switches_.size() % 2 == 0)) return;
  switches_.push_back(ps);
}

ChangeReplay::ChangeReplay(ChangeLog& log, VcdWriter& vcd)
    : vcd_(vcd),
      from_ps_(log.from_ps_),
      states_(log.states_),
      values_(log.states_.size()),
      is_touched_(log.states_.size()),
      switches_(log.switches_) {
  using Record = ChangeLog::Record;
  // The last records stay in memory, those of full blocks are where the spool has put them.
  std::sort(log.block_.begin(), log.block_.end());
  const auto add = [this](const Record* begin, const Record* end) {
    if (begin != end) cursors_.push_back({begin, end});
  };
  if (log.spool_) {
    const auto* const records = reinterpret_cast<const Record*>(log.spool_->view().begin);
    log.require_kept();
    for (std::uint64_t i = 0; i < log.blocks_; ++i) add(records + i * kBlock, records + (i + 1) * kBlock);
  }
  add(log.block_.data(), log.block_.data() + log.block_.size());
  std::make_heap(cursors_.begin(), cursors_.end(), later);
}

void ChangeReplay::write(ChangeLog::Signal signal) {
  const ChangeLog::State& state = states_[signal];
  const std::uint64_t bits = values_[signal];
  switch (state.type) {
    case VcdVariable::Type::wire:
      return vcd_.change(state.variable, from_bits<std::int64_t>(bits));
    case VcdVariable::Type::real:
      return vcd_.change(state.variable, from_bits<double>(bits));
    case VcdVariable::Type::text:
      return vcd_.change(state.variable, from_bits<const char*>(bits));
  }
}

void ChangeReplay::write_until(std::int64_t ps) {
  if (!begun_) {
    begun_ = true;
    vcd_.time(static_cast<std::uint64_t>(from_ps_));
    for (ChangeLog::Signal signal = 0; signal < states_.size(); ++signal) {
      values_[signal] = states_[signal].value();
      write(signal);
    }
  }
  while (!cursors_.empty() && cursors_.front().at->ps <= ps) {
    const std::int64_t now = cursors_.front().at->ps;
    switch_until(now - 1);
    while (!cursors_.empty() && cursors_.front().at->ps == now) {
      std::pop_heap(cursors_.begin(), cursors_.end(), later);
      Cursor& cursor = cursors_.back();
      const ChangeLog::Record& record = *cursor.at++;
      states_[record.signal].apply(record);
      if (!is_touched_[record.signal]) touched_.push_back(record.signal);
      is_touched_[record.signal] = true;
      if (cursor.at == cursor.end) {
        cursors_.pop_back();
      } else {
        std::push_heap(cursors_.begin(), cursors_.end(), later);
      }
    }
    switch_until(now);
    if (switched_ % 2 == 0) write_touched(now);
  }
  switch_until(ps);
}

/// What is switched up to `ps`. What has changed while nothing was recorded is written when it goes on.
void ChangeReplay::switch_until(std::int64_t ps) {
  for (; switched_ < switches_.size() && switches_[switched_] <= ps; ++switched_) {
    if (switched_ % 2 != 0) write_touched(switches_[switched_]);
  }
}

void ChangeReplay::write_touched(std::int64_t ps) {
  std::sort(touched_.begin(), touched_.end());
  if (!touched_.empty()) vcd_.time(static_cast<std::uint64_t>(ps));
  for (const ChangeLog::Signal signal : touched_) {
    is_touched_[signal] = false;
    const std::uint64_t value = states_[signal].value();
    if (value == values_[signal]) continue;
    values_[signal] = value;
    write(signal);
    if (written_.changes++ == 0) written_.first_ps = static_cast<std::uint64_t>(ps);
    written_.last_ps = static_cast<std::uint64_t>(ps);
  }
  touched_.clear();
}

void ChangeReplay::write_all() { write_until(std::numeric_limits<std::int64_t>::max()); }

}  // namespace flexcim

#include "platform/program/power_log.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <iterator>
#include <type_traits>
#include <vector>

namespace flexcim {
namespace {

static_assert(std::is_trivially_copyable_v<AcceleratorEvents> && sizeof(AcceleratorEvents) == 8 * kAcceleratorCounts);
static_assert(std::is_trivially_copyable_v<DramEvents> && sizeof(DramEvents) == 8 * kDramCounts);
static_assert(std::is_trivially_copyable_v<SocCounts> && sizeof(SocCounts) % 8 == 0);
using Counts = TimedCounts;

/// A record: start, end, which counts are not 0, those.
struct IntervalHeader {
  std::int64_t start_ps, end_ps;
  std::uint64_t present;
};
constexpr std::size_t kLargestInterval = sizeof(IntervalHeader) + sizeof(Counts);

struct SampleHeader {
  std::uint64_t window;
};
constexpr std::size_t kSample = sizeof(SampleHeader) + sizeof(SocCounts);

/// value * part / whole, rounded down; part <= whole.
std::uint64_t share(std::uint64_t value, std::uint64_t part, std::uint64_t whole) {
  if ((value | part) >> 32 == 0) return value * part / whole;
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(value) * part / whole);
}

/// A record in the spool, and up to when it has given what it has.
struct Interval {
  IntervalHeader header;
  const unsigned char* counts;
  std::int64_t given_ps;

  explicit Interval(const unsigned char* at) : counts(at + sizeof header) {
    std::memcpy(&header, at, sizeof header);
    given_ps = header.start_ps;
  }

  const unsigned char* end() const {
    return counts + sizeof(std::uint64_t) * static_cast<std::size_t>(__builtin_popcountll(header.present));
  }
  /// Gives what belongs before `ps`, or all.
  void give(Counts& sums, std::int64_t ps, bool all) {
    const auto whole = static_cast<std::uint64_t>(header.end_ps - header.start_ps);
    const auto before = [&](std::uint64_t count, std::int64_t at_ps) {
      return at_ps <= header.start_ps ? 0 : share(count, static_cast<std::uint64_t>(at_ps - header.start_ps), whole);
    };
    const unsigned char* at = counts;
    for (std::uint64_t rest = header.present; rest != 0; rest &= rest - 1, at += sizeof(std::uint64_t)) {
      std::uint64_t count = 0;
      std::memcpy(&count, at, sizeof count);
      sums[static_cast<std::size_t>(__builtin_ctzll(rest))] +=
          (all ? count : before(count, ps)) - before(count, given_ps);
    }
    given_ps = ps;
  }
};

/// Intervals of one kind in the order of their start. Bursts of different channels may be told of out of order, but no
/// more of them than are in flight.
class IntervalReader {
 public:
  explicit IntervalReader(TraceSpool::View view) : at_(view.begin), end_(view.end) { refill(); }

  bool empty() const { return next_.empty(); }
  std::int64_t start_ps() const { return next_.front().header.start_ps; }
  Interval take() {
    const Interval interval = next_.front();
    next_.pop_front();
    refill();
    return interval;
  }

 private:
  static constexpr std::size_t kMostInFlight = 256;

  void refill() {
    while (at_ != end_ && next_.size() <= kMostInFlight) {
      const Interval interval(at_);
      auto behind = next_.end();  // mostly it stays there
      while (behind != next_.begin() && std::prev(behind)->header.start_ps > interval.header.start_ps) --behind;
      next_.insert(behind, interval);
      at_ = interval.end();
    }
  }

  const unsigned char* at_;
  const unsigned char* end_;
  std::deque<Interval> next_;
};

/// Counts at the end of each window.
class SampleReader {
 public:
  explicit SampleReader(TraceSpool::View view) : at_(view.begin), end_(view.end) {}

  const SocCounts& at(std::uint64_t window) {
    for (SampleHeader header; at_ != end_; at_ += kSample) {
      std::memcpy(&header, at_, sizeof header);
      if (header.window > window) break;
      std::memcpy(static_cast<void*>(&counts_), at_ + sizeof header, sizeof counts_);
    }
    return counts_;
  }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
  SocCounts counts_;
};

/// Writes an interval of `count` counts from the `first` of all on; those that are 0 take no room.
void append(TraceSpool& spool, std::int64_t start_ps, std::int64_t end_ps, const std::uint64_t* counts,
            std::size_t first, std::size_t count) {
  IntervalHeader header{start_ps, end_ps, 0};
  unsigned char* const begin = spool.begin_append();
  unsigned char* at = begin + sizeof header;
  for (std::size_t i = 0; i < count; ++i) {
    if (counts[i] == 0) continue;
    header.present |= std::uint64_t{1} << (first + i);
    std::memcpy(at, &counts[i], sizeof counts[i]);
    at += sizeof counts[i];
  }
  if (header.present == 0) return;
  std::memcpy(begin, &header, sizeof header);
  spool.end_append(at);
}

}  // namespace

PowerLog::Intervals::Intervals(const std::string& file) : spool(file, kLargestInterval) {}

PowerLog::PowerLog(std::int64_t window_ps, const std::string& file)
    : window_ps_(window_ps),
      kinds_{Intervals(file), Intervals(file), Intervals(file), Intervals(file), Intervals(file)},
      samples_(file, kSample) {}

void PowerLog::flush(Intervals& intervals) {
  if (intervals.window < 0) return;
  const std::int64_t start_ps = intervals.window * window_ps_;
  append(intervals.spool, start_ps, start_ps, intervals.inside.data(), 0, intervals.inside.size());
  intervals.window = -1;
  intervals.inside = {};
}

void PowerLog::keep(Intervals& intervals, std::int64_t start_ps, std::int64_t end_ps, const std::uint64_t* counts,
                    std::size_t first, std::size_t count) {
  const std::int64_t window = start_ps / window_ps_;
  if (intervals.window != window) flush(intervals);
  if (end_ps > sums_until(start_ps)) return append(intervals.spool, start_ps, end_ps, counts, first, count);
  intervals.window = window;
  for (std::size_t i = 0; i < count; ++i) intervals.inside[first + i] += counts[i];
}

void PowerLog::on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                           const AcceleratorEvents& events) {
  std::array<std::uint64_t, kAcceleratorCounts> counts;
  std::memcpy(counts.data(), &events, sizeof counts);
  keep(kinds_[static_cast<std::size_t>(kind)], start_ps, end_ps, counts.data(), 0, counts.size());
}

void PowerLog::on_access(std::int64_t start_ps, std::int64_t end_ps, const DramEvents& events) {
  std::array<std::uint64_t, kDramCounts> counts;
  std::memcpy(counts.data(), &events, sizeof counts);
  keep(kinds_.back(), start_ps, end_ps, counts.data(), kAcceleratorCounts, counts.size());
}

void PowerLog::require_kept() const {
  for (const Intervals& intervals : kinds_) intervals.spool.require_kept();
  samples_.require_kept();
}

void PowerLog::sample(std::uint64_t window, const SocCounts& all) {
  require_kept();
  SocCounts counts = all;
  counts.dram = {};  // from on_access()
  if (std::memcmp(&counts, &last_, sizeof counts) == 0) return;
  last_ = counts;
  const SampleHeader header{window};
  unsigned char* const at = samples_.begin_append();
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + sizeof header, &counts, sizeof counts);
  samples_.end_append(at + kSample);
}

void PowerLog::replay(std::int64_t end_ps, const Row& row) {
  std::vector<IntervalReader> readers;
  for (Intervals& intervals : kinds_) {
    flush(intervals);
    readers.emplace_back(intervals.spool.view());
  }
  SampleReader samples(samples_.view());
  require_kept();
  std::vector<Interval> active;
  Counts sums{};
  for (std::int64_t from = 0, window = 0; from < end_ps; from += window_ps_, ++window) {
    const std::int64_t to = std::min(end_ps, from + window_ps_);
    const bool last = to == end_ps;
    for (IntervalReader& reader : readers) {
      while (!reader.empty() && (last || reader.start_ps() < to)) active.push_back(reader.take());
    }
    const auto over = [&](Interval& interval) {
      const bool all = last || interval.header.end_ps <= to;
      interval.give(sums, to, all);
      return all;
    };
    active.erase(std::remove_if(active.begin(), active.end(), over), active.end());
    AcceleratorEvents events;
    std::memcpy(static_cast<void*>(&events), sums.data(), sizeof events);
    SocCounts counts = samples.at(last ? ~std::uint64_t{0} : static_cast<std::uint64_t>(window));
    std::memcpy(static_cast<void*>(&counts.dram), sums.data() + kAcceleratorCounts, sizeof counts.dram);
    row(to, events, counts);
  }
}

}  // namespace flexcim

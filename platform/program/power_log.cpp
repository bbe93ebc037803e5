#include "platform/program/power_log.h"

#include <algorithm>
#include <cstring>
#include <queue>
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

/// One interval with what it has given to the windows so far.
struct Interval {
  std::int64_t start_ps = 0, end_ps = 0;
  std::uint64_t present = 0;
  Counts total{}, given{};

  bool operator>(const Interval& other) const { return start_ps > other.start_ps; }
  /// Gives what belongs before `ps`, or all.
  void give(Counts& sums, std::int64_t ps, bool all) {
    for (std::uint64_t rest = present; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(__builtin_ctzll(rest));
      const std::uint64_t until = all ? total[i]
                                      : share(total[i], static_cast<std::uint64_t>(ps - start_ps),
                                              static_cast<std::uint64_t>(end_ps - start_ps));
      sums[i] += until - given[i];
      given[i] = until;
    }
  }
};

/// Intervals of one kind in the order of their start. Bursts of different channels may be told of out of order, but no
/// more of them than are in flight.
class IntervalReader {
 public:
  explicit IntervalReader(TraceSpool::View view) : at_(view.begin), end_(view.end) { refill(); }

  bool empty() const { return next_.empty(); }
  std::int64_t start_ps() const { return next_.top().start_ps; }
  Interval take() {
    Interval interval = next_.top();
    next_.pop();
    refill();
    return interval;
  }

 private:
  static constexpr std::size_t kMostInFlight = 256;

  void refill() {
    while (at_ != end_ && next_.size() <= kMostInFlight) {
      IntervalHeader header;
      std::memcpy(&header, at_, sizeof header);
      at_ += sizeof header;
      Interval interval;
      interval.start_ps = header.start_ps;
      interval.end_ps = header.end_ps;
      interval.present = header.present;
      for (std::uint64_t rest = header.present; rest != 0; rest &= rest - 1, at_ += sizeof(std::uint64_t)) {
        std::memcpy(&interval.total[static_cast<std::size_t>(__builtin_ctzll(rest))], at_, sizeof(std::uint64_t));
      }
      next_.push(interval);
    }
  }

  const unsigned char* at_;
  const unsigned char* end_;
  std::priority_queue<Interval, std::vector<Interval>, std::greater<>> next_;
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
  if (!in_one_window(start_ps, end_ps)) return append(intervals.spool, start_ps, end_ps, counts, first, count);
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
    for (std::size_t i = 0; i < active.size();) {
      const bool over = last || active[i].end_ps <= to;
      active[i].give(sums, to, over);
      if (!over) {
        ++i;
        continue;
      }
      active[i] = active.back();
      active.pop_back();
    }
    AcceleratorEvents events;
    std::memcpy(static_cast<void*>(&events), sums.data(), sizeof events);
    SocCounts counts = samples.at(last ? ~std::uint64_t{0} : static_cast<std::uint64_t>(window));
    std::memcpy(static_cast<void*>(&counts.dram), sums.data() + kAcceleratorCounts, sizeof counts.dram);
    row(to, events, counts);
  }
}

}  // namespace flexcim

#include "platform/program/buffer_log.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace flexcim {
namespace {

/// So many calls later what time has passed is settled, if the end of a window has not done so.
constexpr std::size_t kSettledEvery = 1 << 14;

}  // namespace

BufferLog::BufferLog(Picoseconds window_ps, Picoseconds clock_ps, const std::string& file,
                     std::function<Picoseconds()> now)
    : window_ps_(window_ps), clock_ps_(clock_ps), now_(std::move(now)), spool_(file, sizeof(Record)) {}

void BufferLog::on_access(const BufferAccess& access) {
  if (!access.fills()) return;
  tell(comes_[static_cast<std::size_t>(access.buffer)],
       {ps(access.at), ps(access.row_cycles), access.rows, static_cast<std::int64_t>(access.row_bytes)});
}

void BufferLog::on_free(BufferId buffer, std::uint64_t bytes, Cycle at) {
  tell(goes_[static_cast<std::size_t>(buffer)], {ps(at), 0, 1, -static_cast<std::int64_t>(bytes)});
}

void BufferLog::tell(std::deque<Rows>& told, const Rows& rows) {
  told.push_back(rows);
  if (++told_ == kSettledEvery) apply_until(now_());
}

/// What is in the buffers is not needed any more.
void BufferLog::on_abort() {
  const Picoseconds now = now_();
  apply_until(now);
  for (std::size_t buffer = 0; buffer < kBuffers; ++buffer) {
    comes_[buffer].clear();
    goes_[buffer].clear();
    apply(buffer, {now, 0, 1, -level_[buffer]});
  }
}

/// All of them in one window.
void BufferLog::apply(std::size_t buffer, const Rows& rows) {
  Change& change = windows_[rows.at_ps / window_ps_];
  const auto count = static_cast<std::int64_t>(rows.count);
  const Picoseconds first_ps = window_ps_ - rows.at_ps % window_ps_;  // that the first one is held, up to the end
  change.bytes[buffer] += count * rows.bytes;
  const auto row_ps =
      static_cast<__int128>(count) * first_ps - static_cast<__int128>(rows.period_ps) * (count * (count - 1) / 2);
  change.byte_ps[buffer] += row_ps * rows.bytes;
  level_[buffer] += count * rows.bytes;
}

void BufferLog::settle(Picoseconds until_ps) {
  apply_until(until_ps);
  spool_.require_kept();
}

void BufferLog::apply_until(Picoseconds until_ps) {
  told_ = 0;
  for (auto* all : {&comes_, &goes_}) {
    for (std::size_t buffer = 0; buffer < kBuffers; ++buffer) {
      std::deque<Rows>& told = (*all)[buffer];
      while (!told.empty() && told.front().at_ps < until_ps) {
        Rows& rows = told.front();
        Rows first = rows;  // of these, what is settled now and falls into one window
        if (rows.at_ps < written_ps_) {
          first.at_ps = written_ps_;
          first.count = 1;
        } else if (rows.count > 1 && rows.period_ps > 0) {
          const Picoseconds end_ps = std::min(until_ps, (rows.at_ps / window_ps_ + 1) * window_ps_);
          const auto fit = static_cast<std::uint64_t>((end_ps - 1 - rows.at_ps) / rows.period_ps) + 1;
          first.count = std::min(rows.count, fit);
        }
        apply(buffer, first);
        rows.at_ps += static_cast<Picoseconds>(first.count) * rows.period_ps;
        rows.count -= first.count;
        if (rows.count == 0) told.pop_front();
      }
    }
  }
  write_windows(until_ps / window_ps_);
  written_ps_ = std::max(written_ps_, until_ps / window_ps_ * window_ps_);
}

std::size_t BufferLog::waiting() const {
  std::size_t waiting = 0;
  for (const auto* all : {&comes_, &goes_}) {
    for (const std::deque<Rows>& told : *all) waiting += told.size();
  }
  return waiting;
}

void BufferLog::write_windows(Picoseconds before) {
  const auto over = windows_.lower_bound(before);
  for (auto window = windows_.begin(); window != over; window = windows_.erase(window)) {
    const Record record{window->first, window->second};
    unsigned char* const at = spool_.begin_append();
    std::memcpy(at, &record, sizeof record);
    spool_.end_append(at + sizeof record);
  }
}

BufferLog::Reader BufferLog::read(Picoseconds end_ps) {
  settle(end_ps);
  write_windows(INT64_MAX);  // the last one, too
  const Reader reader(spool_.view(), window_ps_);
  spool_.require_kept();
  return reader;
}

BufferLog::Means BufferLog::Reader::next(Picoseconds from_ps, Picoseconds to_ps) {
  Means means{};
  Record record{};
  if (at_ != end_) std::memcpy(&record, at_, sizeof record);
  const bool changes = at_ != end_ && record.window == from_ps / window_ps_;
  if (changes) at_ += sizeof record;
  const auto length = static_cast<__int128>(to_ps - from_ps), missing = window_ps_ - length;
  for (std::size_t buffer = 0; buffer < kBuffers; ++buffer) {
    __int128 byte_ps = length * level_[buffer];
    if (changes) {
      // Until the window's full length what has come by the end stays.
      byte_ps += record.change.byte_ps[buffer] - missing * record.change.bytes[buffer];
      level_[buffer] += record.change.bytes[buffer];
    }
    means[buffer] = static_cast<double>(byte_ps) / static_cast<double>(length);
  }
  return means;
}

}  // namespace flexcim

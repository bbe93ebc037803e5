#include "platform/run/accelerator_timeline.h"

#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/error_code.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace flexcim {

AcceleratorTimeline::AcceleratorTimeline(Timeline& timeline, Accelerator& accelerator,
                                         std::function<std::string(std::uint32_t)> layer)
    : timeline_(timeline),
      accelerator_(accelerator),
      layer_(std::move(layer)),
      clock_ps_(accelerator.parameters().clock_ps) {
  accelerator.add_listener(*this);
  accelerator.add_buffer_listener(*this);
  accelerator.on_command_end([this](const CommandRecord& record) { on_command_end(record); });
}

void AcceleratorTimeline::on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                                      const AcceleratorEvents& events) {
  if (kind == ActivityKind::load) add(TimelineWork::Kind::load, events.weight_buffer_reads, start_ps, end_ps);
  if (kind == ActivityKind::compute) add(TimelineWork::Kind::compute, events.macro.products, start_ps, end_ps);
}

void AcceleratorTimeline::on_access(const BufferAccess& access) {
  if (access.kind != BufferAccess::Kind::write_back) return;
  write_backs_.push_back({TimelineWork::Kind::write_back, 0, access.rows * access.row_bytes, ps(access.at), 0});
}

void AcceleratorTimeline::on_free(BufferId buffer, std::uint64_t, Cycle at) {
  if (buffer != BufferId::output) return;
  const TimelineWork work = write_backs_.front();
  write_backs_.pop_front();
  add(work.kind, work.amount, work.from, ps(at));
}

void AcceleratorTimeline::add(TimelineWork::Kind kind, std::uint64_t amount, Picoseconds from, Picoseconds to) {
  const auto index = static_cast<std::size_t>(kind);
  told_[index].push_back({kind, tiles_[index]++, amount, from, to});
  draw(now_picoseconds());
}

/// What is over then.
void AcceleratorTimeline::draw(Picoseconds until) {
  for (std::deque<TimelineWork>& told : told_) {
    for (; !told.empty() && told.front().to <= until; told.pop_front()) timeline_.work(told.front());
  }
}

void AcceleratorTimeline::on_abort() {
  const Picoseconds now = now_picoseconds();
  for (; !write_backs_.empty(); write_backs_.pop_front()) {
    TimelineWork work = write_backs_.front();
    work.tile = tiles_[static_cast<std::size_t>(work.kind)]++;
    work.to = now;
    told_[static_cast<std::size_t>(work.kind)].push_back(work);
  }
  for (std::deque<TimelineWork>& told : told_) {
    for (TimelineWork& work : told) {
      work.to = std::min(work.to, now);
      if (work.from < now) timeline_.work(work);
    }
    told.clear();
  }
  tiles_ = {};
}

void AcceleratorTimeline::on_command_end(const CommandRecord& record) {
  draw(INT64_MAX);
  tiles_ = {};
  const std::string layer = layer_(record.tag);
  TimelineCommand command;
  command.name = layer.empty() ? fmt::format("command {}", record.tag) : layer;
  command.tag = record.tag;
  if (record.error != ErrorCode::none) command.error = to_string(record.error);
  command.cycles = record.cycles();
  command.from = ps(record.start);
  command.fetched = ps(record.fetched);
  command.to = ps(record.end);
  timeline_.command(command);
  written(command.to);
}

}  // namespace flexcim

#include "platform/energy/activity_timeline.h"

#include <algorithm>

namespace flexcim {

AcceleratorEvents& ActivityTimeline::at(std::int64_t ps) {
  const std::size_t i = static_cast<std::size_t>(ps / window_ps_);
  if (i >= windows_.size()) windows_.resize(i + 1);
  return windows_[i];
}

void ActivityTimeline::on_activity(ActivityKind, std::int64_t start_ps, std::int64_t end_ps,
                                   const AcceleratorEvents& events) {
  AcceleratorEvents given;
  for (std::int64_t from = start_ps; from < end_ps;) {
    const std::int64_t to = std::min(end_ps, (from / window_ps_ + 1) * window_ps_);
    const AcceleratorEvents until =
        events.share(static_cast<std::uint64_t>(to - start_ps), static_cast<std::uint64_t>(end_ps - start_ps));
    AcceleratorEvents& window = at(from);
    for (const EventCounter& counter : event_counters()) counter.at(window) += counter.get(until) - counter.get(given);
    given = until;
    from = to;
  }
  if (start_ps == end_ps) at(start_ps) += events;
}

}  // namespace flexcim

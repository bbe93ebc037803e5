// Accelerator events placed into windows of time, for power over time (docs/architecture.md §11).
#pragma once

#include "tlm/observe/accelerator_events.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// Hears of intervals and spreads their events evenly over the windows that they touch; no event is lost or counted
/// twice.
class ActivityTimeline : public ActivityListener {
 public:
  explicit ActivityTimeline(std::int64_t window_ps) : window_ps_(window_ps) {}  ///< window_ps > 0

  void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                   const AcceleratorEvents& events) override;

  /// What happened in window i, [i, i+1) * window_ps; zero beyond the last event.
  AcceleratorEvents window(std::size_t i) const { return i < windows_.size() ? windows_[i] : AcceleratorEvents{}; }

 private:
  AcceleratorEvents& at(std::int64_t ps);

  std::int64_t window_ps_;
  std::vector<AcceleratorEvents> windows_;
};

}  // namespace flexcim

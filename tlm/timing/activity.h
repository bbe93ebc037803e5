// Work of the accelerator as it is told while simulated time goes on: what power over time is made of.
#pragma once

#include "flow/base/cycle.h"
#include "tlm/interface/accelerator_events.h"
#include "tlm/timing/fan_out.h"

#include <cstddef>
#include <cstdint>

namespace flexcim {

/// Who spent the events of an interval.
enum class ActivityKind { load, compute, buffer, dma };
constexpr std::size_t kActivityKinds = 4;

/// Hears of work as intervals of simulated time with their events, spread evenly over the interval. Intervals of one
/// kind come in order of their start, but for bursts of DMA that overtake each other; an interval may be told before
/// simulated time has reached its end.
class ActivityListener {
 public:
  virtual ~ActivityListener() = default;
  virtual void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                           const AcceleratorEvents& events) = 0;
  /// Intervals that begin at `start_ps` or later and end at what it returns, at the latest, may be told as one, with
  /// the sum of their events. `start_ps` for none.
  virtual std::int64_t sums_until(std::int64_t start_ps) const { return start_ps; }
};

class ActivityFanOut : public FanOut<ActivityListener> {
 public:
  void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                   const AcceleratorEvents& events) override {
    for (ActivityListener* each : listeners_) each->on_activity(kind, start_ps, end_ps, events);
  }
  std::int64_t sums_until(std::int64_t start_ps) const override {
    return least([start_ps](const ActivityListener& each) { return each.sums_until(start_ps); });
  }
};

}  // namespace flexcim

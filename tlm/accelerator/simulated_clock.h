// A command that waits in simulated time.
#pragma once

#include "tlm/fabric/picoseconds.h"
#include "tlm/timing/command_clock.h"

#include <systemc>

#include <functional>

namespace flexcim {

/// The accelerator's thread waits here. It may run ahead of simulated time (docs/fast_path.md): then it has to settle
/// before any other process runs.
class SimulatedClock : public CommandClock {
 public:
  /// `run_ahead` is tried before each wait for progress: whether it has made any without simulated time. `end_ahead`
  /// comes before simulated time goes on, while no other process has run yet.
  SimulatedClock(Picoseconds period_ps, std::function<bool()> run_ahead, std::function<void()> end_ahead)
      : CommandClock(period_ps), run_ahead_(std::move(run_ahead)), end_ahead_(std::move(end_ahead)) {}

  /// The cycle that begins now or next.
  Cycle now() const { return static_cast<Cycle>((now_picoseconds() + ps(1) - 1) / ps(1)); }

  void progress() override {
    if (waiting_) progress_.notify(sc_core::SC_ZERO_TIME);
  }

 private:
  void reach(Cycle cycle) override {
    while (now_picoseconds() < ps(cycle) && !aborted()) {
      end_ahead_();
      sc_core::wait(from_picoseconds(ps(cycle) - now_picoseconds()), wake_);
    }
  }
  void step() override {
    if (run_ahead_()) return;
    end_ahead_();
    waiting_ = true;
    sc_core::wait(progress_);
    waiting_ = false;
  }
  void wake() override {
    wake_.notify(sc_core::SC_ZERO_TIME);
    progress();
  }

  const std::function<bool()> run_ahead_;
  const std::function<void()> end_ahead_;
  bool waiting_ = false;
  sc_core::sc_event progress_;
  sc_core::sc_event wake_;
};

}  // namespace flexcim

// How the accelerator's thread waits: for cycles and for what DMA callbacks bring, until a reset takes the command
// away.
#pragma once

#include "tlm/engine/macro_engine.h"
#include "tlm/fabric/picoseconds.h"

#include <systemc>

#include <cstdint>
#include <functional>

namespace flexcim {

/// Thrown in the accelerator's thread when a reset has ended its command; caught where commands are begun.
struct CommandAborted {};

class CommandClock {
 public:
  explicit CommandClock(std::int64_t period_ps) : period_ps_(period_ps) {}

  std::int64_t ps(Cycle cycle) const { return static_cast<std::int64_t>(cycle) * period_ps_; }
  /// The cycle that begins now or next.
  Cycle now() const { return static_cast<Cycle>((now_picoseconds() + period_ps_ - 1) / period_ps_); }

  /// Suspends the caller until `cycle` begins. Throws CommandAborted after a reset.
  void wait_until(Cycle cycle) {
    check();
    while (now_picoseconds() < ps(cycle)) {
      if (before_wait_) before_wait_();
      sc_core::wait(from_picoseconds(ps(cycle) - now_picoseconds()), aborted_);
      check();
    }
  }
  /// Suspends the caller until `condition` holds; it is tested when something has progressed. Throws CommandAborted
  /// after a reset.
  template <class Condition>
  void wait_for(const Condition& condition) {
    check();
    while (!condition()) {
      if (run_ahead_ && run_ahead_()) continue;
      if (before_wait_) before_wait_();
      waiting_ = true;
      sc_core::wait(progress_);
      waiting_ = false;
      check();
    }
  }
  void progress() {
    if (waiting_) progress_.notify(sc_core::SC_ZERO_TIME);
  }
  /// `step` is tried before each wait for progress: whether it has made any without simulated time.
  void set_run_ahead(std::function<bool()> step) { run_ahead_ = std::move(step); }
  /// `step` comes before simulated time goes on, while no other process has run yet.
  void set_before_wait(std::function<void()> step) { before_wait_ = std::move(step); }
  bool aborted() const { return abort_; }
  /// Throws CommandAborted if abort() has been called since begin().
  void check() const {
    if (abort_) throw CommandAborted();
  }
  void begin() { abort_ = false; }
  void abort() {
    abort_ = true;
    aborted_.notify(sc_core::SC_ZERO_TIME);
    progress();
  }

 private:
  const std::int64_t period_ps_;
  bool abort_ = false;
  bool waiting_ = false;
  std::function<bool()> run_ahead_;
  std::function<void()> before_wait_;
  sc_core::sc_event progress_;
  sc_core::sc_event aborted_;
};

}  // namespace flexcim

// How a command waits: for cycles and for what memory brings, until a reset takes the command away.
#pragma once

#include "flow/base/cycle.h"

namespace flexcim {

/// Thrown where a command waits when a reset has ended it; caught where commands are begun.
struct CommandAborted {};

class CommandClock {
 public:
  /// `period_ps`: of the accelerator's clock, at least 1.
  explicit CommandClock(Picoseconds period_ps) : period_ps_(period_ps) {}
  virtual ~CommandClock() = default;
  CommandClock(const CommandClock&) = delete;
  CommandClock& operator=(const CommandClock&) = delete;

  Picoseconds ps(Cycle cycle) const { return static_cast<Picoseconds>(cycle) * period_ps_; }

  /// Returns when `cycle` has begun. Throws CommandAborted after a reset.
  void wait_until(Cycle cycle) {
    check();
    reach(cycle);
    check();
  }
  /// Returns when `condition` holds; it is tested when something has progressed. Throws CommandAborted after a reset.
  template <class Condition>
  void wait_for(const Condition& condition) {
    check();
    while (!condition()) {
      step();
      check();
    }
  }
  /// Something has happened that wait_for() may wait for.
  virtual void progress() = 0;

  bool aborted() const { return aborted_; }
  /// Throws CommandAborted if abort() has been called since begin().
  void check() const {
    if (aborted_) throw CommandAborted();
  }
  void begin() { aborted_ = false; }
  void abort() {
    aborted_ = true;
    wake();
  }

 private:
  /// Goes on until `cycle` begins, or abort().
  virtual void reach(Cycle cycle) = 0;
  /// Goes on until something may have progressed, or abort().
  virtual void step() = 0;
  /// abort() has been called, perhaps while reach() or step() goes on.
  virtual void wake() = 0;

  const Picoseconds period_ps_;
  bool aborted_ = false;
};

}  // namespace flexcim

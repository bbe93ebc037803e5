#include "rtl_models/signals/clock.h"

namespace flexcim {

using sc_core::sc_module_name;
using sc_core::sc_time;

Clock::Clock(const sc_module_name& name, const sc_time& period, bool running)
    : sc_module(name), period_(period), running_(running) {
  SC_HAS_PROCESS(Clock);
  SC_METHOD(on_rise);
  sensitive << rise_;
  dont_initialize();
  SC_METHOD(on_fall);
  sensitive << fall_;
  dont_initialize();
  if (running_) rise_.notify(sc_core::SC_ZERO_TIME);
}

void Clock::start(const sc_time& delay) {
  if (running_) return;
  running_ = true;
  rise_.notify(delay);
}

void Clock::stop() {
  running_ = false;
  rise_.cancel();
}

void Clock::on_rise() {
  ever_rose_ = true;
  last_rise_ = sc_core::sc_time_stamp();
  if (running_) rise_.notify(period_);
  if (!falls_wanted_) return;
  change_.notify(sc_core::SC_ZERO_TIME);
  fall_.notify(period_ / 2);
}

void Clock::on_fall() { change_.notify(sc_core::SC_ZERO_TIME); }

const sc_core::sc_event& Clock::value_changed_event() const {
  falls_wanted_ = true;
  return change_;
}

const sc_core::sc_event& Clock::negedge_event() const {
  falls_wanted_ = true;
  return fall_;
}

const bool& Clock::read() const {
  level_ = ever_rose_ && sc_core::sc_time_stamp() - last_rise_ < period_ / 2;
  return level_;
}

}  // namespace flexcim

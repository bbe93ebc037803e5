// A clock whose rising edge costs one timed event and whose falling edge costs nothing unless somebody asks for it.
#pragma once

#include <systemc>

namespace flexcim {

/// Binds to sc_in<bool>. Rising edges at `start`, `start + period`, ... while it runs; high for the first half of a
/// period. A stopped clock schedules no events and reads low: an idle macro costs no time.
class Clock : public sc_core::sc_module, public sc_core::sc_signal_in_if<bool> {
 public:
  explicit Clock(const sc_core::sc_module_name& name, const sc_core::sc_time& period, bool running = true);

  /// The next rising edge comes after `delay`, which must not end inside the present cycle. A running clock runs on.
  void start(const sc_core::sc_time& delay);
  /// No further edges; the present cycle ends.
  void stop();
  bool running() const { return running_; }
  const sc_core::sc_time& period() const { return period_; }

  const sc_core::sc_event& default_event() const override { return value_changed_event(); }
  const sc_core::sc_event& value_changed_event() const override;
  const sc_core::sc_event& posedge_event() const override { return rise_; }
  const sc_core::sc_event& negedge_event() const override;
  const bool& read() const override;
  const bool& get_data_ref() const override { return read(); }
  bool event() const override { return rise_.triggered() || fall_.triggered(); }
  bool posedge() const override { return rise_.triggered(); }
  bool negedge() const override { return fall_.triggered(); }

 private:
  void on_rise();
  void on_fall();

  sc_core::sc_time period_;
  sc_core::sc_event rise_;
  sc_core::sc_event fall_;
  sc_core::sc_event change_;
  sc_core::sc_time last_rise_;
  bool running_;
  bool ever_rose_ = false;
  mutable bool falls_wanted_ = false;
  mutable bool level_ = false;
};

}  // namespace flexcim

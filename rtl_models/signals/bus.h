// The channel that carries a handle of rtl_models/signals/pins.h between two modules.
#pragma once

#include <systemc>

#include <memory>

namespace flexcim {

/// Like sc_signal<T> with one writer: binds to sc_in<T> and sc_out<T>. A write costs no more than a copy: the writer is
/// not checked, and the event is notified only if somebody has asked for it.
template <class T>
class Bus : public sc_core::sc_prim_channel, public sc_core::sc_signal_inout_if<T> {
 public:
  explicit Bus(const char* name) : sc_prim_channel(name) {}
  Bus() : sc_prim_channel(sc_core::sc_gen_unique_name("bus")) {}

  const T& read() const override { return values_[present_]; }
  const T& get_data_ref() const override { return values_[present_]; }
  void write(const T& value) override {
    values_[1 - present_] = value;
    request_update();
  }
  const sc_core::sc_event& value_changed_event() const override {
    if (changed_ == nullptr) changed_ = std::make_unique<sc_core::sc_event>(sc_core::sc_gen_unique_name("changed"));
    return *changed_;
  }
  const sc_core::sc_event& default_event() const override { return value_changed_event(); }
  bool event() const override { return changed_ != nullptr && changed_->triggered(); }
  const char* kind() const override { return "Bus"; }

 private:
  void update() override {
    present_ = 1 - present_;
    if (changed_ != nullptr && !(values_[0] == values_[1])) changed_->notify(sc_core::SC_ZERO_TIME);
  }

  T values_[2];  ///< the present one, and the next one or the one before
  int present_ = 0;
  mutable std::unique_ptr<sc_core::sc_event> changed_;
};

}  // namespace flexcim

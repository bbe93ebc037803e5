// A Verilated macro beside the SystemC macro: the same pins in, every pin out compared in every cycle.
#pragma once

#include "rtl_models/blocks/macro.h"
#include "rtl_models/verilated/rtl_difference.h"
#include "rtl_models/verilated/rtl_pins.h"

#include <systemc>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace flexcim {

/// At every rising edge it gives the RTL what was on the macro's input pins in the cycle that ends, compares every
/// output pin, settled, and lets the edge come. `psum_final` is the RTL's own: whoever takes results takes them from
/// it. The RTL is reset before the first cycle, for two edges. After the first difference nothing is compared any more.
class Lockstep : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};  ///< the macro's
  sc_core::sc_out<PsumFinal> psum_final{"psum_final"};

  /// `macro` and `library` outlive it; `library` has the macro's geometry.
  Lockstep(const sc_core::sc_module_name& name, Macro& macro, const RtlLibrary& library,
           const sc_core::sc_time& clock_period);

  /// Called once, inside the simulation. Without it the difference is thrown, as RtlFailure.
  void on_difference(std::function<void(const RtlDifference&)> call) { on_difference_ = std::move(call); }
  std::uint64_t compared_cycles() const { return compared_; }
  const Macro& macro() const { return macro_; }

  /// What of the RTL a dump has.
  struct Dump {
    std::string path;
    int levels = 0;  ///< of its hierarchy, the pins being the first; 0: all
    std::uint64_t from_ps = 0, to_ps = 0;
  };
  /// From now on the RTL's signals are recorded, in cycles that begin in [from_ps, to_ps], dated as the Waveform of the
  /// macro does: what holds in a cycle, to its rising edge. The file is made in the first of them, which throws
  /// std::system_error where that cannot be. Another file than before takes its place.
  void record(const Dump& dump);
  void stop_recording() { recording_ = false; }
  void close_dump();

 private:
  void on_clock();
  bool dumps(std::uint64_t rise_ps);
  void drive();
  void compare(std::uint64_t edge_ps);
  void follow_tiles();
  void publish(bool held);
  void require_running(std::uint64_t edge_ps) const;

  Macro& macro_;
  RtlInstance instance_;
  RtlPins pins_;
  const std::uint64_t period_ps_;
  const bool shadow_;
  LayoutPins loading_, resident_;  ///< of the tile that beats belong to, and of the one on compute
  std::vector<std::int32_t> sums_[2];
  PsumFinal published_;
  std::uint64_t compared_ = 0;
  std::uint64_t flowing_ = 0;  ///< cycles since a register was held
  bool differs_ = false;
  std::function<void(const RtlDifference&)> on_difference_;
  Dump dump_;
  bool dumping_ = false, recording_ = false;
};

}  // namespace flexcim

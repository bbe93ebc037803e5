// The pins that every clocked module has, and cycles to drive it with.
#pragma once

#include <systemc>

#include <cstdint>

namespace flexcim {

/// In the middle of a cycle: pins may be written; settle() lets combinational outputs follow; tick() ends the cycle.
struct ClockedBench {
  sc_core::sc_signal<bool> clock{"tb_clock"}, reset{"tb_reset"}, enable{"tb_enable"};
  std::uint32_t version = 0;  ///< of the last handle written

  ClockedBench() { enable.write(true); }

  template <class Module>
  void connect(Module& module) {
    module.clock(clock);
    module.reset(reset);
    module.enable(enable);
  }
  void settle() { sc_core::sc_start(1, sc_core::SC_NS); }
  void tick(int cycles = 1) {
    for (int i = 0; i < cycles; ++i) {
      settle();
      clock.write(true);
      settle();
      clock.write(false);
    }
    settle();
  }
};

}  // namespace flexcim

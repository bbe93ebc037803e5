// The SoC as a debugger asks for it, beside what its processor shows.
#pragma once

#include "platform/debug/machine.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/peripherals/interrupt_controller.h"
#include "tlm/peripherals/timer.h"
#include "tlm/peripherals/uart.h"

#include <vector>

namespace flexcim {

class SocMachine : public debug::Machine {
 public:
  /// All outlive it.
  SocMachine(Accelerator& accelerator, InterruptController& interrupt_controller, Timer& timer, Uart& uart)
      : accelerator_(accelerator), interrupt_controller_(interrupt_controller), timer_(timer), uart_(uart) {}

  /// `trace` can be switched from now on, and outlives it.
  void add(debug::TraceSwitch& trace) { traces_.push_back(&trace); }

  std::size_t command_count() const override { return accelerator_.records().size(); }
  debug::EndedCommand command(std::size_t number) const override;
  void reset() override;
  const std::vector<debug::TraceSwitch*>& traces() const override { return traces_; }

 private:
  Accelerator& accelerator_;
  InterruptController& interrupt_controller_;
  Timer& timer_;
  Uart& uart_;
  std::vector<debug::TraceSwitch*> traces_;
};

}  // namespace flexcim

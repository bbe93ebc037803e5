// A platform-level interrupt controller for one hart: registers and rules of the RISC-V PLIC specification 1.0 with up
// to 31 level-triggered sources.
#pragma once

#include "tlm/fabric/register_file.h"
#include "tlm/interface/interrupt_controller_registers.h"

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

namespace flexcim {

class InterruptController : public sc_core::sc_module, public InterruptControllerRegisters {
 public:
  tlm_utils::simple_target_socket<RegisterFile> socket{"socket"};
  /// Source i is interrupt id i + 1; id 0 means none. A high level makes a request, which stays pending until it is
  /// claimed even if the level falls; after the completion a level that is still high makes the next one.
  sc_core::sc_vector<sc_core::sc_in<bool>> sources;
  /// High while a pending and enabled source has a priority above the threshold.
  sc_core::sc_out<bool> interrupt{"interrupt"};

  /// Throws std::invalid_argument unless `sources` is 1..max_sources.
  InterruptController(const sc_core::sc_module_name& name, int sources);

  /// All registers get their reset values at once, and nothing is claimed; a source that is high is pending again.
  void reset();

 private:
  std::uint32_t best(std::uint32_t above) const;
  void take();
  void complete(std::uint32_t id);
  void update();

  RegisterFile registers_;
  std::uint32_t in_service_ = 0;  ///< claimed, not completed; bit = id
  sc_core::sc_event changed_;
};

}  // namespace flexcim

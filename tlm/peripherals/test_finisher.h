// The device with which a program ends its own simulation. Register layout and values as SiFive's `test0`, which RISC-V
// toolchains and QEMU know.
#pragma once

#include "tlm/fabric/register_file.h"
#include "tlm/interface/finisher_registers.h"

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include <optional>

namespace flexcim {

class TestFinisher : public sc_core::sc_module, public FinisherRegisters {
 public:
  tlm_utils::simple_target_socket<RegisterFile> socket{"socket"};

  explicit TestFinisher(const sc_core::sc_module_name& name);

  /// The exit code that the program asked for: 0 for `pass`; for `fail` the code, where 0 becomes 1 and what a process
  /// cannot return (above 255) becomes 255, so that a failure never reads as success. Empty until then. The first
  /// request counts and calls sc_stop; later ones and other values do nothing.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  void write_finish(std::uint32_t value);

  RegisterFile registers_;
  std::optional<int> exit_code_;
};

}  // namespace flexcim

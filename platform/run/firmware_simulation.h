// A run of firmware: a SoC whose host is a RISC-V hart, until the firmware asks the test finisher to end.
#pragma once

#include "platform/host/riscv_host.h"
#include "platform/run/soc_simulation.h"

#include <filesystem>
#include <ostream>
#include <streambuf>
#include <string>

namespace flexcim {

class FirmwareSimulation : public SocSimulation {
 public:
  /// Puts the firmware into DRAM and work SRAM. What the UART sends goes to standard output and into the result. Throws
  /// InputError naming the ELF file where it cannot be run. `scenario` outlives the simulation, as does `debugger`,
  /// null for none. `folder`: of results.
  FirmwareSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                     const std::filesystem::path& folder = {}, debug::Debugger* debugger = nullptr);

  bool ended() const override { return soc().finisher().exit_code().has_value(); }
  void sample(std::uint64_t window) override;
  SimulationResult result() const override;

 private:
  /// Passes characters on and keeps them.
  class Console : public std::streambuf {
   public:
    explicit Console(std::ostream& output) : output_(output) {}
    const std::string& text() const { return text_; }

   private:
    int_type overflow(int_type character) override;
    int sync() override;

    std::ostream& output_;
    std::string text_;
  };

  Console console_;
  std::ostream console_stream_;
};

}  // namespace flexcim

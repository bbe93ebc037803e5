#include "platform/program/native_program.h"

#include "tlm/interface/memory_map.h"
#include "tlm/interface/registers.h"

namespace flexcim {

NativeProgram::NativeProgram(const Scenario& scenario)
    : memory_(memory_map::dram), linears_(scenario), scenario_(scenario) {
  ring_ = memory_.reserve("the descriptor ring", FirmwareDriver::ring_entries * kDescriptorBytes);
}

void NativeProgram::check(const std::uint8_t* dram, Findings& findings) const {
  check_dram(scenario_, memory_.bytes(), "descriptor ring", findings);
  CommandCheck commands(scenario_, findings);
  linears_.check(dram, commands);
  check_others(commands);
  commands.finish();
}

FirmwareDriver NativeProgram::start_driver(ProgramHost& host) const {
  FirmwareDriver driver(host, ring_);
  driver.start();
  return driver;
}

void NativeProgram::stop(ProgramHost& host) const {
  host.write32(memory_map::accelerator + accelerator_registers::control, accelerator_registers::kControlReset);
}

}  // namespace flexcim

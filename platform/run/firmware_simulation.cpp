#include "platform/run/firmware_simulation.h"

#include "platform/riscv/elf.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

#include <iostream>
#include <utility>
#include <vector>

namespace flexcim {
namespace {

constexpr std::uint64_t kLeastDramBytes = std::uint64_t{16} << 20;  // where the scenario does not say

riscv::Memory memory_at(std::uint64_t address, MemoryStore& store) {
  riscv::Memory memory;
  memory.first = static_cast<std::uint32_t>(address);
  memory.last = static_cast<std::uint32_t>(address + store.size() - 1);
  memory.data = store.data();
  return memory;
}

}  // namespace

FirmwareSimulation::FirmwareSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                                       const std::filesystem::path& folder, debug::Debugger* debugger)
    : SocSimulation(scenario, fidelity), console_(std::cout), console_stream_(&console_) {
  riscv::ElfFile elf = riscv::ElfFile::read(scenario.host.elf.string());
  RiscvHostParameters parameters;
  parameters.clock = scenario.host.clock();
  parameters.timing = scenario.host.cycles;
  parameters.debugger = debugger;
  MemoryImage memory(memory_map::dram);
  if (scenario.architecture.dram.bytes == 0) memory.reserve("the firmware's memory", kLeastDramBytes);
  build(name, memory, riscv_host(elf, parameters), folder, console_stream_);
  elf.load({memory_at(memory_map::sram, soc().sram().store()), memory_at(memory_map::dram, soc().dram().store())});
}

void FirmwareSimulation::sample(std::uint64_t window) {
  if (ended() && !meter().finished()) finish(to_picoseconds(sc_core::sc_time_stamp()));
  SocSimulation::sample(window);
}

SimulationResult FirmwareSimulation::result() const {
  SimulationResult result = whole_result();
  for (const CommandRecord& record : soc().accelerator().records()) result.cycles += record.cycles();
  FirmwareResult firmware;
  firmware.exit_code = *soc().finisher().exit_code();
  firmware.instructions = soc().host().counts().instructions;
  firmware.commands = soc().accelerator().records().size();
  firmware.uart = console_.text();
  result.firmware = std::move(firmware);
  return result;
}

FirmwareSimulation::Console::int_type FirmwareSimulation::Console::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  text_ += traits_type::to_char_type(character);
  output_.put(traits_type::to_char_type(character));
  return character;
}

int FirmwareSimulation::Console::sync() {
  output_.flush();
  return 0;
}

}  // namespace flexcim

#include "platform/soc/platform_tables.h"

#include "platform/config/architecture.h"
#include "tlm/interface/descriptor.h"
#include "tlm/interface/finisher_registers.h"
#include "tlm/interface/interrupt_controller_registers.h"
#include "tlm/interface/memory_map.h"
#include "tlm/interface/registers.h"
#include "tlm/interface/timer_registers.h"
#include "tlm/interface/uart_registers.h"

#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {

std::vector<PlatformDevice> platform_devices() {
  return {
      {"Registers of the accelerator", accelerator_registers::map()},
      {"Registers of the interrupt controller", InterruptControllerRegisters::register_map(memory_map::source_count)},
      {"Registers of the timer", TimerRegisters::register_map()},
      {"Registers of the UART", UartRegisters::register_map(UartRegisters::reset_div(Architecture().clock().ps()))},
      {"Register of the test finisher", FinisherRegisters::register_map()}};
}

const memory_map::Region& region_of(std::string_view device) {
  for (const memory_map::Region& region : memory_map::regions) {
    if (region.name == device) return region;
  }
  throw std::logic_error(fmt::format("{} has no address", device));
}

namespace {

std::string address_table() {
  std::string text = "| address | bytes | device | |\n| --- | --- | --- | --- |\n";
  for (const memory_map::Region& region : memory_map::regions) {
    text += fmt::format("| 0x{:08X} | {} | `{}` | {} |\n", region.base,
                        region.size == 0 ? "the scenario's" : fmt::format("0x{:X}", region.size), region.name,
                        region.description);
  }
  return text;
}

std::string interrupt_table() {
  std::string text = "| interrupt id | device |\n| --- | --- |\n";
  for (std::size_t source = 0; source < memory_map::source_names.size(); ++source) {
    text += fmt::format("| {} | `{}` |\n", source + 1, memory_map::source_names[source]);
  }
  return text;
}

}  // namespace

std::vector<PlatformTable> platform_tables() {
  std::vector<PlatformTable> tables = {{"Addresses", address_table()}, {"Interrupts", interrupt_table()}};
  for (const PlatformDevice& device : platform_devices())
    tables.push_back({device.title, register_table(device.registers)});
  tables.push_back({"Descriptor", descriptor_table()});
  tables.push_back({"Error codes", error_table()});
  return tables;
}

std::string platform_c_header() {
  std::string text =
      "/* The FlexCiM-VP platform for drivers, printed by `flexcim registers --c-header`. */\n"
      "/* clang-format off */\n"
      "#ifndef FLEXCIM_PLATFORM_H\n#define FLEXCIM_PLATFORM_H\n\n#include <stdint.h>\n\n";
  for (const memory_map::Region& region : memory_map::regions) {
    text += fmt::format("#define {}_BASE 0x{:08X}u /* {} */\n", region.name, region.base, region.description);
    if (region.size != 0) text += fmt::format("#define {}_SIZE 0x{:X}u\n", region.name, region.size);
  }
  for (std::size_t source = 0; source < memory_map::source_names.size(); ++source) {
    text += fmt::format("#define {}_INTERRUPT {}u /* source of the interrupt controller */\n",
                        memory_map::source_names[source], source + 1);
  }
  for (const PlatformDevice& device : platform_devices()) {
    text += fmt::format("\n/* {}, from its base */\n{}", device.title, register_c_header(device.registers));
  }
  text += fmt::format(
      "\n/* Ring of descriptors: entries, and bytes that its address is a multiple of */\n"
      "#define FLEXCIM_RING_MIN_ENTRIES {}u\n#define FLEXCIM_RING_MAX_ENTRIES {}u\n#define FLEXCIM_RING_ALIGNMENT "
      "{}u\n",
      accelerator_registers::kMinRingEntries, accelerator_registers::kMaxRingEntries,
      accelerator_registers::kRingAlignment);
  return text + "\n/* Descriptor of a command */\n" + descriptor_c_header() + "\n#endif\n";
}

}  // namespace flexcim

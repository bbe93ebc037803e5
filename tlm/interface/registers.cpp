#include "tlm/interface/registers.h"

#include "tlm/interface/accelerator_events.h"

#include <fmt/format.h>

namespace flexcim::accelerator_registers {

namespace {

void add_counter(RegisterMap& map, std::size_t index, std::string_view name, const std::string& what) {
  const std::uint32_t offset = counter_offset(index);
  map.registers.push_back(
      {upper(name) + "_LO", offset, RegisterAccess::read_only, 0, what + ", low half; latches the high", {}, true});
  map.registers.push_back(
      {upper(name) + "_HI", offset + 4, RegisterAccess::read_only, 0, what + ", high half, as latched", {}});
}

}  // namespace

RegisterMap map() {
  using A = RegisterAccess;
  RegisterMap map{
      "FLEXCIM",
      {
          {"ID", id, A::read_only, kId, "identity", {}},
          {"VERSION", version, A::read_only, kVersion, "of this register map", {}},
          {"CONTROL",
           control,
           A::read_write,
           0,
           "control",
           {{"ENABLE", 0, 1, "commands are fetched"},
            {"RESET", 1, 1, "ends the running command, empties the ring, all registers to reset values; reads 0",
             A::write_only},
            {"RESUME", 2, 1, "goes on after a command that halted the queue; reads 0", A::write_only}}},
          {"STATUS",
           status,
           A::read_only,
           0,
           "status",
           {{"BUSY", 0, 1, "a command is being worked on"}, {"HALTED", 1, 1, "an error has stopped the queue"}}},
          {"DOORBELL", doorbell, A::write_only, 0, "new tail: index behind the last command in the ring", {}},
          {"RING_BASE_LO", ring_base_lo, A::read_write, 0, "address of the ring, 16-byte aligned", {}},
          {"RING_BASE_HI", ring_base_hi, A::read_write, 0, "its upper half", {}},
          {"RING_SIZE",
           ring_size,
           A::read_write,
           0,
           fmt::format("entries, 2..{}; full with one entry less", kMaxRingEntries),
           {}},
          {"RING_HEAD", ring_head, A::read_only, 0, "index of the next command to fetch", {}},
          {"RING_TAIL", ring_tail, A::read_only, 0, "index behind the last command", {}},
          {"IRQ_STATUS",
           irq_status,
           A::write_1_to_clear,
           0,
           "pending interrupts",
           {{"DONE", 0, 1, "a command that asked for it has completed"},
            {"ERROR", 1, 1, "a command has ended with an error"}}},
          {"IRQ_ENABLE",
           irq_enable,
           A::read_write,
           0,
           "which of them drive the interrupt line",
           {{"DONE", 0, 1, ""}, {"ERROR", 1, 1, ""}, {"UNUSED", 2, 30, "kept, without effect"}}},
          {"ERROR_CODE", error_code, A::read_only, 0, "of the last command that ended with an error", {}},
          {"ERROR_ADDRESS_LO", error_address_lo, A::read_only, 0, "address of its descriptor", {}},
          {"ERROR_ADDRESS_HI", error_address_hi, A::read_only, 0, "its upper half", {}},
          {"COMPLETED", completed, A::read_only, 0, "commands ended without error", {}},
          {"LAST_TAG", last_tag, A::read_only, 0, "tag of the last command that has ended", {}},
          {"MACRO_SHAPE",
           macro_shape,
           A::read_only,
           0,
           "one macro",
           {{"SUB_MACROS", 0, 8, "P"},
            {"LOG2_ROWS", 8, 4, "log2 R"},
            {"LOG2_COLS", 12, 4, "log2 C"},
            {"PAIRS", 16, 8, "I"},
            {"WINDOW", 24, 8, "w"}}},
          {"ARRAY_SHAPE",
           array_shape,
           A::read_only,
           0,
           "the macro array",
           {{"OUTPUTS", 0, 16, "macros_o"}, {"INPUTS", 16, 16, "macros_k"}}},
      }};
  std::size_t index = 0;
  add_counter(map, index++, "cycles", "clock cycles since reset");
  add_counter(map, index++, "busy", "cycles with a command");
  add_counter(map, index++, "compute", "cycles with passes");
  add_counter(map, index++, "load", "cycles in which a load or swap of weights keeps the macros from computing");
  add_counter(map, index++, "stall", "cycles of commands with neither");
  for (const auto& each : StatisticList<AcceleratorEvents>::list) {
    add_counter(map, index++, each.name, std::string(each.description) + " (" + std::string(each.unit) + ")");
  }
  return map;
}

}  // namespace flexcim::accelerator_registers

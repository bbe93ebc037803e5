// The accelerator's register map.
#pragma once

#include "tlm/interface/register_map.h"

#include <cstdint>

namespace flexcim::accelerator_registers {

constexpr std::uint32_t id = 0x000;
constexpr std::uint32_t version = 0x004;
constexpr std::uint32_t control = 0x008;
constexpr std::uint32_t status = 0x00C;
constexpr std::uint32_t doorbell = 0x010;
constexpr std::uint32_t ring_base_lo = 0x014;
constexpr std::uint32_t ring_base_hi = 0x018;
constexpr std::uint32_t ring_size = 0x01C;
constexpr std::uint32_t ring_head = 0x020;
constexpr std::uint32_t ring_tail = 0x024;
constexpr std::uint32_t irq_status = 0x028;
constexpr std::uint32_t irq_enable = 0x02C;
constexpr std::uint32_t error_code = 0x030;
constexpr std::uint32_t error_address_lo = 0x034;
constexpr std::uint32_t error_address_hi = 0x038;
constexpr std::uint32_t completed = 0x03C;
constexpr std::uint32_t last_tag = 0x040;
constexpr std::uint32_t macro_shape = 0x044;
constexpr std::uint32_t array_shape = 0x048;
constexpr std::uint32_t counters = 0x100;  ///< 64-bit counters, LO then HI

constexpr std::uint32_t kId = 0xF1EC'C1A0;
constexpr std::uint32_t kVersion = 0x0000'0002;

constexpr std::uint32_t kControlEnable = 1u << 0;
constexpr std::uint32_t kControlReset = 1u << 1;
constexpr std::uint32_t kControlResume = 1u << 2;
constexpr std::uint32_t kStatusBusy = 1u << 0;
constexpr std::uint32_t kStatusHalted = 1u << 1;
constexpr std::uint32_t kIrqDone = 1u << 0;
constexpr std::uint32_t kIrqError = 1u << 1;

constexpr std::uint32_t kMinRingEntries = 2;
constexpr std::uint32_t kMaxRingEntries = 65536;
constexpr std::uint32_t kRingAlignment = 16;  ///< bytes

/// Own counters at `counters`, before those of AcceleratorEvents.
enum class Counter { cycles, busy, compute, load, stall, count };

/// The declaration of all registers.
RegisterMap map();

/// Offset of the LO register of counter `index`; own counters first, then AcceleratorEvents as listed.
constexpr std::uint32_t counter_offset(std::size_t index) { return counters + static_cast<std::uint32_t>(8 * index); }

}  // namespace flexcim::accelerator_registers

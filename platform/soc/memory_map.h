// Where things are in the SoC (docs/architecture.md §8). Peripherals lie where RISC-V software expects them.
#pragma once

#include <cstdint>

namespace flexcim::memory_map {

constexpr std::uint64_t finisher = 0x0010'0000;
constexpr std::uint64_t timer = 0x0200'0000;
constexpr std::uint64_t interrupt_controller = 0x0C00'0000;
constexpr std::uint64_t uart = 0x1000'0000;
constexpr std::uint64_t accelerator = 0x1001'0000;
constexpr std::uint64_t dram = 0x8000'0000;

constexpr std::uint64_t finisher_size = 0x1000;
constexpr std::uint64_t timer_size = 0x1'0000;
constexpr std::uint64_t interrupt_controller_size = 0x40'0000;
constexpr std::uint64_t uart_size = 0x1000;
constexpr std::uint64_t accelerator_size = 0x1000;

/// Sources of the interrupt controller, from 0.
enum InterruptSource { accelerator_source, uart_source, source_count };

}  // namespace flexcim::memory_map

// Where things are in the SoC (docs/architecture.md §8). Peripherals lie where RISC-V software expects them.
#pragma once

#include <array>
#include <cstdint>

namespace flexcim::memory_map {

constexpr std::uint64_t finisher = 0x0010'0000;
constexpr std::uint64_t timer = 0x0200'0000;
constexpr std::uint64_t sram = 0x0800'0000;
constexpr std::uint64_t interrupt_controller = 0x0C00'0000;
constexpr std::uint64_t uart = 0x1000'0000;
constexpr std::uint64_t accelerator = 0x1001'0000;
constexpr std::uint64_t dram = 0x8000'0000;

constexpr std::uint64_t finisher_size = 0x1000;
constexpr std::uint64_t timer_size = 0x1'0000;
constexpr std::uint64_t sram_size = 0x4'0000;
constexpr std::uint64_t interrupt_controller_size = 0x40'0000;
constexpr std::uint64_t uart_size = 0x1000;
constexpr std::uint64_t accelerator_size = 0x1000;

/// What answers at an address.
struct Region {
  const char* name;  ///< upper case; prefix of the C names
  std::uint64_t base;
  std::uint64_t size;  ///< bytes; 0: as many as the scenario says
  const char* description;
};
constexpr std::array<Region, 7> regions{{
    {"FINISHER", finisher, finisher_size, "ends the simulation: SiFive's test device"},
    {"TIMER", timer, timer_size, "CLINT, one hart: software interrupt, and machine timer of 10 MHz"},
    {"SRAM", sram, sram_size, "on-chip memory to boot from and work in: program, stack, descriptor rings"},
    {"PLIC", interrupt_controller, interrupt_controller_size, "interrupt controller: RISC-V PLIC, one hart"},
    {"UART", uart, uart_size, "serial port: SiFive's UART"},
    {"FLEXCIM", accelerator, accelerator_size, "registers of the accelerator"},
    {"DRAM", dram, 0, "memory of host and accelerator"},
}};

/// Sources of the interrupt controller, from 0; its interrupt id is one more.
enum InterruptSource { accelerator_source, uart_source, source_count };
constexpr std::array<const char*, source_count> source_names{"FLEXCIM", "UART"};

}  // namespace flexcim::memory_map

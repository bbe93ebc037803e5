/* What the driver needs of the machine that it runs on: bus accesses, order among them, sleep. */
#ifndef FLEXCIM_PORT_H
#define FLEXCIM_PORT_H

#include <stdint.h>

/* Interrupts of a RISC-V hart in machine mode, as bits of `mie` and `mip` (privileged architecture 3.1.9). */
#define FLEXCIM_LINE_SOFTWARE (1u << 3)
#define FLEXCIM_LINE_TIMER (1u << 7)
#define FLEXCIM_LINE_EXTERNAL (1u << 11)

/* Every function gets `context` as its first argument. mmio_port.h is a port of volatile accesses. */
struct flexcim_port {
  void* context;
  /* One bus access of 32 bits; `address` is a multiple of 4. */
  uint32_t (*read32)(void* context, uint64_t address);
  void (*write32)(void* context, uint64_t address, uint32_t value);
  /* Copies `bytes`, a multiple of 4, from `data` to the memory at `address`, a multiple of 16. */
  void (*write)(void* context, uint64_t address, const void* data, uint32_t bytes);
  /* What was read or written before, memory and registers, comes before what follows (RISC-V: fence iorw, iorw). */
  void (*barrier)(void* context);
  /* Returns when one of `lines` (FLEXCIM_LINE_) is high, however early that was; it may return sooner. Called, and
   * returns, with interrupts masked at the hart: nothing is handled here. May be null where nobody sleeps. */
  void (*wait_for_interrupt)(void* context, uint32_t lines);
};

#endif

/* A port of volatile accesses, for the driver on the processor of the SoC: flexcim_mmio_port(). */
#ifndef FLEXCIM_MMIO_PORT_H
#define FLEXCIM_MMIO_PORT_H

#include "flexcim_port.h"

#include <stddef.h>
#include <stdint.h>

/* A word of whatever lies there. */
typedef uint32_t __attribute__((may_alias)) flexcim_mmio_word;

static inline uint32_t flexcim_mmio_read32(void* context, uint64_t address) {
  (void)context;
  return *(const volatile uint32_t*)(uintptr_t)address;
}

static inline void flexcim_mmio_write32(void* context, uint64_t address, uint32_t value) {
  (void)context;
  *(volatile uint32_t*)(uintptr_t)address = value;
}

static inline void flexcim_mmio_write(void* context, uint64_t address, const void* data, uint32_t bytes) {
  (void)context;
  volatile uint32_t* const to = (volatile uint32_t*)(uintptr_t)address;
  const flexcim_mmio_word* const from = data;
  for (uint32_t i = 0u; i < (bytes / 4u); ++i) {
    to[i] = from[i];
  }
}

static inline void flexcim_mmio_barrier(void* context) {
  (void)context;
#ifdef __riscv
  __asm__ volatile("fence iorw, iorw" ::: "memory");
#else
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#ifdef __riscv
/* `wfi` returns when one of them is pending although mstatus.MIE is 0 (privileged architecture 3.3.3). */
static inline void flexcim_mmio_wait_for_interrupt(void* context, uint32_t lines) {
  (void)context;
  uint32_t enabled;
  __asm__ volatile("csrrs %0, mie, %1" : "=r"(enabled) : "r"(lines) : "memory");
  __asm__ volatile("wfi" ::: "memory");
  __asm__ volatile("csrw mie, %0" ::"r"(enabled) : "memory");
}
#endif

static inline struct flexcim_port flexcim_mmio_port(void) {
  const struct flexcim_port port = {
      .context = NULL,
      .read32 = flexcim_mmio_read32,
      .write32 = flexcim_mmio_write32,
      .write = flexcim_mmio_write,
      .barrier = flexcim_mmio_barrier,
#ifdef __riscv
      .wait_for_interrupt = flexcim_mmio_wait_for_interrupt,
#endif
  };
  return port;
}

#endif

#include "flexcim_soc.h"

static uint32_t get(const struct flexcim_soc* soc, uint64_t address) {
  return soc->port->read32(soc->port->context, address);
}

static void set(const struct flexcim_soc* soc, uint64_t address, uint32_t value) {
  soc->port->write32(soc->port->context, address, value);
}

void flexcim_soc_enable_interrupts(const struct flexcim_soc* soc, uint32_t sources) {
  for (uint32_t source = 1u; source < 32u; ++source) {
    if ((sources & (1u << source)) != 0u) {
      set(soc, PLIC_BASE + PLIC_PRIORITY1 + (4u * (source - 1u)), 1u);
    }
  }
  set(soc, PLIC_BASE + PLIC_ENABLE, sources);
}

uint32_t flexcim_soc_on_interrupt(const struct flexcim_soc* soc) {
  const uint32_t source = get(soc, PLIC_BASE + PLIC_CLAIM);
  if (source != FLEXCIM_INTERRUPT) {
    return source;
  }
  (void)flexcim_driver_on_interrupt(soc->driver);
  flexcim_soc_complete(soc, source); /* the accelerator's line is low: it does not count again */
  return 0u;
}

void flexcim_soc_complete(const struct flexcim_soc* soc, uint32_t source) { set(soc, PLIC_BASE + PLIC_CLAIM, source); }

uint32_t flexcim_soc_time(void* soc) { return get(soc, TIMER_BASE + TIMER_MTIME); }

/* The timer's interrupt `ticks` from now; without a moment in which a half of the old value makes it come too early. */
static void set_alarm(const struct flexcim_soc* soc, uint32_t ticks) {
  uint32_t high = get(soc, TIMER_BASE + TIMER_MTIME_HIGH);
  uint32_t low = get(soc, TIMER_BASE + TIMER_MTIME);
  const uint32_t again = get(soc, TIMER_BASE + TIMER_MTIME_HIGH);
  if (again != high) { /* the lower half has wrapped around in between */
    high = again;
    low = 0u;
  }
  const uint64_t at = (((uint64_t)high << 32) | low) + ticks;
  set(soc, TIMER_BASE + TIMER_MTIMECMP, UINT32_MAX);
  set(soc, TIMER_BASE + TIMER_MTIMECMP_HIGH, (uint32_t)(at >> 32));
  set(soc, TIMER_BASE + TIMER_MTIMECMP, (uint32_t)at);
}

void flexcim_soc_idle(void* context, uint32_t time_left) {
  const struct flexcim_soc* const soc = context;
  uint32_t lines = FLEXCIM_LINE_EXTERNAL;
  if (time_left != FLEXCIM_FOREVER) {
    set_alarm(soc, time_left);
    lines |= FLEXCIM_LINE_TIMER;
  }
  soc->port->wait_for_interrupt(soc->port->context, lines);
  if (time_left != FLEXCIM_FOREVER) {
    set(soc, TIMER_BASE + TIMER_MTIMECMP_HIGH, UINT32_MAX); /* no alarm */
  }
  const uint32_t other = flexcim_soc_on_interrupt(soc);
  if (other != 0u) {
    flexcim_soc_complete(soc, other);
  }
}

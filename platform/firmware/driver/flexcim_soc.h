/* The driver in this SoC: its interrupt controller, and its timer as the clock of timeouts. Firmware that has its own
 * ways to dispatch interrupts and to tell the time does without. */
#ifndef FLEXCIM_SOC_H
#define FLEXCIM_SOC_H

#include "flexcim_driver.h"
#include "flexcim_port.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller owns it; both outlive it. */
struct flexcim_soc {
  const struct flexcim_port* port;
  struct flexcim_driver* driver;
};

/* Enables the sources of the interrupt controller that are set in `sources` (bit = source), and no others. */
void flexcim_soc_enable_interrupts(const struct flexcim_soc* soc, uint32_t sources);

/* For the handler of the external interrupt: claims a source, lets the driver handle it if it is the accelerator's, and
 * completes it. Another source is returned, claimed and not completed; otherwise 0. */
uint32_t flexcim_soc_on_interrupt(const struct flexcim_soc* soc);

/* Completes what flexcim_soc_on_interrupt() has returned, once it is handled. */
void flexcim_soc_complete(const struct flexcim_soc* soc, uint32_t source);

/* For flexcim_config, with a struct flexcim_soc* as context. Ticks of the timer, of 100 ns. */
uint32_t flexcim_soc_time(void* soc);

/* Sleeps until the external interrupt comes or `time_left` ticks are over, and handles it as
 * flexcim_soc_on_interrupt() does; another device's is only completed. Uses the timer's compare register where
 * `time_left` is not FLEXCIM_FOREVER. */
void flexcim_soc_idle(void* soc, uint32_t time_left);

#ifdef __cplusplus
}
#endif

#endif

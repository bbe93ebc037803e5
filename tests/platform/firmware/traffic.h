/* All that a driver does with the accelerator, for whoever looks at its accesses. */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "flexcim_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TRAFFIC_RING (DRAM_BASE + 0x100000u)
#define TRAFFIC_LAYERS (DRAM_BASE + 0x101000u) /* descriptors on the SoC's processor */

/* `layers`: four that run for long, and one that is refused at once. By interrupts, then by polling: starts the driver,
 * has several in flight, and one at a time; an error with skip, an error with reset, a reset while commands run.
 * Returns how many calls of the driver have not said what they should. */
uint32_t traffic(const struct flexcim_port* port, const struct flexcim_descriptor* layers);

#ifdef __cplusplus
}
#endif

#endif

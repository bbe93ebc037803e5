/* mmio_port.h is C: compiled as such, for the tests. */
#include "platform/firmware/driver/mmio_port.h"

struct flexcim_port mmio_port_of_c(void);
struct flexcim_port mmio_port_of_c(void) {
  return flexcim_mmio_port();
}

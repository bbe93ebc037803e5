/* A program to start from: it says hello, then runs the scenario's first layer on the accelerator, if there is one. */
#include "flexcim_driver.h"
#include "flexcim_runtime.h"
#include "mmio_port.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum { ENTRIES = 16 };

static _Alignas(FLEXCIM_RING_ALIGNMENT) uint8_t ring[ENTRIES * FLEXCIM_DESCRIPTOR_BYTES];
static struct flexcim_slot slots[ENTRIES];

static enum flexcim_status run(const struct flexcim_descriptor* command) {
  const struct flexcim_port port = flexcim_mmio_port();
  const struct flexcim_config config = {
      .registers = FLEXCIM_BASE, .ring = (uintptr_t)ring, .entries = ENTRIES, .slots = slots, .interrupts = false};
  struct flexcim_driver driver;
  uint32_t ticket = 0;
  enum flexcim_status status = flexcim_driver_init(&driver, &port, &config);
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_start(&driver);
  }
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_submit(&driver, command, NULL, NULL, &ticket);
  }
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_wait(&driver, ticket, FLEXCIM_FOREVER);
  }
  return status;
}

int main(void) {
  printf("Hello from my firmware\n");
  const struct flexcim_job* const job = flexcim_job(0);
  if (job == NULL) {
    return 0;
  }
  const enum flexcim_status status = run(&job->command);
  if (status != FLEXCIM_OK) {
    printf("the layer failed: status %d\n", (int)status);
    return 1;
  }
  const uint32_t wrong = flexcim_wrong_outputs(job);
  printf("%s: %" PRIu32 " wrong outputs\n", (const char*)(uintptr_t)job->name, wrong);
  return (wrong == 0u) ? 0 : 1;
}

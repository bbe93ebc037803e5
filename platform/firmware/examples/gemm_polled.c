/* Job 0 of the boot block on the accelerator, by polling: the processor asks until the command has ended. */
#include "flexcim_driver.h"
#include "flexcim_runtime.h"
#include "mmio_port.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum { ENTRIES = 2 };

static _Alignas(FLEXCIM_RING_ALIGNMENT) uint8_t ring[ENTRIES * FLEXCIM_DESCRIPTOR_BYTES];
static struct flexcim_slot slots[ENTRIES];

int main(void) {
  const struct flexcim_job* const job = flexcim_job(0);
  if (job == NULL) {
    printf("no job: the scenario's workload has to be gemm or block\n");
    return 1;
  }
  const struct flexcim_port port = flexcim_mmio_port();
  const struct flexcim_config config = {
      .registers = FLEXCIM_BASE, .ring = (uintptr_t)ring, .entries = ENTRIES, .slots = slots, .interrupts = false};
  struct flexcim_driver driver;
  enum flexcim_status status = flexcim_driver_init(&driver, &port, &config);
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_start(&driver);
  }
  const uint64_t begin = flexcim_cycles();
  uint32_t ticket = 0;
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_submit(&driver, &job->command, NULL, NULL, &ticket);
  }
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_wait(&driver, ticket, FLEXCIM_FOREVER);
  }
  const uint64_t end = flexcim_cycles();
  if (status != FLEXCIM_OK) {
    printf("status %d, error %" PRIu32 "\n", (int)status, driver.error.code);
    return 1;
  }
  const uint32_t wrong = flexcim_wrong_outputs(job);
  printf("%s: %" PRIu32 " x %" PRIu32 ", %" PRIu32 " tokens: %" PRIu64 " cycles of the processor, %s\n",
         (const char*)(uintptr_t)job->name, job->command.out, job->command.in, job->command.tokens, end - begin,
         (job->expected == 0u) ? "not compared" : ((wrong == 0u) ? "outputs equal" : "outputs DIFFER"));
  return (wrong == 0u) ? 0 : 1;
}

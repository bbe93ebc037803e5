/* All jobs of the boot block as a queue: up to 15 commands in flight, each interrupt ends some of them, and the
 * processor sleeps as long as it has nothing to do. Then every output is compared bit for bit. */
#include "flexcim_runtime.h"
#include "flexcim_soc.h"
#include "mmio_port.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { ENTRIES = 16 };

static _Alignas(FLEXCIM_RING_ALIGNMENT) uint8_t ring[ENTRIES * FLEXCIM_DESCRIPTOR_BYTES];
static struct flexcim_slot slots[ENTRIES];
static struct flexcim_driver driver;

/* How a job has ended. */
struct outcome {
  uint32_t error;
  uint64_t busy;         /* cycles of all commands that had ended when it was seen to have */
  uint64_t instructions; /* that the processor had executed then */
};

static uint64_t accelerator_busy(void) {
  const uint32_t low = *(volatile uint32_t*)(uintptr_t)(FLEXCIM_BASE + FLEXCIM_BUSY_LO); /* latches the high half */
  return ((uint64_t) * (volatile uint32_t*)(uintptr_t)(FLEXCIM_BASE + FLEXCIM_BUSY_HI) << 32) | low;
}

static void job_ended(void* context, uint32_t ticket, enum flexcim_status status, uint32_t error) {
  struct outcome* const outcome = context;
  (void)ticket;
  outcome->error = error;
  outcome->busy = accelerator_busy();
  outcome->instructions = flexcim_instructions();
  if (status != FLEXCIM_OK) {
    (void)flexcim_driver_skip(&driver); /* the queue goes on */
  }
}

static void external_interrupt(void* soc) {
  const uint32_t other = flexcim_soc_on_interrupt(soc);
  if (other != 0u) {
    flexcim_soc_complete(soc, other);
  }
}

/* Sleeps until no more than that many commands are in flight; returns how often. */
static uint32_t sleep_until_in_flight(uint32_t most) {
  uint32_t sleeps = 0;
  (void)flexcim_disable_interrupts();
  while (flexcim_driver_in_flight(&driver) > most) {
    flexcim_wait_for_interrupt();
    flexcim_enable_interrupts(); /* the handler runs here */
    (void)flexcim_disable_interrupts();
    ++sleeps;
  }
  flexcim_enable_interrupts();
  return sleeps;
}

int main(void) {
  uint32_t count = 0;
  while (flexcim_job(count) != NULL) {
    ++count;
  }
  if (count == 0u) {
    printf("no jobs: the scenario's workload has to be gemm or block\n");
    return 1;
  }

  const struct flexcim_port port = flexcim_mmio_port();
  const struct flexcim_config config = {
      .registers = FLEXCIM_BASE, .ring = (uintptr_t)ring, .entries = ENTRIES, .slots = slots, .interrupts = true};
  struct flexcim_soc soc = {.port = &port, .driver = &driver};
  enum flexcim_status status = flexcim_driver_init(&driver, &port, &config);
  if (status == FLEXCIM_OK) {
    status = flexcim_driver_start(&driver);
  }
  if (status != FLEXCIM_OK) {
    printf("the accelerator does not start: status %d\n", (int)status);
    return 1;
  }
  struct outcome* const outcomes = calloc(count, sizeof *outcomes);
  if (outcomes == NULL) {
    printf("no memory for %" PRIu32 " jobs\n", count);
    return 1;
  }
  flexcim_soc_enable_interrupts(&soc, 1u << FLEXCIM_INTERRUPT);
  flexcim_set_interrupt_handler(FLEXCIM_LINE_EXTERNAL, external_interrupt, &soc);
  flexcim_enable_interrupts();

  const uint64_t begin = flexcim_cycles();
  const uint64_t first_instruction = flexcim_instructions();
  uint32_t sleeps = 0;
  for (uint32_t i = 0; i < count; ++i) {
    sleeps += sleep_until_in_flight(ENTRIES - 2u); /* there is a place in the ring */
    (void)flexcim_driver_submit(&driver, &flexcim_job(i)->command, job_ended, &outcomes[i], NULL);
  }
  sleeps += sleep_until_in_flight(0u);
  const uint64_t end = flexcim_cycles();

  /* Of layers that were seen to have ended together the first one's row has the cycles of all. */
  printf("%-30s %12s %12s  outputs\n", "layer", "accelerator", "instructions");
  uint64_t busy = 0;
  uint64_t instructions = first_instruction;
  int bad = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const struct flexcim_job* const job = flexcim_job(i);
    const struct outcome* const outcome = &outcomes[i];
    const char* result = "equal";
    if (outcome->error != FLEXCIM_ERROR_NONE) {
      result = "FAILED";
      ++bad;
    } else if (job->expected == 0u) {
      result = "not compared";
    } else if (flexcim_wrong_outputs(job) != 0u) {
      result = "DIFFER";
      ++bad;
    } else {
    }
    printf("%-30s %12" PRIu64 " %12" PRIu64 "  %s\n", (const char*)(uintptr_t)job->name, outcome->busy - busy,
           outcome->instructions - instructions, result);
    busy = outcome->busy;
    instructions = outcome->instructions;
  }
  printf("%" PRIu32 " layers in %" PRIu64 " cycles of the processor, which slept %" PRIu32 " times; %d bad\n", count,
         end - begin, sleeps, bad);
  return (bad == 0) ? 0 : 1;
}

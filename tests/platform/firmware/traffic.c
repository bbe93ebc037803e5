#include "traffic.h"

#include "flexcim_soc.h"

#include <stddef.h>

enum { ENTRIES = 8, REFUSED = 4 };

struct run {
  struct flexcim_driver driver;
  struct flexcim_soc soc;
  struct flexcim_slot slots[ENTRIES];
  const struct flexcim_descriptor* layers;
  uint32_t unexpected, last;
};

static void expect(struct run* run, enum flexcim_status status, enum flexcim_status wanted) {
  if (status != wanted) {
    ++run->unexpected;
  }
}

static void submit(struct run* run, uint32_t layer) {
  expect(run, flexcim_driver_submit(&run->driver, &run->layers[layer], NULL, NULL, &run->last), FLEXCIM_OK);
}

static void wait_for_last(struct run* run, enum flexcim_status wanted) {
  expect(run, flexcim_driver_wait(&run->driver, run->last, FLEXCIM_FOREVER), wanted);
}

static uint32_t traffic_by(const struct flexcim_port* port, const struct flexcim_descriptor* layers, bool interrupts) {
  struct run run = {.layers = layers, .unexpected = 0u, .last = 0u};
  run.soc.port = port;
  run.soc.driver = &run.driver;
  const struct flexcim_config config = {.registers = FLEXCIM_BASE,
                                        .ring = TRAFFIC_RING,
                                        .entries = ENTRIES,
                                        .slots = run.slots,
                                        .interrupts = interrupts,
                                        .idle = flexcim_soc_idle,
                                        .context = &run.soc};
  struct flexcim_capabilities capabilities;
  expect(&run, flexcim_driver_init(&run.driver, port, &config), FLEXCIM_OK);
  expect(&run, flexcim_driver_capabilities(&run.driver, &capabilities), FLEXCIM_OK);
  flexcim_soc_enable_interrupts(&run.soc, interrupts ? (1u << FLEXCIM_INTERRUPT) : 0u);
  expect(&run, flexcim_driver_start(&run.driver), FLEXCIM_OK);

  for (uint32_t layer = 0u; layer < REFUSED; ++layer) {
    submit(&run, layer);
  }
  wait_for_last(&run, FLEXCIM_OK);
  submit(&run, 1u);
  wait_for_last(&run, FLEXCIM_OK);

  submit(&run, REFUSED);
  submit(&run, 2u);
  wait_for_last(&run, FLEXCIM_HALTED);
  expect(&run, flexcim_driver_skip(&run.driver), FLEXCIM_OK);
  wait_for_last(&run, FLEXCIM_OK);

  submit(&run, REFUSED);
  submit(&run, 3u);
  wait_for_last(&run, FLEXCIM_HALTED);
  expect(&run, flexcim_driver_reset(&run.driver, 0u), FLEXCIM_OK);
  wait_for_last(&run, FLEXCIM_OK);

  submit(&run, 0u);
  submit(&run, 2u);
  expect(&run, flexcim_driver_reset(&run.driver, 1u), FLEXCIM_OK);
  wait_for_last(&run, FLEXCIM_OK);
  return run.unexpected;
}

uint32_t traffic(const struct flexcim_port* port, const struct flexcim_descriptor* layers) {
  const uint32_t unexpected = traffic_by(port, layers, true);
  return unexpected + traffic_by(port, layers, false);
}

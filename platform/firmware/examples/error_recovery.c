/* What can go wrong with commands, and how the driver goes on: every error is provoked between two good commands, which
 * have to come out right. A small dense layer is made here; the scenario needs no jobs. */
#include "flexcim_runtime.h"
#include "flexcim_soc.h"
#include "mmio_port.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { ENTRIES = 8, OUT = 4, IN = 16, TOKENS = 4, MANY_TOKENS = 2048 };
enum { MOST_CELLS = 16 * 256 };                  /* of a column in the largest macro */
enum { IMAGE_BYTES = 16 + (OUT * MOST_CELLS) };  /* a directory of one tile, and the tile */
enum { SECOND = 10000000, MICROSECOND = 10 };    /* ticks of the timer */
enum { NOWHERE = 0x40000000, TILE_OFFSET = 16 }; /* no memory answers; where the tile lies in its image */

static _Alignas(16) uint8_t ring[ENTRIES * FLEXCIM_DESCRIPTOR_BYTES];
static struct flexcim_slot slots[ENTRIES];
static struct flexcim_port port;
static struct flexcim_soc soc;
static struct flexcim_driver driver;

static _Alignas(16) uint8_t image[IMAGE_BYTES];
static _Alignas(16) uint8_t bad_image[IMAGE_BYTES];
static uint32_t image_bytes;
static _Alignas(16) int8_t activations[MANY_TOKENS][IN];
static _Alignas(16) int32_t outputs[2][MANY_TOKENS][OUT];
static int failures;

static int8_t weight_at(uint32_t out, uint32_t in) { return (int8_t)((int)((7u * out + 3u * in) % 13u) - 6); }

static void check(bool good, const char* what) {
  printf("%s: %s\n", good ? "good" : "BAD ", what);
  failures += good ? 0 : 1;
}

/* The image of a dense layer that fits into one macro tile (flow/map/image.h): an entry of the directory, then a byte
 * per cell, [column][sub-macro][row]. Input i lies in sub-macro i % P, row i / P. */
static void make_image(const struct flexcim_capabilities* macro) {
  const uint32_t column = macro->sub_macros * macro->rows;
  const uint32_t tile = ((OUT * column) + 15u) & ~15u;
  const uint32_t entry[4] = {TILE_OFFSET, tile, 1u, 0u};
  memcpy(image, entry, sizeof entry);
  for (uint32_t out = 0; out < OUT; ++out) {
    for (uint32_t in = 0; in < IN; ++in) {
      const uint32_t cell = ((in % macro->sub_macros) * macro->rows) + (in / macro->sub_macros);
      image[TILE_OFFSET + (out * column) + cell] = (uint8_t)weight_at(out, in);
    }
  }
  image_bytes = TILE_OFFSET + tile;
}

static struct flexcim_descriptor layer(const struct flexcim_capabilities* macro, uint32_t tokens, uint32_t place) {
  const struct flexcim_descriptor command = {.opcode = FLEXCIM_OP_GEMM,
                                             .pattern_n = 1,
                                             .pattern_m = 1,
                                             .sequencing = FLEXCIM_SEQUENCING_GROUPED,
                                             .merge = FLEXCIM_MERGE_REDUCE,
                                             .window = (uint8_t)macro->window,
                                             .out = OUT,
                                             .in = IN,
                                             .tokens = tokens,
                                             .weights = (uintptr_t)image,
                                             .weights_bytes = image_bytes,
                                             .activations = (uintptr_t)activations,
                                             .activation_stride = IN,
                                             .outputs = (uintptr_t)outputs[place],
                                             .output_stride = OUT * sizeof(int32_t)};
  memset(outputs[place], 0x55, sizeof outputs[place]);
  return command;
}

static bool right(uint32_t tokens, uint32_t place) {
  for (uint32_t token = 0; token < tokens; ++token) {
    for (uint32_t out = 0; out < OUT; ++out) {
      int32_t sum = 0;
      for (uint32_t in = 0; in < IN; ++in) {
        sum += activations[token][in] * weight_at(out, in);
      }
      if (outputs[place][token][out] != sum) {
        return false;
      }
    }
  }
  return true;
}

/* A command that has to fail with that error, between two good ones; skip leaves it behind. */
static void fails(const struct flexcim_capabilities* macro, const struct flexcim_descriptor* bad, uint32_t error,
                  const char* what) {
  const struct flexcim_descriptor before = layer(macro, TOKENS, 0);
  const struct flexcim_descriptor after = layer(macro, TOKENS, 1);
  uint32_t tickets[3] = {0};
  (void)flexcim_driver_submit(&driver, &before, NULL, NULL, &tickets[0]);
  (void)flexcim_driver_submit(&driver, bad, NULL, NULL, &tickets[1]);
  (void)flexcim_driver_submit(&driver, &after, NULL, NULL, &tickets[2]);
  bool good = flexcim_driver_wait(&driver, tickets[2], SECOND) == FLEXCIM_HALTED;
  good = good && (driver.error.code == error) && (driver.error.ticket == tickets[1]);
  good = good && (flexcim_driver_outcome(&driver, tickets[0]) == FLEXCIM_OK) && right(TOKENS, 0);
  good = good && (flexcim_driver_outcome(&driver, tickets[1]) == FLEXCIM_COMMAND_FAILED);
  good = good && (flexcim_driver_skip(&driver) == FLEXCIM_OK);
  good = good && (flexcim_driver_wait(&driver, tickets[2], SECOND) == FLEXCIM_OK) && right(TOKENS, 1);
  check(good, what);
}

static void bad_commands(const struct flexcim_capabilities* macro) {
  const struct flexcim_descriptor good = layer(macro, TOKENS, 1);
  struct flexcim_descriptor bad = good;
  bad.opcode = 0x7F;
  fails(macro, &bad, FLEXCIM_ERROR_BAD_OPCODE, "an opcode that is none; skipped");
  bad = good;
  bad.weights += 8u;
  fails(macro, &bad, FLEXCIM_ERROR_MISALIGNED, "weights at an address that is not aligned; skipped");
  bad = good;
  bad.weights = NOWHERE;
  fails(macro, &bad, FLEXCIM_ERROR_DMA_ADDRESS, "weights where there is no memory; skipped");

  bad = good;
  bad.weights = (uintptr_t)bad_image;
  memcpy(bad_image, image, sizeof image);
  bad_image[3] = 0x7F; /* the tile's offset */
  fails(macro, &bad, FLEXCIM_ERROR_IMAGE_BOUNDS, "an image whose directory is damaged; skipped");
  memcpy(bad_image, image, sizeof image);
  bad_image[TILE_OFFSET] = 0x80;
  fails(macro, &bad, FLEXCIM_ERROR_IMAGE_WEIGHT, "an image with a weight that cannot be; skipped");
}

static void bad_doorbell(const struct flexcim_capabilities* macro) {
  const struct flexcim_descriptor command = layer(macro, MANY_TOKENS, 0);
  uint32_t ticket = 0;
  (void)flexcim_driver_submit(&driver, &command, NULL, NULL, &ticket);
  port.write32(port.context, FLEXCIM_BASE + FLEXCIM_DOORBELL, ENTRIES); /* somebody else writes beyond the ring */
  bool good = flexcim_driver_wait(&driver, ticket, SECOND) == FLEXCIM_LOST;
  good = good && (driver.error.code == FLEXCIM_ERROR_BAD_DOORBELL);
  good = good && (flexcim_driver_reset(&driver, 0u) == FLEXCIM_OK); /* what was in flight runs again */
  good = good && (flexcim_driver_wait(&driver, ticket, SECOND) == FLEXCIM_OK) && right(MANY_TOKENS, 0);
  check(good, "a bad doorbell; reset, and the command runs again");
}

static void note_cancelled(void* context, uint32_t ticket, enum flexcim_status outcome, uint32_t error) {
  (void)ticket;
  (void)error;
  *(bool*)context = outcome == FLEXCIM_CANCELLED;
}

static void too_slow(const struct flexcim_capabilities* macro) {
  const struct flexcim_descriptor slow = layer(macro, MANY_TOKENS, 0);
  const struct flexcim_descriptor after = layer(macro, TOKENS, 1);
  uint32_t tickets[2] = {0};
  bool cancelled = false;
  (void)flexcim_driver_submit(&driver, &slow, note_cancelled, &cancelled, &tickets[0]);
  (void)flexcim_driver_submit(&driver, &after, NULL, NULL, &tickets[1]);
  bool good = flexcim_driver_wait(&driver, tickets[0], MICROSECOND) == FLEXCIM_TIMEOUT;
  good = good && (flexcim_driver_reset(&driver, 1u) == FLEXCIM_OK) && cancelled;
  good = good && (flexcim_driver_wait(&driver, tickets[1], SECOND) == FLEXCIM_OK) && right(TOKENS, 1);
  check(good, "a command that takes too long; given up, the next one runs");
}

static void full_ring(const struct flexcim_capabilities* macro) {
  const struct flexcim_descriptor command = layer(macro, TOKENS, 0);
  uint32_t last = 0;
  uint32_t count = 0;
  while (flexcim_driver_submit(&driver, &command, NULL, NULL, &last) == FLEXCIM_OK) {
    ++count;
  }
  bool good = count == (ENTRIES - 1u); /* none is seen to end before somebody looks */
  good = good && (flexcim_driver_wait(&driver, last, SECOND) == FLEXCIM_OK) && right(TOKENS, 0);
  check(good, "a ring that is full; nothing is lost");
}

int main(void) {
  port = flexcim_mmio_port();
  soc.port = &port;
  soc.driver = &driver;
  const struct flexcim_config config = {.registers = FLEXCIM_BASE,
                                        .ring = (uintptr_t)ring,
                                        .entries = ENTRIES,
                                        .slots = slots,
                                        .interrupts = true,
                                        .time = flexcim_soc_time,
                                        .idle = flexcim_soc_idle,
                                        .context = &soc};
  struct flexcim_capabilities macro;
  if ((flexcim_driver_init(&driver, &port, &config) != FLEXCIM_OK) ||
      (flexcim_driver_capabilities(&driver, &macro) != FLEXCIM_OK) || (flexcim_driver_start(&driver) != FLEXCIM_OK)) {
    printf("there is no accelerator that this driver knows\n");
    return 1;
  }
  if ((macro.columns < OUT) || ((macro.sub_macros * macro.rows) < IN)) {
    printf("the macro is too small for the example's layer\n");
    return 1;
  }
  flexcim_soc_enable_interrupts(&soc, 1u << FLEXCIM_INTERRUPT);
  for (uint32_t token = 0; token < MANY_TOKENS; ++token) {
    for (uint32_t in = 0; in < IN; ++in) {
      activations[token][in] = (int8_t)((int)((5u * token + in) % 17u) - 8);
    }
  }
  make_image(&macro);

  bad_commands(&macro);
  bad_doorbell(&macro);
  too_slow(&macro);
  full_ring(&macro);
  printf("%d of the recoveries failed\n", failures);
  return (failures == 0) ? 0 : 1;
}

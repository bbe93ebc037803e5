/* What firmware finds when it starts on the simulated processor: register a1 holds the address of a boot block in
 * memory, a0 the number of the hart, 0. The simulator fills it from the scenario (platform/run/boot_block.h), so that
 * one ELF file runs whatever layers a scenario names.
 *
 * Addresses have 64 bits, as in descriptors; all that they point at lies below 4 GiB. Memory that the boot block and
 * what it refers to take belongs to nobody else. */
#ifndef FLEXCIM_BOOT_H
#define FLEXCIM_BOOT_H

#include "flexcim_platform.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLEXCIM_BOOT_MAGIC 0x464C4258u /* "XBLF" in memory */
#define FLEXCIM_BOOT_VERSION 1u

/* A linear of the scenario's workload (gemm, block): weights and activations are in memory. */
struct flexcim_job {
  struct flexcim_descriptor command; /* complete; its tag is the number of the job, by which results find it */
  uint64_t name;                     /* of the layer: a string that ends with 0 */
  uint64_t expected;                 /* the golden model's outputs: as many bytes as the command writes; 0: not known */
  uint32_t expected_bytes;
  uint32_t reserved;
};

struct flexcim_boot {
  uint32_t magic;          /* FLEXCIM_BOOT_MAGIC */
  uint32_t version;        /* FLEXCIM_BOOT_VERSION */
  uint64_t arguments;      /* address of as many 32-bit addresses of strings, and of a 0 behind them: argv */
  uint32_t argument_count; /* the name of the ELF file is the first, host.arguments follow: argc */
  uint32_t job_count;      /* 0 where the scenario's workload is the firmware's own */
  uint64_t jobs;           /* address of as many struct flexcim_job */
};

#ifdef __cplusplus
}
#endif

#endif

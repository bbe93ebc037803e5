/* What firmware finds when it starts on the simulated processor: register a1 holds the address of a boot block in
 * memory, a0 the number of the hart, 0. The simulator fills it from the scenario (platform/run/boot_block.h), so that
 * one ELF file runs whatever layers a scenario names.
 *
 * Addresses have 64 bits, as in descriptors; all that they point at lies below 4 GiB and behind the firmware's own
 * memory, in DRAM. Floating-point numbers are IEEE single precision; matrices have no gaps between rows. */
#ifndef FLEXCIM_BOOT_H
#define FLEXCIM_BOOT_H

#include "flexcim_platform.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLEXCIM_BOOT_MAGIC 0x464C4258u
#define FLEXCIM_BOOT_VERSION 1u
/* Tags of the jobs' commands, plus the number of the job: results find the layer by it. */
#define FLEXCIM_JOB_TAG 0x4A000000u
/* Data of a scenario lie behind the firmware's segments, and not before this many bytes of DRAM: room for a heap. */
#define FLEXCIM_FIRMWARE_BYTES 0x00800000u

/* A linear of the scenario's workload, whose weights are in memory. Of the workloads gemm and block its activations
 * are, too; of the workload generate it has the memory for them, and for outputs, of as many rows as command.tokens
 * says; one token needs one row. */
struct flexcim_job {
  struct flexcim_descriptor command; /* complete */
  uint64_t name;                     /* of the layer: a string that ends with 0 */
  uint64_t expected;      /* gemm, block: the golden model's outputs, int32 [tokens][out]; 0 of the workload generate */
  uint64_t scales;        /* of the weights: float [out]. An output is accumulator * (scale of the input * this) */
  float activation_scale; /* of the inputs; 0: each token has its own, its largest magnitude / 127 */
  uint32_t reserved;
};

/* The rest of a Llama (workload generate). Its linears are the jobs, seven in each block: query, key, value, output,
 * gate, up, down. */
struct flexcim_model {
  uint32_t hidden, intermediate, layers, heads, kv_heads, vocabulary;
  uint32_t head;           /* values of one head, even */
  float epsilon;           /* of the norms */
  uint64_t embedding;      /* float [vocabulary][hidden] */
  uint64_t norms;          /* float [2 * layers + 1][hidden]: before attention and MLP of each block; the last */
  uint64_t output_head;    /* float [vocabulary][hidden] */
  uint64_t cosines, sines; /* rotary positions: float [prompt_tokens + new_tokens][head / 2] */
  uint64_t prompt;         /* int32 [prompt_tokens] */
  uint64_t ends;           /* int32 [end_tokens]: any of them ends the text */
  uint64_t generated;      /* int32 [new_tokens]: the firmware writes here what it generates */
  uint64_t expected;       /* int32 [expected_tokens]: what the golden model generates */
  uint32_t prompt_tokens, new_tokens, end_tokens, expected_tokens;
};

struct flexcim_boot {
  uint32_t magic;          /* FLEXCIM_BOOT_MAGIC */
  uint32_t version;        /* FLEXCIM_BOOT_VERSION */
  uint64_t arguments;      /* address of as many 32-bit addresses of strings, and of a 0 behind them: argv */
  uint32_t argument_count; /* the name of the ELF file is the first, host.arguments follow: argc */
  uint32_t job_count;      /* 0 where the scenario's workload is the firmware's own */
  uint64_t jobs;           /* address of as many struct flexcim_job */
  uint64_t model;          /* address of a struct flexcim_model; 0 where there is none */
};

#ifdef __cplusplus
}
#endif

#endif

/* What a shared library of a Verilated macro gives to flexcim (docs/your_rtl.md): C, so that neither needs the other's
 * C++ library. scripts/verilate writes the other side. */
#ifndef FLEXCIM_RTL_H
#define FLEXCIM_RTL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up with every change of this file; a library of another number is refused. */
#define FLEXCIM_RTL_VERSION 1u

/* The name of the one function that a library exports: const struct flexcim_rtl* flexcim_rtl_table(void). */
#define FLEXCIM_RTL_SYMBOL "flexcim_rtl_table"

struct flexcim_rtl_pin {
  const char* name;
  uint32_t bits;
  uint32_t input; /* 1: of the macro; 0: an output */
};

/* A parameter of the top module that was set when the library was made. */
struct flexcim_rtl_parameter {
  const char* name;
  const char* value;
};

struct flexcim_rtl {
  uint32_t version; /* FLEXCIM_RTL_VERSION; nothing behind it is looked at where it is another */
  uint32_t pins;    /* how many */
  const struct flexcim_rtl_pin* pin;
  uint32_t parameters;
  const struct flexcim_rtl_parameter* parameter;
  const char* top; /* name of the module */

  /* A macro of its own, all inputs 0; null where there is no memory. Registers without a reset have random values, the
   * same ones for the same `seed`. */
  void* (*create)(uint32_t seed);
  void (*destroy)(void* macro);
  /* The bits of pin number `pin`, the least significant ones of the lowest byte first, those beyond its width 0. Valid
   * as long as the macro. Inputs may be written at any time, and count from the next eval() on. */
  uint8_t* (*bits)(void* macro, uint32_t pin);
  /* Lets everything settle; an input that has changed from 0 to 1 is a rising edge. */
  void (*eval)(void* macro);
  /* What has stopped it, with file and line: $finish, $stop, $error, a failed assertion; null while it goes on. Valid
   * as long as the macro. */
  const char* (*failure)(void* macro);

  /* Writes the signals of the first `levels` levels of the hierarchy, the pins being the first, or all where it is 0,
   * into a VCD, timescale 1 ps, from the next dump() on. One at a time. 0: it could not be opened. */
  int (*open_dump)(void* macro, const char* path, int levels);
  void (*dump)(void* macro, uint64_t picoseconds);
  void (*close_dump)(void* macro);
};

#ifdef __cplusplus
}
#endif

#endif

/* What the files of the runtime have in common; programs need none of it. */
#ifndef FLEXCIM_STARTUP_H
#define FLEXCIM_STARTUP_H

#include "flexcim_runtime.h"

#include <stdbool.h>
#include <stdint.h>

/* Called by start.S with what it found in a1, when memory is as C wants it. */
_Noreturn void flexcim_start(const struct flexcim_boot* boot);

/* For mtvec. trap.S calls the two below: with the number of an interrupt in mcause; with a frame that it takes the
 * registers from afterwards, false: with no handler set. */
extern const char flexcim_trap_vector[];
void flexcim_handle_interrupt(uint32_t number);
bool flexcim_handle_exception(struct flexcim_exception* exception);

/* Switches the UART on. */
void flexcim_console_start(void);

/* picolibc: calls the functions that have the attribute constructor. */
void __libc_init_array(void); /* NOLINT(bugprone-reserved-identifier): the library's name */

#endif

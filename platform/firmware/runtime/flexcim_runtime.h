/* What a C program on the simulated processor gets beside the language: start.S calls its main() with the arguments of
 * the boot block (argc is 0 where there is none), and what main() returns is the run's exit code.
 *
 * picolibc's stdout, stderr and stdin are the UART, without buffers, at 16 of its clock cycles a bit; its malloc() has
 * the memory behind the program (flexcim.ld). exit() ends the simulation through the test finisher, when the UART has
 * sent everything: code & 255, and 255 for a code that has nothing but other bits. abort() and a failed assert(): 134.
 *
 * Single-threaded. Interrupts are masked until flexcim_enable_interrupts(). */
#ifndef FLEXCIM_RUNTIME_H
#define FLEXCIM_RUNTIME_H

#include "flexcim_boot.h"
#include "flexcim_port.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The boot block, or null where the program was started without one, or with one of another version. */
const struct flexcim_boot* flexcim_boot(void);

/* Job `number` of the boot block, or null where there is none. */
const struct flexcim_job* flexcim_job(uint32_t number);

/* Once a job's command has ended: how many of its int32 outputs differ from what is expected; 0 also where that is not
 * known (job->expected is 0). */
uint32_t flexcim_wrong_outputs(const struct flexcim_job* job);

/* Cycles of the hart's clock since time 0, asleep or not, and instructions that it has executed: mcycle, minstret. */
uint64_t flexcim_cycles(void);
uint64_t flexcim_instructions(void);

/* Called with interrupts masked. It has to end the request, or is called again at once. */
typedef void flexcim_interrupt_handler(void* context);

/* Sets who handles an interrupt of the hart, and enables that one (mie). `line`: FLEXCIM_LINE_SOFTWARE, _TIMER or
 * _EXTERNAL; others are ignored. A null handler disables it. An interrupt that is enabled by other means and has no
 * handler ends the simulation with a message. */
void flexcim_set_interrupt_handler(uint32_t line, flexcim_interrupt_handler* handler, void* context);

/* mstatus.MIE. The second one returns whether they were enabled. */
void flexcim_enable_interrupts(void);
bool flexcim_disable_interrupts(void);

/* Sleeps until an interrupt that has a handler is pending, masked or not. To sleep until a handler has done something:
 * disable interrupts, look, sleep, enable them; one that comes after the look ends the sleep, and is handled then. */
void flexcim_wait_for_interrupt(void);

/* The program where an exception has stopped it. */
struct flexcim_exception {
  uint32_t x[32]; /* registers; x[0] is 0 */
  uint32_t pc;    /* of the instruction that was not executed */
  uint32_t cause; /* as in mcause */
  uint32_t value; /* as in mtval: an address, or an illegal instruction */
};

/* Called with interrupts masked, on a stack of 4 KiB of its own. True: the program goes on with the registers and at
 * the pc that the handler leaves. False: it cannot; the simulator says why, and the run ends. */
typedef bool flexcim_exception_handler(struct flexcim_exception* exception);

/* Sets who handles exceptions. Null, as it is in the beginning: they are left to the simulator, which ends the run with
 * the exception, its place and its address, or shows it to the debugger; so is one in the handler itself. */
void flexcim_set_exception_handler(flexcim_exception_handler* handler);

#ifdef __cplusplus
}
#endif

#endif

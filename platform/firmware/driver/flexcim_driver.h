/* Driver of the FlexCiM accelerator: a ring of commands in memory, many of them in flight, which end in order.
 *
 * Plain C11 without library: no allocation, no recursion, no state but what the caller owns. The same source runs on
 * the simulated processor and in the simulator's native host; all that it needs of the machine is in flexcim_port.h.
 *
 * Contexts. Two may use a driver at the same time: one that submits, and one in which commands end: a handler that
 * calls flexcim_driver_on_interrupt(). Everything else (wait, skip, reset) is called while that handler cannot run.
 * The callbacks of commands run where commands end; a callback may submit if nobody else does, and skip. */
#ifndef FLEXCIM_DRIVER_H
#define FLEXCIM_DRIVER_H

#include "flexcim_platform.h"
#include "flexcim_port.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum flexcim_status {
  FLEXCIM_OK = 0,         /* done; of a command: it has ended without error */
  FLEXCIM_NOTHING,        /* no command has ended */
  FLEXCIM_PENDING,        /* the command has not ended */
  FLEXCIM_INVALID,        /* an argument is out of its range; nothing was done */
  FLEXCIM_NO_DEVICE,      /* there is no accelerator at the address of its registers */
  FLEXCIM_OTHER_VERSION,  /* its registers are not those of flexcim_platform.h */
  FLEXCIM_STOPPED,        /* not started yet, or in the middle of a reset */
  FLEXCIM_RING_FULL,      /* entries - 1 commands are in flight; nothing was done */
  FLEXCIM_HALTED,         /* a command has failed, those behind it wait: flexcim_driver_skip() or _reset() */
  FLEXCIM_LOST,           /* driver and accelerator do not agree about the ring: flexcim_driver_reset() */
  FLEXCIM_TIMEOUT,        /* the time is over */
  FLEXCIM_COMMAND_FAILED, /* of a command: it has ended with an error */
  FLEXCIM_CANCELLED,      /* of a command: a reset gave it up */
  FLEXCIM_FORGOTTEN,      /* of a command: it has ended, and its place was used again since */
  FLEXCIM_BUSY            /* called from a callback that may not do that */
};

/* A timeout that never is over. */
#define FLEXCIM_FOREVER UINT32_MAX

/* Called once for every command that ends, in the order of submission. `outcome`: OK, COMMAND_FAILED or CANCELLED;
 * `error`: one of FLEXCIM_ERROR_. The command's place in the ring is free already. */
typedef void flexcim_callback(void* context, uint32_t ticket, enum flexcim_status outcome, uint32_t error);

/* What the driver remembers of a command; only the driver looks into it. */
struct flexcim_slot {
  struct flexcim_descriptor descriptor; /* as submitted: a reset writes it into the ring again */
  flexcim_callback* callback;
  void* context;
  enum flexcim_status outcome;
};

struct flexcim_config {
  uint64_t registers; /* address of the accelerator's registers: FLEXCIM_BASE */
  uint64_t ring;      /* address of entries * FLEXCIM_DESCRIPTOR_BYTES bytes, a multiple of FLEXCIM_RING_ALIGNMENT */
  uint32_t entries;   /* a power of two, 2..FLEXCIM_RING_MAX_ENTRIES; one less is the most in flight */
  struct flexcim_slot* slots; /* as many as entries */
  bool interrupts;            /* commands raise the interrupt line; false: they are found by polling */
  /* For flexcim_driver_wait(). time: a clock that counts up and wraps around at 2^32, in units of the caller's own;
   * null: no timeouts. idle: sleeps until an interrupt comes, or not much longer than `time_left` (FLEXCIM_FOREVER: no
   * limit), and handles it; null where `interrupts` is false. flexcim_soc.h has both. */
  uint32_t (*time)(void* context);
  void (*idle)(void* context, uint32_t time_left);
  void* context; /* of both */
};

/* The last error. */
struct flexcim_error {
  uint32_t code;    /* FLEXCIM_ERROR_ */
  uint64_t address; /* of the descriptor; of the ring for BAD_RING and BAD_DOORBELL */
  uint32_t ticket;  /* of the command, where the error is a command's */
};

enum flexcim_state { FLEXCIM_IS_STOPPED, FLEXCIM_IS_RUNNING, FLEXCIM_IS_HALTED, FLEXCIM_IS_LOST };

/* The caller owns it, and looks only at `error` and `ended`. Tickets are the numbers of commands from 0 on, and wrap
 * around. */
struct flexcim_driver {
  const struct flexcim_port* port;
  struct flexcim_config config;
  struct flexcim_error error;
  volatile uint32_t submitted; /* commands so far: ticket of the next; only who submits changes it */
  volatile uint32_t ended;     /* commands so far: ticket of the oldest in flight; changed only where commands end */
  volatile enum flexcim_state state;
  uint32_t origin; /* ticket of the command at index 0 of the ring */
  bool exact;      /* every DONE so far was that of one command: no other can be pending */
  bool ending;     /* callbacks run */
};

/* What the hardware is. */
struct flexcim_capabilities {
  uint32_t version;
  uint32_t sub_macros;                  /* of a macro: P */
  uint32_t rows, columns;               /* of a sub-macro: R, C */
  uint32_t pairs;                       /* of a set: I */
  uint32_t window;                      /* w: for the descriptor's field */
  uint32_t array_outputs, array_inputs; /* macros side by side */
};

/* Prepares `driver` and looks whether an accelerator is there; writes nothing to it. `port` and the slots outlive the
 * driver, `config` is copied. INVALID: entries, ring or a pointer is none; NO_DEVICE. */
enum flexcim_status flexcim_driver_init(struct flexcim_driver* driver, const struct flexcim_port* port,
                                        const struct flexcim_config* config);

/* Reads what the accelerator is made of. OTHER_VERSION: `capabilities->version` is set, the rest is 0. After init. */
enum flexcim_status flexcim_driver_capabilities(struct flexcim_driver* driver,
                                                struct flexcim_capabilities* capabilities);

/* Resets the accelerator and makes it ready for commands. After init. INVALID: it runs already. */
enum flexcim_status flexcim_driver_start(struct flexcim_driver* driver);

/* Puts a command behind the others and tells the accelerator. Reserved fields of `command` are 0; the flags INTERRUPT
 * and STOP are always added, so that no end and no error is lost. `callback` may be null. `ticket`, which may be null,
 * is set to the command's number. It waits behind a failed one, too. RING_FULL; STOPPED; LOST; INVALID: `command` is
 * null. */
enum flexcim_status flexcim_driver_submit(struct flexcim_driver* driver, const struct flexcim_descriptor* command,
                                          flexcim_callback* callback, void* context, uint32_t* ticket);

/* Finds the commands that have ended: for the interrupt's handler, and for polling. OK: some have; NOTHING: none has
 * (the interrupt was spurious); HALTED: so has one with an error, `driver->error` says which; LOST: `driver->error`
 * says why if the accelerator did; STOPPED; BUSY: from a callback. */
enum flexcim_status flexcim_driver_on_interrupt(struct flexcim_driver* driver);

/* How many commands are in flight: submitted and not ended. */
uint32_t flexcim_driver_in_flight(const struct flexcim_driver* driver);

/* What has become of a command: PENDING, OK, COMMAND_FAILED, CANCELLED, or FORGOTTEN when `entries` commands have been
 * submitted since. INVALID: there was no such ticket. No bus access. */
enum flexcim_status flexcim_driver_outcome(const struct flexcim_driver* driver, uint32_t ticket);

/* Waits until a command has ended, and says how, as flexcim_driver_outcome() does; others end meanwhile. Interrupts are
 * masked at the hart when it is called: one that comes between the look and the sleep would be slept through. `timeout`
 * in units of config.time; 0 only looks. TIMEOUT; HALTED, LOST: it would wait for ever; INVALID: also for a
 * timeout without config.time, or sleep without config.idle; BUSY: from a callback. */
enum flexcim_status flexcim_driver_wait(struct flexcim_driver* driver, uint32_t ticket, uint32_t timeout);

/* Leaves the failed command behind: the accelerator goes on with the next. INVALID: it is not halted. */
enum flexcim_status flexcim_driver_skip(struct flexcim_driver* driver);

/* Resets the accelerator. The `give_up` oldest commands in flight, all if there are fewer, end as CANCELLED; the others
 * run again from their beginning, from the driver's own copy. 0 after LOST or a stray reset; 1 when the oldest hangs.
 * Callbacks may not submit meanwhile. STOPPED: never started; BUSY: from a callback. */
enum flexcim_status flexcim_driver_reset(struct flexcim_driver* driver, uint32_t give_up);

#ifdef __cplusplus
}
#endif

#endif

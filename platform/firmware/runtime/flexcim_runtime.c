#include "flexcim_runtime.h"

#include "flexcim_startup.h"

#include <stddef.h>
#include <stdlib.h>

enum { EXCEPTION_STACK_BYTES = 4096 };
enum { VECTORED = 1u, INTERRUPTS_ENABLED = 8u }; /* of mtvec, of mstatus */

_Static_assert(sizeof(struct flexcim_exception) == 140u, "trap.S knows its layout");

struct handler {
  flexcim_interrupt_handler* function;
  void* context;
};

static const struct flexcim_boot* boot_block;
static struct handler software_handler, timer_handler, external_handler;
static flexcim_exception_handler* exception_handler;
static uint8_t exception_stack[EXCEPTION_STACK_BYTES] __attribute__((aligned(16)));

int main(int argc, char* argv[]);

void flexcim_start(const struct flexcim_boot* boot) {
  char* none[] = {NULL};
  char** argv = none;
  int argc = 0;
  flexcim_console_start();
  __libc_init_array();
  if ((boot != NULL) && (((uintptr_t)boot % _Alignof(struct flexcim_boot)) == 0u) &&
      (boot->magic == FLEXCIM_BOOT_MAGIC) && (boot->version == FLEXCIM_BOOT_VERSION)) {
    boot_block = boot;
    argc = (int)boot->argument_count;
    argv = (char**)(uintptr_t)boot->arguments;
  }
  exit(main(argc, argv));
}

const struct flexcim_boot* flexcim_boot(void) { return boot_block; }

const struct flexcim_job* flexcim_job(uint32_t number) {
  if ((boot_block == NULL) || (number >= boot_block->job_count)) {
    return NULL;
  }
  return &((const struct flexcim_job*)(uintptr_t)boot_block->jobs)[number];
}

uint32_t flexcim_wrong_outputs(const struct flexcim_job* job) {
  const struct flexcim_descriptor* const command = &job->command;
  const int32_t* expected = (const int32_t*)(uintptr_t)job->expected;
  uint32_t wrong = 0u;
  for (uint32_t token = 0u; (expected != NULL) && (token < command->tokens); ++token) {
    const int32_t* const outputs =
        (const int32_t*)(uintptr_t)(command->outputs + ((uint64_t)token * command->output_stride));
    for (uint32_t i = 0u; i < command->out; ++i) {
      wrong += (outputs[i] != expected[i]) ? 1u : 0u;
    }
    expected += command->out;
  }
  return wrong;
}

/* The halves of a counter, read again where the lower one has carried into the upper one in between. */
uint64_t flexcim_cycles(void) {
  uint32_t high;
  uint32_t low;
  uint32_t again;
  __asm__ volatile("1: csrr %0, mcycleh\n\tcsrr %1, mcycle\n\tcsrr %2, mcycleh\n\tbne %0, %2, 1b"
                   : "=r"(high), "=r"(low), "=r"(again));
  return ((uint64_t)high << 32) | low;
}

uint64_t flexcim_instructions(void) {
  uint32_t high;
  uint32_t low;
  uint32_t again;
  __asm__ volatile("1: csrr %0, minstreth\n\tcsrr %1, minstret\n\tcsrr %2, minstreth\n\tbne %0, %2, 1b"
                   : "=r"(high), "=r"(low), "=r"(again));
  return ((uint64_t)high << 32) | low;
}

void flexcim_enable_interrupts(void) { __asm__ volatile("csrs mstatus, %0" ::"r"(INTERRUPTS_ENABLED) : "memory"); }

bool flexcim_disable_interrupts(void) {
  uint32_t before;
  __asm__ volatile("csrrc %0, mstatus, %1" : "=r"(before) : "r"(INTERRUPTS_ENABLED) : "memory");
  return (before & INTERRUPTS_ENABLED) != 0u;
}

void flexcim_wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

static void set_trap_vector(void) {
  __asm__ volatile("csrw mtvec, %0" ::"r"((uintptr_t)flexcim_trap_vector | VECTORED) : "memory");
}

static struct handler* handler_of(uint32_t line) {
  switch (line) {
    case FLEXCIM_LINE_SOFTWARE:
      return &software_handler;
    case FLEXCIM_LINE_TIMER:
      return &timer_handler;
    case FLEXCIM_LINE_EXTERNAL:
      return &external_handler;
    default:
      return NULL;
  }
}

void flexcim_set_interrupt_handler(uint32_t line, flexcim_interrupt_handler* handler, void* context) {
  struct handler* const slot = handler_of(line);
  if (slot == NULL) {
    return;
  }
  __asm__ volatile("csrc mie, %0" ::"r"(line) : "memory");
  slot->function = handler;
  slot->context = context;
  if (handler != NULL) {
    set_trap_vector();
    __asm__ volatile("csrs mie, %0" ::"r"(line) : "memory");
  }
}

void flexcim_set_exception_handler(flexcim_exception_handler* handler) {
  exception_handler = handler;
  set_trap_vector();
  const uintptr_t top = (handler != NULL) ? (uintptr_t)&exception_stack[EXCEPTION_STACK_BYTES] : 0u;
  __asm__ volatile("csrw mscratch, %0" ::"r"(top) : "memory");
}

void flexcim_handle_interrupt(uint32_t number) {
  const struct handler* const slot = handler_of(1u << number);
  if ((slot != NULL) && (slot->function != NULL)) {
    slot->function(slot->context);
  } else {
    __asm__ volatile("csrw mtvec, zero" ::: "memory"); /* it comes again, and the simulator says so */
  }
}

bool flexcim_handle_exception(struct flexcim_exception* exception) { return exception_handler(exception); }

/* Programs that end badly, one for each value of BAD. */
#include "flexcim_platform.h"
#include "flexcim_runtime.h"

#include <assert.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { OVERFLOW = 1, HANDLED_ELSEWHERE, NOT_HANDLED, BAD_HANDLER, NO_HANDLER, CODE_300, CODE_256, ASSERTION };

static volatile uint32_t* const nowhere = (volatile uint32_t*)0x40000000;

static void ignore(void* context) { (void)context; }
static bool cannot(struct flexcim_exception* exception) {
  exception->x[5] = 1u;
  *(volatile uint32_t*)TIMER_BASE = 1u; /* an interrupt that is due when the program goes on: it must not come first */
  return false;
}
static bool __attribute__((noinline)) fails_itself(struct flexcim_exception* exception) {
  exception->pc = nowhere[1];
  return true;
}

static int __attribute__((noinline)) recurse(int depth) {
  volatile int frame[64];
  frame[0] = depth;
  return (depth == INT_MAX) ? 0 : recurse(depth + 1) + frame[0];
}

static void __attribute__((noinline)) stray(void) { *nowhere = 1u; }

int main(void) {
  printf("so far\n");
  switch (BAD) {
    case OVERFLOW:
      return recurse(0);
    case HANDLED_ELSEWHERE: /* with a handler of interrupts, and one that is pending and masked */
      flexcim_set_interrupt_handler(FLEXCIM_LINE_SOFTWARE, ignore, NULL);
      *(volatile uint32_t*)TIMER_BASE = 1u;
      stray();
      break;
    case NOT_HANDLED:
      flexcim_set_exception_handler(cannot);
      flexcim_set_interrupt_handler(FLEXCIM_LINE_SOFTWARE, ignore, NULL);
      flexcim_enable_interrupts();
      stray();
      break;
    case BAD_HANDLER:
      flexcim_set_exception_handler(fails_itself);
      stray();
      break;
    case NO_HANDLER:
      flexcim_set_interrupt_handler(FLEXCIM_LINE_TIMER, ignore, NULL);
      __asm__ volatile("csrs mie, %0" ::"r"(FLEXCIM_LINE_SOFTWARE));
      flexcim_enable_interrupts();
      *(volatile uint32_t*)TIMER_BASE = 1u;
      break;
    case CODE_300:
      return 300;
    case CODE_256:
      exit(256);
    case ASSERTION:
      assert(BAD == 0);
      break;
    default:
      break;
  }
  return 0;
}

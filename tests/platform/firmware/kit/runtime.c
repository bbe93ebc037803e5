/* What the runtime promises, asked for on the simulated processor. Prints what is not so; the exit code counts it. */
#include "flexcim_platform.h"
#include "flexcim_runtime.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAUSE_ILLEGAL = 2, CAUSE_LOAD = 5, CAUSE_STORE = 7, CAUSE_ECALL = 11, NOWHERE = 0x40000000 };

static int failures;
static uint32_t zeros[1000];
static uint32_t initialized[3] = {1, 2, 3};
static _Thread_local volatile int own_zero;
static _Thread_local volatile int own_seven = 7;
static int constructed;

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) {                                      \
      ++failures;                                            \
      printf("line %d: not so: %s\n", __LINE__, #condition); \
    }                                                        \
  } while (0)

__attribute__((constructor)) static void construct(void) { ++constructed; }
static void at_exit(void) { printf("the end\n"); }

static volatile uint32_t* at(uint32_t address) { return (volatile uint32_t*)(uintptr_t)address; }

static void memory(void) {
  for (size_t i = 0; i < 1000; ++i) {
    CHECK(zeros[i] == 0u);
  }
  CHECK(initialized[0] == 1u && initialized[2] == 3u);
  CHECK(constructed == 1);
  CHECK(own_zero == 0 && own_seven == 7);
  own_zero = 5;
  errno = 0;
  CHECK(own_zero == 5 && own_seven == 7);
  char* const most = malloc(7u << 14); /* of 128 KiB and a stack of 4 KiB: CMakeLists.txt */
  CHECK(most != NULL && ((uintptr_t)most % 8u) == 0u);
  if (most != NULL) {
    memset(most, 0x5A, 1000);
    memset(most + (7u << 14) - 1000, 0x5A, 1000);
  }
  CHECK(malloc(1u << 14) == NULL && errno == ENOMEM);
  CHECK(own_zero == 5 && own_seven == 7 && initialized[1] == 2u && zeros[999] == 0u);
  free(most);
}

static void wrong_outputs(void) {
  int32_t outputs[2][4] = {{1, 2, 3, 9}, {4, 5, 6, 9}}; /* a row has more room than outputs */
  int32_t expected[2][3] = {{1, 2, 3}, {4, 5, 6}};
  struct flexcim_job job = {.command = {.out = 3, .tokens = 2, .outputs = (uintptr_t)outputs, .output_stride = 16},
                            .expected = (uintptr_t)expected};
  CHECK(flexcim_wrong_outputs(&job) == 0u);
  outputs[0][0] = -1;
  outputs[1][2] = 7;
  CHECK(flexcim_wrong_outputs(&job) == 2u);
  job.expected = 0u;
  CHECK(flexcim_wrong_outputs(&job) == 0u);
}

static void counters(void) {
  const uint64_t instructions = flexcim_instructions();
  const uint64_t cycles = flexcim_cycles();
  __asm__ volatile(".option push\n.option norvc\n.rept 1000\nnop\n.endr\n.option pop");
  const uint64_t more_cycles = flexcim_cycles() - cycles;
  const uint64_t more = flexcim_instructions() - instructions;
  CHECK(more >= 1000u && more < 1100u);
  CHECK(more_cycles >= 1000u && more_cycles < 1100u);
  /* A carry from the lower half of a counter into the upper one. */
  __asm__ volatile("csrw minstreth, zero\n\tcsrw minstret, %0" ::"r"(0xFFFFFFFFu));
  const uint64_t carried = flexcim_instructions();
  CHECK(carried >= 0x100000000u && carried < 0x100000100u);
}

/* Interrupts. */

struct calls {
  uint32_t count;
  void* context;
};

static void on_software(void* context) {
  *at(TIMER_BASE + TIMER_MSIP) = 0u;
  ++((struct calls*)context)->count;
}

enum { STORM = 200, TICKS = 20 }; /* longer than the handler takes */

static void alarm_after(uint32_t ticks) {
  *at(TIMER_BASE + TIMER_MTIMECMP) = *at(TIMER_BASE + TIMER_MTIME) + ticks;
  *at(TIMER_BASE + TIMER_MTIMECMP_HIGH) = 0u;
}

static void on_timer(void* context) {
  struct calls* const calls = context;
  ++calls->count;
  /* A handler may change all the registers that a function may. */
  __asm__ volatile(
      "li t0, -1\n\tli t1, -1\n\tli t2, -1\n\tli t3, -1\n\tli t4, -1\n\tli t5, -1\n\tli t6, -1\n\tli a0, -1\n\t"
      "li a1, -1\n\tli a2, -1\n\tli a3, -1\n\tli a4, -1\n\tli a5, -1\n\tli a6, -1\n\tli a7, -1\n\tli ra, -1" ::
          : "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "ra");
  if (calls->count < STORM) {
    alarm_after(TICKS);
  } else {
    *at(TIMER_BASE + TIMER_MTIMECMP_HIGH) = 0xFFFFFFFFu;
  }
}

static void on_uart(void* context) {
  const uint32_t source = *at(PLIC_BASE + PLIC_CLAIM);
  CHECK(source == UART_INTERRUPT);
  *at(UART_BASE + UART_IE) = 0u;
  *at(PLIC_BASE + PLIC_CLAIM) = source;
  ++((struct calls*)context)->count;
}

/* Holds a bit in each register that a handler may change, for so many rounds, and gives their sum: 0xFFFF. */
static uint32_t __attribute__((noinline)) hold_registers(uint32_t rounds) {
  uint32_t sum;
  __asm__ volatile(
      "li t0, 0x1\n\tli t1, 0x2\n\tli t2, 0x4\n\tli t3, 0x8\n\tli t4, 0x10\n\tli t5, 0x20\n\tli t6, 0x40\n\t"
      "li a0, 0x80\n\tli a1, 0x100\n\tli a2, 0x200\n\tli a3, 0x400\n\tli a4, 0x800\n\tli a5, 0x1000\n\t"
      "li a6, 0x2000\n\tli a7, 0x4000\n\tli ra, 0x8000\n"
      "1:\n\taddi %1, %1, -1\n\tbnez %1, 1b\n\t"
      "add %0, t0, t1\n\tadd %0, %0, t2\n\tadd %0, %0, t3\n\tadd %0, %0, t4\n\tadd %0, %0, t5\n\tadd %0, %0, t6\n\t"
      "add %0, %0, a0\n\tadd %0, %0, a1\n\tadd %0, %0, a2\n\tadd %0, %0, a3\n\tadd %0, %0, a4\n\tadd %0, %0, a5\n\t"
      "add %0, %0, a6\n\tadd %0, %0, a7\n\tadd %0, %0, ra"
      : "=&r"(sum), "+&r"(rounds)::"t0", "t1", "t2", "t3", "t4", "t5", "t6", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
        "a7", "ra");
  return sum;
}

static void interrupts(void) {
  struct calls software = {0};
  struct calls timer = {0};
  struct calls external = {0};

  flexcim_set_interrupt_handler(FLEXCIM_LINE_SOFTWARE, on_software, &software);
  *at(TIMER_BASE + TIMER_MSIP) = 1u;
  CHECK(software.count == 0u); /* masked */
  flexcim_enable_interrupts();
  CHECK(*(volatile uint32_t*)&software.count == 1u);
  flexcim_set_interrupt_handler(FLEXCIM_LINE_SOFTWARE, NULL, NULL);
  *at(TIMER_BASE + TIMER_MSIP) = 1u;
  CHECK(*(volatile uint32_t*)&software.count == 1u);
  *at(TIMER_BASE + TIMER_MSIP) = 0u;

  flexcim_set_interrupt_handler(FLEXCIM_LINE_TIMER, on_timer, &timer);
  alarm_after(TICKS);
  CHECK(hold_registers(100000u) == 0xFFFFu); /* while interrupts come all the time */
  CHECK(*(volatile uint32_t*)&timer.count > 20u);
  CHECK(flexcim_disable_interrupts());
  CHECK(!flexcim_disable_interrupts());
  while (*(volatile uint32_t*)&timer.count < STORM) {
    flexcim_wait_for_interrupt();
    flexcim_enable_interrupts();
    (void)flexcim_disable_interrupts();
  }
  CHECK(timer.count == STORM);

  flexcim_set_interrupt_handler(FLEXCIM_LINE_EXTERNAL, on_uart, &external);
  *at(PLIC_BASE + PLIC_PRIORITY2) = 1u;
  *at(PLIC_BASE + PLIC_ENABLE) = 1u << UART_INTERRUPT;
  *at(UART_BASE + UART_TXCTRL) = UART_TXCTRL_TXEN_MASK | (1u << UART_TXCTRL_TXCNT_SHIFT);
  *at(UART_BASE + UART_IE) = UART_IE_TXWM_MASK;
  flexcim_wait_for_interrupt();
  flexcim_enable_interrupts();
  CHECK(*(volatile uint32_t*)&external.count == 1u);
  (void)flexcim_disable_interrupts();
}

/* Exceptions. */

static struct flexcim_exception last;
static uint32_t exceptions;
static jmp_buf before_overflow;
static uintptr_t sane_stack;

static void give_up_overflow(void) { longjmp(before_overflow, 1); }

static bool on_exception(struct flexcim_exception* exception) {
  last = *exception;
  ++exceptions;
  if (exception->cause == CAUSE_STORE) { /* of the stack: go on elsewhere */
    exception->x[2] = sane_stack;
    exception->pc = (uintptr_t)give_up_overflow;
    return true;
  }
  exception->x[10] = 42u; /* a0 */
  exception->pc += 4u;    /* the instructions here have 4 bytes */
  return true;
}

static uint32_t __attribute__((noinline)) stray_load(uint32_t address) {
  register uint32_t a0 __asm__("a0") = address;
  __asm__ volatile(".option push\n.option norvc\nlw a0, 8(a0)\n.option pop" : "+r"(a0)::"memory");
  return a0;
}

static int __attribute__((noinline)) recurse(int depth) {
  volatile int frame[64];
  frame[0] = depth;
  return (depth == INT_MAX) ? 0 : recurse(depth + 1) + frame[0];
}

static void on_software_with_exception(void* context) {
  on_software(context);
  CHECK(stray_load(NOWHERE) == 42u);
}

static void exceptions_handled(void) {
  flexcim_set_exception_handler(on_exception);
  CHECK(stray_load(NOWHERE) == 42u);
  CHECK(exceptions == 1u && last.cause == CAUSE_LOAD && last.value == NOWHERE + 8u && last.x[10] == NOWHERE);
  CHECK(last.x[0] == 0u && last.x[2] > DRAM_BASE && last.x[2] < DRAM_BASE + 0x1000u);
  __asm__ volatile(".word 0xFFFFFFFF" ::: "a0");
  CHECK(exceptions == 2u && last.cause == CAUSE_ILLEGAL && last.value == 0xFFFFFFFFu);
  __asm__ volatile("ecall" ::: "a0");
  CHECK(exceptions == 3u && last.cause == CAUSE_ECALL);

  /* In an interrupt's handler: afterwards the program goes on where the interrupt has stopped it. */
  struct calls software = {0};
  flexcim_set_interrupt_handler(FLEXCIM_LINE_SOFTWARE, on_software_with_exception, &software);
  flexcim_enable_interrupts();
  *at(TIMER_BASE + TIMER_MSIP) = 1u;
  CHECK(*(volatile uint32_t*)&software.count == 1u && exceptions == 4u);
  *at(TIMER_BASE + TIMER_MSIP) = 1u;
  CHECK(*(volatile uint32_t*)&software.count == 2u && exceptions == 5u);
  CHECK(flexcim_disable_interrupts());

  /* Of the stack, which has its end where memory has its own. */
  sane_stack = (uintptr_t)__builtin_frame_address(0) - 1024u;
  if (setjmp(before_overflow) == 0) {
    (void)recurse(0);
  }
  CHECK(exceptions == 6u && last.cause == CAUSE_STORE && last.value < DRAM_BASE && last.value > DRAM_BASE - 1024u);
  CHECK(initialized[0] == 1u);
}

int main(int argc, char* argv[]) {
  CHECK(argc == ((flexcim_boot() == NULL) ? 0 : 1) && argv[argc] == NULL);
  CHECK(flexcim_job(0) == NULL);
  (void)atexit(at_exit);
  memory();
  interrupts();
  exceptions_handled();
  counters();
  wrong_outputs();
  printf("%.3f %lld %s\n", 1.5, 1234567890123LL, "text");
  return failures;
}

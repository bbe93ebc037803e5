/* What picolibc wants of the system: streams, over the UART, and the end of a program. */
#include "flexcim_platform.h"
#include "flexcim_startup.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { BIT_CYCLES = 16 }; /* of the UART's clock, the fewest that a receiver of 16 samples a bit needs */
enum { PASS = 0x5555, FAIL = 0x3333, MOST_CODE = 255, KILLED = 128 };

static volatile uint32_t* uart(uint32_t offset) { return (volatile uint32_t*)(uintptr_t)(UART_BASE + offset); }

void flexcim_console_start(void) {
  *uart(UART_DIV) = BIT_CYCLES - 1;
  *uart(UART_TXCTRL) = UART_TXCTRL_TXEN_MASK;
  *uart(UART_RXCTRL) = UART_RXCTRL_RXEN_MASK;
}

static void wait_until_sent(void) {
  if ((*uart(UART_TXCTRL) & UART_TXCTRL_TXEN_MASK) != 0u) {
    while ((*uart(UART_STATUS) & UART_STATUS_TX_BUSY_MASK) != 0u) {
    }
  }
}

/* A line has been sent when its end has been put: nothing of it is lost where the program goes wrong. */
static int put(char character, FILE* stream) {
  (void)stream;
  while ((*uart(UART_TXDATA) & UART_TXDATA_FULL_MASK) != 0u) {
  }
  *uart(UART_TXDATA) = (uint8_t)character;
  if (character == '\n') {
    wait_until_sent();
  }
  return (uint8_t)character;
}

static int get(FILE* stream) {
  (void)stream;
  uint32_t received;
  do {
    received = *uart(UART_RXDATA);
  } while ((received & UART_RXDATA_EMPTY_MASK) != 0u);
  return (int)(received & UART_RXDATA_DATA_MASK);
}

static FILE console = FDEV_SETUP_STREAM(put, get, NULL, _FDEV_SETUP_RW);
FILE* const stdin = &console;
FILE* const stdout = &console;
FILE* const stderr = &console;

void _exit(int code) {
  uint32_t low = (uint32_t)code & MOST_CODE;
  if ((code != 0) && (low == 0u)) {
    low = MOST_CODE;
  }
  wait_until_sent();
  *(volatile uint32_t*)(uintptr_t)(FINISHER_BASE + FINISHER_FINISH) =
      (low == 0u) ? PASS : ((low << FINISHER_FINISH_CODE_SHIFT) | FAIL);
  for (;;) {
  }
}

/* For abort(), and so for assert(). */
pid_t getpid(void) { return 1; }

int kill(pid_t process, int signal) {
  (void)process;
  _exit(KILLED + signal);
}

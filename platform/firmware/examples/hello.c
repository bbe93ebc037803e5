/* The smallest program: a line over the UART, and an exit code. */
#include <stdio.h>

int main(int argc, char* argv[]) {
  printf("Hello from a RISC-V hart\n");
  for (int i = 0; i < argc; ++i) {
    printf("argument %d: %s\n", i, argv[i]);
  }
  return 0;
}

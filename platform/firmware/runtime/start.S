/* The first instructions: registers, memory and the stack as C wants them, then flexcim_start(). */

  .cfi_sections .debug_frame

  .section .text.flexcim_start, "ax", @progbits
  .globl _start
  .type _start, @function
_start:
  .cfi_startproc
  .cfi_undefined ra /* nobody has called it */
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la tp, __tls_base
  la sp, __stack_top
  mv s0, a1 /* address of the boot block */
  la a0, __bss_begin
  la a1, __bss_end
  bgeu a0, a1, 2f
1:
  sw zero, 0(a0)
  addi a0, a0, 4
  bltu a0, a1, 1b
2:
  mv a0, s0
  call flexcim_start /* does not return */
  .cfi_endproc
  .size _start, . - _start

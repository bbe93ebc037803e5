/* Where the hart goes on an interrupt or an exception, once a handler is set (flexcim_runtime.c): mtvec, vectored.
 *
 * Interrupts use the stack of the program. Exceptions have one of their own, as the program's may be their cause;
 * mscratch holds its top while somebody handles exceptions and none is being handled, otherwise 0. An exception that
 * nobody handles is left to the simulator: the instruction is executed again, with no handler set. */

  .cfi_sections .debug_frame

#define ALTERNATE_RETURN 64 /* DWARF's number for the place where a trap returns to (RISC-V DWARF 3.2) */
#define MPIE 0x80           /* of mstatus */

  .section .text.flexcim_trap_vector, "ax", @progbits
  .balign 64
  .globl flexcim_trap_vector
  .type flexcim_trap_vector, @function
flexcim_trap_vector:
  .option push
  .option norvc
  .option norelax
  j flexcim_exception
  .rept 2
  j flexcim_no_interrupt
  .endr
  j flexcim_software_interrupt /* 3 */
  .rept 3
  j flexcim_no_interrupt
  .endr
  j flexcim_timer_interrupt /* 7 */
  .rept 3
  j flexcim_no_interrupt
  .endr
  j flexcim_external_interrupt /* 11 */
  .option pop
  .size flexcim_trap_vector, . - flexcim_trap_vector

/* Interrupts: what a C function may change is kept, and mepc, as an exception in the handler changes that. */
#define FRAME 80
#define FRAME_PC 64

  .macro interrupt name, number
  .section .text.flexcim_trap_vector, "ax", @progbits
  .type \name, @function
\name:
  .cfi_startproc
  .cfi_signal_frame
  addi sp, sp, -FRAME
  .cfi_def_cfa_offset FRAME
  sw a0, 4(sp)
  li a0, \number
  j flexcim_interrupt
  .cfi_endproc
  .size \name, . - \name
  .endm

  interrupt flexcim_no_interrupt, 0
  interrupt flexcim_software_interrupt, 3
  interrupt flexcim_timer_interrupt, 7
  interrupt flexcim_external_interrupt, 11

  .type flexcim_interrupt, @function
flexcim_interrupt:
  .cfi_startproc
  .cfi_signal_frame
  .cfi_return_column ALTERNATE_RETURN
  .cfi_def_cfa sp, FRAME
  sw ra, 0(sp)
  sw a1, 8(sp)
  sw a2, 12(sp)
  sw a3, 16(sp)
  sw a4, 20(sp)
  sw a5, 24(sp)
  sw a6, 28(sp)
  sw a7, 32(sp)
  sw t0, 36(sp)
  sw t1, 40(sp)
  sw t2, 44(sp)
  sw t3, 48(sp)
  sw t4, 52(sp)
  sw t5, 56(sp)
  sw t6, 60(sp)
  csrr t0, mepc
  sw t0, FRAME_PC(sp)
  .cfi_offset ra, 0 - FRAME
  .cfi_offset ALTERNATE_RETURN, FRAME_PC - FRAME
  call flexcim_handle_interrupt
  lw t0, FRAME_PC(sp)
  csrw mepc, t0
  lw ra, 0(sp)
  lw a0, 4(sp)
  lw a1, 8(sp)
  lw a2, 12(sp)
  lw a3, 16(sp)
  lw a4, 20(sp)
  lw a5, 24(sp)
  lw a6, 28(sp)
  lw a7, 32(sp)
  lw t0, 36(sp)
  lw t1, 40(sp)
  lw t2, 44(sp)
  lw t3, 48(sp)
  lw t4, 52(sp)
  lw t5, 56(sp)
  lw t6, 60(sp)
  addi sp, sp, FRAME
  mret
  .cfi_endproc
  .size flexcim_interrupt, . - flexcim_interrupt

/* Exceptions: struct flexcim_exception, every register of which a handler may change. */
#define EXCEPTION 144
#define EXCEPTION_SP 8
#define EXCEPTION_PC 128
#define EXCEPTION_CAUSE 132
#define EXCEPTION_VALUE 136

  .altmacro
  .macro save number
  sw x\number, 4*\number(sp)
  .endm
  .macro restore number
  lw x\number, 4*\number(sp)
  .endm
  .macro others action /* all but zero and sp */
  \action 1
  .set i, 3
  .rept 29
  \action %i
  .set i, i + 1
  .endr
  .endm

  .type flexcim_exception, @function
flexcim_exception:
  .cfi_startproc
  .cfi_signal_frame
  .cfi_return_column ALTERNATE_RETURN
  csrrw sp, mscratch, sp
  beqz sp, 3f
  addi sp, sp, -EXCEPTION
  others save
  csrrw t0, mscratch, zero
  sw t0, EXCEPTION_SP(sp)
  sw zero, 0(sp)
  csrr t0, mepc
  sw t0, EXCEPTION_PC(sp)
  csrr t0, mcause
  sw t0, EXCEPTION_CAUSE(sp)
  csrr t0, mtval
  sw t0, EXCEPTION_VALUE(sp)
  /* The frame's address is that of the interrupted stack. */
  .cfi_escape 0x0f, 3, 0x72, EXCEPTION_SP, 0x06 /* DW_CFA_def_cfa_expression: *(sp + EXCEPTION_SP) */
  .cfi_escape 0x10, 1, 2, 0x72, 4               /* DW_CFA_expression: ra at sp + 4 */
  .cfi_escape 0x10, ALTERNATE_RETURN, 3, 0x72, 0x80, 0x01 /* pc at sp + 128 */
  mv a0, sp
  call flexcim_handle_exception
  bnez a0, 2f
  csrw mtvec, zero
  li t0, MPIE
  csrc mstatus, t0
2:
  lw t0, EXCEPTION_PC(sp)
  csrw mepc, t0
  lw t0, EXCEPTION_SP(sp)
  csrw mscratch, t0
  others restore
  addi sp, sp, EXCEPTION
  csrrw sp, mscratch, sp
  mret
3:
  csrrw sp, mscratch, sp
  csrw mscratch, t0
  li t0, MPIE /* and no interrupt comes between */
  csrc mstatus, t0
  csrr t0, mscratch
  csrw mtvec, zero
  mret
  .cfi_endproc
  .size flexcim_exception, . - flexcim_exception

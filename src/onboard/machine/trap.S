/* The way into M-mode and out of it. Interrupts stay off in between, and the stack begins anew with every trap. */
#include "machine-stack.h"
#include "trap-frame.h"

  .section .text.trap_entry, "ax"
  .balign 4
  .globl trap_entry
trap_entry:
  frame_save mscratch, mepc, mstatus, nested
  mv a0, sp
  stack_of_hart
  call machine_trap       /* struct trap_frame *machine_trap(struct trap_frame *) */

/* Resumes the frame at a0. */
  .globl trap_return
trap_return:
  frame_load mscratch, mepc, mstatus
  mret

/* The layer itself trapped, which its own code never does. */
nested:
  stack_of_hart
  call machine_crash

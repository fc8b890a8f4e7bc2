/* The door between guests and hypervisor. Between VM exit and VM entry interrupts are off (sstatus.SIE = 0), the stack
 * starts at its top, and the VS registers are still those of the loaded VM: only the frame is saved here. */
#include "hart-stack.h"
#include "trap-frame.h"

  .text
  .balign 4
  .globl guest_exit
guest_exit:
  frame_save sscratch, sepc, sstatus, nested
  mv a0, sp
  stack_of_vm
  call guest_exited
/* void guest_enter(struct trap_frame *frame): does not return. hstatus.SPV is set (hart.c), so sret leads to V = 1. */
  .globl guest_enter
guest_enter:
  frame_load sscratch, sepc, sstatus
  sret

/* A trap of the hypervisor itself: a fault of ours, never an act of a guest. */
nested:
  lla sp, stack_top
  tail hypervisor_trapped

/* Entry from the firmware: HS-mode, satp = 0, a0 = hartid, a1 = address of the configuration block. Memory of .bss may
 * hold anything. */
#include "hart-stack.h"

/* In the layer: see frame_save. */
.macro enter_layer
  csrw sie, zero
  csrw sscratch, zero
  lla t0, guest_exit
  csrw stvec, t0
.endm

  .section .text.start, "ax"
  .globl _start
_start:
  enter_layer
  lla t0, __bss_start
  lla t1, __bss_end /* both on multiples of 64, and not equal */
1:
  .irp offset, 0,8,16,24,32,40,48,56
  sd zero, \offset(t0)
  .endr
  addi t0, t0, 64
  bltu t0, t1, 1b
#if HARTS > 1
  mv tp, a0
#endif
  stack_of_hart
  mv a0, a1
  tail main

#if HARTS > 1
/* Entry of every further hart, when the first has made all ready. */
  .globl start_hart
start_hart:
  enter_layer
  mv tp, a0
  stack_of_hart
  mv a0, a1
  tail main_of_hart
#endif

  .section .stacks, "aw", @nobits
  .balign 4096
  .globl stacks
stacks:
  .skip STACK_STRIDE * (HARTS - 1)
  .skip STACK_GUARD
  .globl stack_bottom
stack_bottom:
  .skip STACK_SIZE
  .globl stack_top
stack_top:

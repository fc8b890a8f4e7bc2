/* Where an M-mode image begins, on every hart: a0 = hartid, a1 = configuration block. */
#include "machine-stack.h"
#include "trap-frame.h"

#define MIP_MSIP 8

  .section .text.start, "ax"
  .globl _start
_start:
  csrw mie, zero
  csrr t0, mhartid
  li t1, MAX_HARTS
  bgeu t0, t1, machine_park
  stack_of_hart
  bnez t0, secondary

  lla t0, __bss_start
  lla t1, __bss_end       /* both on multiples of 8 */
1:
  bgeu t0, t1, 2f
  sd zero, 0(t0)
  addi t0, t0, 8
  j 1b
2:
  enter_layer
  call machine_main       /* returns the frame to begin with */
  j trap_return

/* Touches no memory before hart 0 has made it ready and says so by a software interrupt. */
secondary:
  li t1, MIP_MSIP
  csrw mie, t1
1:
  wfi
  csrr t1, mip
  andi t1, t1, MIP_MSIP
  beqz t1, 1b
  fence
  enter_layer
  csrr a0, mhartid
  call machine_secondary
  j trap_return

/* Nothing will run here any more. */
  .section .text.machine_park, "ax"
  .balign 4
  .globl machine_park
machine_park:
  csrw mie, zero
1:
  wfi
  j 1b

  .section .stacks, "aw", @nobits
  .balign 16
  .skip STACK_SIZE * MAX_HARTS
  .globl machine_stack_top
machine_stack_top:

/* Where an M-mode image begins: a0 = hartid, a1 = configuration block. */
#include "trap-frame.h"

#define STACK_SIZE 8192

  .section .text.start, "ax"
  .globl _start
_start:
  csrw mie, zero
  csrr t0, mhartid
  bnez t0, machine_park   /* one hart runs */

  lla sp, machine_stack_top
  lla t0, __bss_start
  lla t1, __bss_end       /* both on multiples of 8 */
1:
  bgeu t0, t1, 2f
  sd zero, 0(t0)
  addi t0, t0, 8
  j 1b
2:
  csrw mscratch, zero
  lla t0, trap_entry
  csrw mtvec, t0
  call machine_main       /* returns the frame to begin with */
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
  .skip STACK_SIZE
  .globl machine_stack_top
machine_stack_top:

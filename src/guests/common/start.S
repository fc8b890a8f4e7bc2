/* Entry of every guest: S-mode, satp = 0, a0 = hartid, a1 = device tree, loaded anywhere. Until .relocated is
 * relocated only pc-relative addresses (lla) are right. */
#include "frame.h"

  .section .text.start, "ax"
  .globl _start
_start:
  csrci sstatus, SSTATUS_BIT_SIE
  csrw sie, zero
  lla sp, boot_stack_top
  mv s0, a0
  mv s1, a1

  /* Linked at 0: the address of _start is what each pointer lacks. */
  lla t0, __relocated_start
  lla t1, __relocated_end
  lla t2, _start
relocate:
  bgeu t0, t1, zero_bss
  ld t3, 0(t0)
  add t3, t3, t2
  sd t3, 0(t0)
  addi t0, t0, 8
  j relocate

zero_bss:
  lla t0, __bss_start
  lla t1, __bss_end
1:
  bgeu t0, t1, enter
  sd zero, 0(t0)
  addi t0, t0, 8
  j 1b

enter:
  lla t0, trap_entry
  csrw stvec, t0
  csrw sscratch, zero
  li t0, SSTATUS_BITS_FS
  csrs sstatus, t0
  mv a0, s0
  mv a1, s1
  mv s0, zero /* no caller above: here the walk of a stack ends */
  call kernel_main
stop:
  wfi
  j stop

  .section .stacks, "aw", @nobits
  .balign 16
  .space 8192
boot_stack_top:

/* Entry from the firmware: HS-mode, satp = 0, a0 = hartid, a1 = address of the configuration block. Memory of .bss may
 * hold anything. */
#define STACK_SIZE 8192

  .section .text.start, "ax"
  .globl _start
_start:
  csrw sie, zero
  csrw sscratch, zero /* in the layer: see frame_save */
  lla t0, guest_exit
  csrw stvec, t0
  lla t0, __bss_start
  lla t1, __bss_end /* both on multiples of 64, and not equal */
1:
  .irp offset, 0,8,16,24,32,40,48,56
  sd zero, \offset(t0)
  .endr
  addi t0, t0, 64
  bltu t0, t1, 1b
  lla sp, stack_top
  mv a0, a1
  tail main

/* Below the stack lies a page that is never mapped: an overflow traps instead of reaching the page tables. */
  .section .stacks, "aw", @nobits
  .balign 4096
  .globl stack_guard
stack_guard:
  .skip 4096
  .globl stack_bottom
stack_bottom:
  .skip STACK_SIZE
  .globl stack_top
stack_top:

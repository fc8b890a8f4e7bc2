// Traps of the storms, as a kernel takes them: all registers saved, another address space, all registers restored. Then the
// tasks, which run in U-mode at STORM_TEXT and know nothing but their arguments.
#include "storms.h"

  .macro each_register instruction, base
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  \instruction x\n, 8*\n(\base)
  .endr
  .endm
  .macro kept_register instruction
  \instruction ra, 0(sp)
  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
  \instruction s\n, 8 + 8*\n(sp)
  .endr
  .endm

// void *run_tasks(struct task *first): until storm_trap says that there is nothing to go on with.
  .section .text.run_tasks, "ax"
  .globl run_tasks
run_tasks:
  addi sp, sp, -112
  kept_register sd
  la t0, kernel_sp
  sd sp, 0(t0)
  la t0, storm_entry
  csrw stvec, t0
resume:
  ld t0, FRAME_SATP(a0)
  csrr t1, satp
  beq t0, t1, 1f
  csrw satp, t0
1:
  ld t0, FRAME_PC(a0)
  csrw sepc, t0
  csrw sscratch, a0
  each_register ld, a0
  ld a0, 8*10(a0)
  sret

  .align 2
storm_entry:
  csrrw a0, sscratch, a0
  each_register sd, a0
  csrr t0, sscratch
  sd t0, 8*10(a0)
  csrr t0, sepc
  sd t0, FRAME_PC(a0)
  ld sp, kernel_sp
  csrr a1, scause
  call storm_trap           // struct task *(struct task *, cause): the next, or none
  bnez a0, resume
  kept_register ld
  addi sp, sp, 112
  ret

  .section .bss.kernel_sp, "aw", @nobits
  .align 3
kernel_sp:
  .space 8

  .section .text.tasks, "ax"
  .balign 4096
  .globl storm_tasks
storm_tasks:
// a0: rounds. One word of each page counts them; each ends with a yield.
switcher:
  li s0, STORM_DATA
  mv s1, a0
  li s3, 4096
1:
  mv t0, s0
  li t1, STORM_PAGES
2:
  ld t2, 0(t0)
  addi t2, t2, 1
  sd t2, 0(t0)
  add t0, t0, s3
  addi t1, t1, -1
  bnez t1, 2b
  li a7, CALL_YIELD
  ecall
  addi s1, s1, -1
  bnez s1, 1b
  li a0, 0
  li a7, CALL_EXIT
  ecall

// a0: rounds. Each asks for a number, writes it into eight words and has them summed up.
  .globl storm_caller
storm_caller:
  li s0, STORM_DATA
  mv s1, a0
  li s2, 0                  // what the kernel has to say
1:
  li a7, CALL_NEXT
  ecall
  addi s2, s2, 1
  bne a0, s2, 3f
  .irp n, 0,1,2,3,4,5,6,7
  sd a0, 8*\n(s0)
  .endr
  mv a0, s0
  li a1, 8
  li a7, CALL_SUM
  ecall
  slli t0, s2, 3
  bne a0, t0, 3f
  addi s1, s1, -1
  bnez s1, 1b
  li a0, 0
  j 4f
3:
  li a0, 1
4:
  li a7, CALL_EXIT
  ecall
  .balign 4096

/* Where every trap of a guest begins and ends, and the switch between two threads of a kernel. */
#include "frame.h"

  .altmacro
  .macro each_register op, n, last
    \op x\n, FRAME_X(\n)(sp)
    .if \n - \last
      each_register \op, %(\n + 1), \last
    .endif
  .endm

  /* sp points at room for a frame; sscratch holds sp as it was at the trap, and is 0 ("in the kernel") afterwards. */
  .macro save_frame
    sd x1, FRAME_X(1)(sp)
    each_register sd, 3, 31
    csrrw t0, sscratch, zero
    csrr t1, sepc
    csrr t2, sstatus
    csrr t3, scause
    csrr t4, stval
    sd t0, FRAME_X(2)(sp)
    sd t1, FRAME_SEPC(sp)
    sd t2, FRAME_SSTATUS(sp)
    sd t3, FRAME_SCAUSE(sp)
    sd t4, FRAME_STVAL(sp)
    mv a0, sp
  .endm

  .text
  .globl trap_entry
  .balign 4
trap_entry:
  /* sscratch is 0 while the kernel runs, else the top of the kernel stack of the user process that runs. */
  csrrw sp, sscratch, sp
  bnez sp, 1f

  /* A wild stack pointer must end in a panic, not in a fault at each store below, for ever. */
  lla sp, trap_spare
  sd t0, 0(sp)
  sd t1, 8(sp)
  csrr t0, sscratch
  ld t1, 16(sp)
  bltu t0, t1, stack_lost
  ld t1, 24(sp)
  bgeu t0, t1, stack_lost
  ld t0, 0(sp)
  ld t1, 8(sp)
  csrr sp, sscratch
1:
  addi sp, sp, -FRAME_SIZE
  save_frame
  call trap_handler

  .globl trap_return
trap_return:
  ld t0, FRAME_SEPC(sp)
  ld t1, FRAME_SSTATUS(sp)
  csrw sepc, t0
  csrw sstatus, t1
  andi t1, t1, SSTATUS_BIT_SPP
  bnez t1, 1f
  addi t0, sp, FRAME_SIZE
  csrw sscratch, t0
1:
  ld x1, FRAME_X(1)(sp)
  each_register ld, 3, 31
  ld sp, FRAME_X(2)(sp)
  sret

stack_lost:
  ld t0, 32(sp) /* a second time: even the panic found no stack */
  bnez t0, halted
  li t0, 1
  sd t0, 32(sp)
  ld t0, 0(sp)
  ld t1, 8(sp)
  lla sp, spare_stack_top
  addi sp, sp, -FRAME_SIZE
  save_frame
  call trap_stack_lost
halted:
  csrw sie, zero
  wfi
  j halted

  /* void context_switch(struct context *from, struct context *to) */
  .globl context_switch
context_switch:
  .option push
  .option arch, +d
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd s\n, CONTEXT_S(\n)(a0)
  .endr
  each_f fsd, a0
  frcsr t0
  sd ra, CONTEXT_RA(a0)
  sd sp, CONTEXT_SP(a0)
  sd t0, CONTEXT_FCSR(a0)

  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld s\n, CONTEXT_S(\n)(a1)
  .endr
  each_f fld, a1
  ld t0, CONTEXT_FCSR(a1)
  ld ra, CONTEXT_RA(a1)
  ld sp, CONTEXT_SP(a1)
  fscsr t0
  .option pop

  /* End the reservation of the thread that leaves, by storing what is there. */
  sc.d zero, ra, (a1)

  /* Nothing of the scheduler stays in a register: its times would differ between two otherwise equal runs. */
  .irp r, t0, t1, t2, t3, t4, t5, t6, a0, a1, a2, a3, a4, a5, a6, a7
    li \r, 0
  .endr
  ret

  .data
  .balign 8
  .globl trap_spare
trap_spare: /* t0 and t1 at the trap, lowest and highest stack address, "panicking without a stack" */
  .dword 0, 0, 0, -1, 0

  .section .stacks, "aw", @nobits
  .balign 16
  .space 2048
spare_stack_top:

// Bare metal: M-mode at the reset vector, one hart. main() says in which mode the program runs and where its tables are.
  .section .text.start, "ax"
  .globl _start
_start:
  la sp, stack_end
  la t0, fail
  csrw mtvec, t0
  li t0, 3 << 13            // FS: dirty
  csrs mstatus, t0
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f               // one NAPOT entry opens all memory
  csrw pmpcfg0, t0
  li t0, 1 << 8             // system calls and the timer are S-mode's own
  csrw medeleg, t0
  li t0, 1 << 5
  csrw mideleg, t0
  li t0, 1
  slli t0, t0, 63           // STCE
  csrw 0x30a, t0            // menvcfg
  li t0, 2
  csrw mcounteren, t0       // time
  call prepare              // MPP and MPV of the mode to run in, or 0 for M-mode
  beqz a0, 1f
  li t0, 3 << 11
  csrc mstatus, t0
  csrs mstatus, a0
  la t0, 1f
  csrw mepc, t0
  mret
1:
  call run
  bnez a0, finish_fail
  li t0, 0x5555
  j finish
  .align 2
fail:                       // any trap: M-mode, where everything is reachable
finish_fail:
  li t0, 0x3333
finish:
  li t1, 0x100000
  sw t0, 0(t1)
1:
  j 1b

  .section .stacks, "aw", @nobits
  .align 4
  .space 0x4000
stack_end:

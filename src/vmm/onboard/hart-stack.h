/* Stacks of the hypervisor, for its assembly: one for each hart, the first's on top. Below each lies a page that is never
 * mapped: an overflow traps instead of reaching what is there. */
#pragma once

#define STACK_SIZE 8192
#define STACK_GUARD 4096
#define STACK_STRIDE (STACK_SIZE + STACK_GUARD)
/* The offset of its hart in struct vm. */
#define VM_HART 636

#ifdef __ASSEMBLER__
#ifndef HARTS
#define HARTS 1
#endif

/* sp = the top of the stack of hart tp; t0 is lost. */
.macro stack_of_hart
  lla sp, stack_top
#if HARTS > 1
  li t0, STACK_STRIDE
  mul t0, t0, tp
  sub sp, sp, t0
#endif
.endm

/* The same of the hart on which the VM at a0 runs; tp is that hart from here on. */
.macro stack_of_vm
#if HARTS > 1
  lwu tp, VM_HART(a0)
#endif
  stack_of_hart
.endm
#endif

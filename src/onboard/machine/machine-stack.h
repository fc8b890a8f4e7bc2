/* Stacks of M-mode, for its assembly: one for each hart, the first's on top. */
#pragma once
#include "platform.h"

#define STACK_SHIFT 13
#define STACK_SIZE (1 << STACK_SHIFT)

/* sp = the top of this hart's stack; t0 is lost and holds a multiple of the hart's number. */
.macro stack_of_hart
  csrr t0, mhartid
  slli t0, t0, STACK_SHIFT
  lla sp, machine_stack_top
  sub sp, sp, t0
.endm

.macro enter_layer
  csrw mscratch, zero     /* in the layer: see frame_save */
  lla t0, trap_entry
  csrw mtvec, t0
.endm

/* The registers a trap saves. Assembly uses the offsets, C the struct; the assertions bind the two. */
#pragma once

#define FRAME_X(n) (8 * (n)) /* x[0] is not stored */
#define FRAME_PC 256
#define FRAME_STATUS 264
#define FRAME_SIZE 272

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct trap_frame {
  uint64_t x[32];
  uint64_t pc;     /* mepc or sepc */
  uint64_t status; /* mstatus or sstatus */
};

_Static_assert(offsetof(struct trap_frame, x) == FRAME_X(0), "FRAME_X");
_Static_assert(offsetof(struct trap_frame, pc) == FRAME_PC, "FRAME_PC");
_Static_assert(offsetof(struct trap_frame, status) == FRAME_STATUS, "FRAME_STATUS");
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "FRAME_SIZE");

/* Argument registers a0..a7 as an array. */
static inline uint64_t *frame_arguments(struct trap_frame *frame) { return &frame->x[10]; }

#else
/* While a guest runs, \scratch holds the address of its frame; in the layer it holds 0.
 * frame_save ends with sp = the frame and everything in it; it jumps to \nested if the layer itself trapped. */
.macro frame_save scratch, epc, status, nested
  csrrw sp, \scratch, sp
  beqz sp, \nested
  sd x1, FRAME_X(1)(sp)
  .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  sd x\n, FRAME_X(\n)(sp)
  .endr
  csrrw t0, \scratch, zero
  sd t0, FRAME_X(2)(sp)
  csrr t0, \epc
  sd t0, FRAME_PC(sp)
  csrr t0, \status
  sd t0, FRAME_STATUS(sp)
.endm

/* Loads the frame at a0, a0 last; mret or sret follows. */
.macro frame_load scratch, epc, status
  ld t0, FRAME_PC(a0)
  csrw \epc, t0
  ld t0, FRAME_STATUS(a0)
  csrw \status, t0
  csrw \scratch, a0
  .irp n, 1,2,3,4,5,6,7,8,9,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  ld x\n, FRAME_X(\n)(a0)
  .endr
  ld x10, FRAME_X(10)(a0)
.endm
#endif

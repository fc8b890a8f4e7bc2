/* The trap frame and the thread context: what trap.S saves, in the order in which it lies in memory. The assembly uses
 * the numbers, C the structs; trap.c does not compile if they disagree. */
#pragma once

#define FRAME_X(n) ((n) * 8)
#define FRAME_SEPC FRAME_X(0) /* x0 needs no room */
#define FRAME_SSTATUS FRAME_X(32)
#define FRAME_SCAUSE FRAME_X(33)
#define FRAME_STVAL FRAME_X(34)
#define FRAME_SIZE FRAME_X(36) /* a multiple of 16, as the ABI asks of sp */

#define CONTEXT_RA 0
#define CONTEXT_SP 8
#define CONTEXT_S(n) (16 + (n) * 8)
#define CONTEXT_F(n) (112 + (n) * 8)
#define CONTEXT_FCSR 368

/* Bits of sstatus, for assembly. */
#define SSTATUS_BIT_SIE 0x2
#define SSTATUS_BIT_SPP 0x100
#define SSTATUS_BITS_FS 0x6000

#ifdef __ASSEMBLER__
/* Each FP register to or from the context that `at` points to. */
.macro each_f op, at
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \op f\n, CONTEXT_F(\n)(\at)
  .endr
.endm
#else
#include <stdint.h>

struct trap_frame {
  uint64_t sepc;
  uint64_t x[31]; /* register n is x[n - 1] */
  uint64_t sstatus, scause, stval;
  uint64_t padding;
};
enum { FRAME_SP = 1, FRAME_A0 = 9, FRAME_A1, FRAME_A2, FRAME_A7 = 16 }; /* indices into trap_frame.x */

/* What a C function preserves, and all FP registers, since another thread's code preserves none of them. */
struct context {
  uint64_t ra, sp, s[12];
  uint64_t f[32], fcsr;
};
#endif

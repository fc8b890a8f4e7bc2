#include "trap.h"

#include <stddef.h>

#include "cpu.h"
#include "panic.h"

_Static_assert(offsetof(struct trap_frame, sepc) == FRAME_SEPC, "frame.h");
_Static_assert(offsetof(struct trap_frame, x) == FRAME_X(1), "frame.h");
_Static_assert(offsetof(struct trap_frame, sstatus) == FRAME_SSTATUS, "frame.h");
_Static_assert(offsetof(struct trap_frame, scause) == FRAME_SCAUSE, "frame.h");
_Static_assert(offsetof(struct trap_frame, stval) == FRAME_STVAL, "frame.h");
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "frame.h");
_Static_assert(offsetof(struct context, ra) == CONTEXT_RA, "frame.h");
_Static_assert(offsetof(struct context, sp) == CONTEXT_SP, "frame.h");
_Static_assert(offsetof(struct context, s) == CONTEXT_S(0), "frame.h");
_Static_assert(offsetof(struct context, f) == CONTEXT_F(0), "frame.h");
_Static_assert(offsetof(struct context, fcsr) == CONTEXT_FCSR, "frame.h");
_Static_assert(SSTATUS_BIT_SIE == SSTATUS_SIE, "frame.h");
_Static_assert(SSTATUS_BIT_SPP == SSTATUS_SPP, "frame.h");
_Static_assert(SSTATUS_BITS_FS == SSTATUS_FS, "frame.h");

/* trap.S: two scratch words, the range, and a flag. */
extern uint64_t trap_spare[5];
void trap_stack_lost(struct trap_frame *frame);

void trap_set_stack_range(const void *low, const void *high) {
  trap_spare[2] = (uint64_t)low;
  trap_spare[3] = (uint64_t)high;
}

void trap_stack_lost(struct trap_frame *frame) { panic_trap("stack pointer lost", frame); }

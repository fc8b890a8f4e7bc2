/* VM exits: from the cause to its handler. */
#pragma once
#include "harts.h"
#include "trap-frame.h"

/* How often an interrupt of the hypervisor itself came while a guest ran, by hart. */
extern uint64_t timer_ticks[HARTS], external_ticks[HARTS];

/* From exit.S. Returns the frame to enter. */
struct trap_frame *guest_exited(struct trap_frame *frame);
/* From exit.S: the hypervisor itself trapped. */
_Noreturn void hypervisor_trapped(void);

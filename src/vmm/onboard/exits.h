/* VM exits: from the cause to its handler. */
#pragma once
#include "trap-frame.h"

/* How often interrupts of the hypervisor itself ended a guest's turn at the hart. */
extern uint64_t timer_ticks, external_ticks;

/* From exit.S. Returns the frame to enter. */
struct trap_frame *guest_exited(struct trap_frame *frame);
/* From exit.S: the hypervisor itself trapped. */
_Noreturn void hypervisor_trapped(void);

#pragma once
#include "frame.h"

/* trap.S */
void trap_entry(void);
void trap_return(void); /* with sp at a trap frame */
void context_switch(struct context *from, struct context *to);

/* Stacks lie in [low, high); a trap with sp elsewhere is a panic. */
void trap_set_stack_range(const void *low, const void *high);

/* Each kernel has its own. */
void trap_handler(struct trap_frame *frame);

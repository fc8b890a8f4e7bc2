/* Who runs: between the scheduler, which knows policies, and the worlds, which know registers. */
#pragma once
#include "vm.h"

/* Reads the policies. */
void run_init(const struct config *config);
/* Time begins for the guests: the frame of the first. */
struct trap_frame *run_start(void);
/* The guest has nothing to do until one of its own enabled interrupts is pending. */
void run_wait(struct vm *vm);
/* The guest begins anew, if policy lets it; else false. */
bool run_restart(struct vm *vm, enum restart_cause cause);
/* The guest never runs again. */
void run_stop(struct vm *vm);
/* Another guest may have to run: decide before the next VM entry. */
void run_reconsider(void);
/* The frame to enter next; `vm` has just left, and goes on unless there is something to decide. */
struct trap_frame *run_next(struct vm *vm);

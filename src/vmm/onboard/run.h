/* Who runs: between the scheduler, which knows policies, and the worlds, which know registers. */
#pragma once
#include "vm.h"

void run_start(const struct config *config);
/* The guest has nothing to do until one of its own enabled interrupts is pending. */
void run_wait(struct vm *vm);
/* The guest never runs again. */
void run_stop(struct vm *vm);
/* Another guest may have to run: decide before the next VM entry. */
void run_reconsider(void);
/* The frame to enter next; `vm` has just left, and goes on unless there is something to decide. */
struct trap_frame *run_next(struct vm *vm);
/* Chooses a guest, waiting for one as long as it takes, and loads it. */
struct trap_frame *run_choose(void);

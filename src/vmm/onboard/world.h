/* Which guest's registers the hart holds, and the exchange of one guest's for another's. */
#pragma once
#include "hart.h"
#include "vm.h"

#define NO_GUEST 0xffffffffu

/* By hart: the guest whose registers are loaded. The test harness attributes what happens by it. */
extern uint32_t current_guest[HARTS];
extern uint64_t world_switches[HARTS];

/* Makes the VM's registers those of the hart; the frame is loaded at VM entry. */
void world_load(struct vm *vm);
/* Gives the loaded VM the registers of its entry, and forgets its translations. */
void world_reset(struct vm *vm);
/* The interrupts, as bits of hip, that are pending and enabled in the guest: what ends its WFI. */
uint64_t world_interrupts(const struct vm *vm, uint64_t now);
/* When its timer will interrupt the guest, in mtime ticks; TIME_NEVER if it has that masked. */
uint64_t world_deadline(const struct vm *vm);
/* Sets the level of the guest's external interrupt. True if it rose in a guest that is not loaded. */
bool world_set_external(struct vm *vm, bool level);

/* Access faults at virtual devices. M-mode is told a virtual address only, so the guest's own tables are walked, in
 * software, for it and for the instruction. */
#pragma once
#include "world.h"

/* Carries out what trapped with this cause, of a load or a store, at this address. False, and nothing has happened: it
 * is the guest's own exception. The world is loaded. */
bool virtual_access(struct world *world, uint64_t cause, uint64_t address);

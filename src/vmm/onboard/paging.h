/* The hypervisor's own address space: identity, W^X, and nothing of a guest but its UART (for its debug console), its
 * DMA channel (which a restart silences) and, to be read, the copies that restarts need. A guest's memory is reached
 * through the guest's own translation only (guest-memory.h). */
#pragma once
#include "config.h"

/* Turns translation on. The configuration block is out of reach from here on. */
void paging_start(const struct config *config);
/* The same on every further hart. */
void paging_join(void);

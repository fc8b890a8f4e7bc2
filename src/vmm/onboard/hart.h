/* The hart's own registers: set once, the same for every guest. */
#pragma once
#include <stdint.h>

#define VSSTATUS_UXL_64 (2ull << 32)

/* Delegation, environment and counters. Stops with a message if the hart lacks what the hypervisor needs. */
void hart_start(void);
/* sstatus with which a guest is first entered: VS-mode, interrupts of the hypervisor off behind it. */
uint64_t hart_entry_status(void);

/* The hart's own registers: set once, the same for every guest. */
#pragma once
#include "harts.h"

/* Where there are several, tp holds it from VM exit to VM entry. */
static inline uint32_t own_hart(void)
{
  uint64_t hart = 0;
  if (HARTS > 1)
    __asm__("mv %0, tp" : "=r"(hart));
  return (uint32_t)hart;
}

#define VSSTATUS_UXL_64 (2ull << 32)

/* Delegation, environment and counters. Stops with a message if the hart lacks what the hypervisor needs. */
void hart_start(void);
/* sstatus with which a guest is first entered: VS-mode, interrupts of the hypervisor off behind it. */
uint64_t hart_entry_status(void);

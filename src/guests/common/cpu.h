/* The hart as a guest uses it. Of the layers' sources guests share the names of registers and numbers, never code. */
#pragma once
#include "../../onboard/csr.h"

#define SATP_SV39 (8ull << 60)
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK 0xffffull

#define CAUSE_TIMER (CAUSE_INTERRUPT | IRQ_S_TIMER)
#define CAUSE_EXTERNAL (CAUSE_INTERRUPT | IRQ_S_EXTERNAL)

/* Masks interrupts; the result tells interrupts_restore what was. */
static inline uint64_t interrupts_off(void) {
  uint64_t before;
  __asm__ volatile("csrrci %0, sstatus, %1" : "=r"(before) : "i"(SSTATUS_SIE) : "memory");
  return before & SSTATUS_SIE;
}

static inline void interrupts_restore(uint64_t before) { csr_set(sstatus, before); }

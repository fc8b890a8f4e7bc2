/* The SBI as a guest calls it. */
#pragma once
#include "../../onboard/sbi.h"
#include "../../onboard/services.h"

static inline struct sbi_result sbi_ecall(uint64_t extension, uint64_t function, uint64_t arg0, uint64_t arg1) {
  register uint64_t a0 __asm__("a0") = arg0;
  register uint64_t a1 __asm__("a1") = arg1;
  register uint64_t a6 __asm__("a6") = function;
  register uint64_t a7 __asm__("a7") = extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
  return (struct sbi_result){.error = (int64_t)a0, .value = a1};
}

/* The channel's functions (services.h): `memory` is what bytes are read from or written to. */
static inline struct sbi_result service_call(uint64_t function, uint64_t peer, uint64_t word, void *memory) {
  register uint64_t a0 __asm__("a0") = peer;
  register uint64_t a1 __asm__("a1") = word;
  register uint64_t a2 __asm__("a2") = (uint64_t)memory;
  register uint64_t a3 __asm__("a3") = 0; /* the address's upper half */
  register uint64_t a6 __asm__("a6") = function;
  register uint64_t a7 __asm__("a7") = SERVICE_EID;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a6), "r"(a7) : "memory");
  return (struct sbi_result){.error = (int64_t)a0, .value = a1};
}

static inline uint64_t sbi_spec_version(void) { return sbi_ecall(SBI_BASE, BASE_SPEC_VERSION, 0, 0).value; }
static inline void sbi_set_timer(uint64_t tick) { sbi_ecall(SBI_TIME, 0, tick, 0); }
static inline void sbi_reset(uint32_t type, uint32_t reason) { sbi_ecall(SBI_SRST, 0, type, reason); }

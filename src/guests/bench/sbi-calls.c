/* Calls to the layer beneath. */
#include "../common/ecall.h"
#include "workloads.h"

enum { CALLS_PER_ROUND = 200 };

uint64_t sbi_call_run(uint64_t rounds) {
  uint32_t sum = 1;
  for (uint64_t i = 0; i < rounds * CALLS_PER_ROUND; i++)
    sum = mix(sum, (uint32_t)(sbi_ecall(SBI_BASE, BASE_SPEC_VERSION, 0, 0).value + i));
  return sum;
}

/* The console's third argument: the upper half of an address. */
static uint64_t print(const char *text, uint64_t length) {
  register uint64_t a0 __asm__("a0") = length;
  register uint64_t a1 __asm__("a1") = (uint64_t)text;
  register uint64_t a2 __asm__("a2") = 0;
  register uint64_t a6 __asm__("a6") = DBCN_WRITE;
  register uint64_t a7 __asm__("a7") = SBI_DBCN;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
  return a1; /* how many bytes went */
}

uint64_t sbi_console_run(uint64_t rounds) {
  static const char text[16] __attribute__((aligned(16))) = "bench: console\n";
  uint32_t sum = 1;
  for (uint64_t i = 0; i < rounds * CALLS_PER_ROUND; i++)
    sum = mix(sum, (uint32_t)print(text, sizeof text - 1));
  return sum;
}

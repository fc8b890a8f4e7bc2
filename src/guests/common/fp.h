/* A pattern in all FP registers and fcsr, by which a thread proves that its FP context is its own. Loads, stores and
 * moves only: no FP arithmetic. Inline, since user programs need it in their own pages. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define EACH_F_REGISTER                                                                                          \
  ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"

/* The low seven bits also go to fcsr: their two highest are a rounding mode, 0 to 3. */
#define FCSR_BITS 0x7f

__attribute__((always_inline)) static inline void fp_fill(uint64_t seed) {
  __asm__ volatile(
      ".option push\n"
      ".option arch, +d\n"
      "fscsr %1\n" EACH_F_REGISTER
      "  fmv.d.x f\\n, %0\n"
      "  addi %0, %0, 1\n"
      ".endr\n"
      ".option pop\n"
      : "+r"(seed)
      : "r"(seed & FCSR_BITS));
}

__attribute__((always_inline)) static inline bool fp_holds(uint64_t seed) {
  uint64_t difference, fcsr, value, wanted = seed;
  __asm__ volatile(
      ".option push\n"
      ".option arch, +d\n"
      "frcsr %1\n"
      "li %0, 0\n" EACH_F_REGISTER
      "  fmv.x.d %2, f\\n\n"
      "  xor %2, %2, %3\n"
      "  or %0, %0, %2\n"
      "  addi %3, %3, 1\n"
      ".endr\n"
      ".option pop\n"
      : "=&r"(difference), "=&r"(fcsr), "=&r"(value), "+r"(wanted));
  return difference == 0 && fcsr == (seed & FCSR_BITS);
}

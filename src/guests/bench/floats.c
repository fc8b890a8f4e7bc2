/* The hart alone: double precision, one rounding per operation, so that any exact arithmetic gives the same bits. The
 * kernels are compiled without FP, hence the assembly. */
#include "workloads.h"

enum { SIZE = 16 };

static uint64_t left[SIZE][SIZE], right[SIZE][SIZE]; /* bits of doubles */

static uint64_t from_integer(uint32_t value) {
  uint64_t bits;
  __asm__ volatile(
      ".option push\n"
      ".option arch, +d\n"
      "fcvt.d.wu ft0, %1\n"
      "fmv.x.d %0, ft0\n"
      ".option pop\n"
      : "=r"(bits)
      : "r"(value));
  return bits;
}

/* Root of a row times a column, plus the same by `divisor`. */
static uint64_t cell(const uint64_t *row, const uint64_t *column, uint64_t divisor) {
  uint64_t bits, left_over = SIZE;
  __asm__ volatile(
      ".option push\n"
      ".option arch, +d\n"
      "fmv.d.x ft0, zero\n"
      "1: fld ft1, 0(%[row])\n"
      "fld ft2, 0(%[column])\n"
      "fmul.d ft1, ft1, ft2\n"
      "fadd.d ft0, ft0, ft1\n"
      "addi %[row], %[row], 8\n"
      "addi %[column], %[column], %[stride]\n"
      "addi %[count], %[count], -1\n"
      "bnez %[count], 1b\n"
      "fmv.d.x ft1, %[divisor]\n"
      "fdiv.d ft1, ft0, ft1\n"
      "fsqrt.d ft0, ft0\n"
      "fadd.d ft0, ft0, ft1\n"
      "fmv.x.d %[bits], ft0\n"
      ".option pop\n"
      : [bits] "=&r"(bits), [row] "+r"(row), [column] "+r"(column), [count] "+r"(left_over)
      : [stride] "i"(8 * SIZE), [divisor] "r"(divisor)
      : "memory");
  return bits;
}

uint64_t floats_run(uint64_t rounds) {
  uint32_t random = 1, sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < SIZE * SIZE; i++) {
      left[i / SIZE][i % SIZE] = from_integer(next_random(&random) >> 3);
      right[i / SIZE][i % SIZE] = from_integer(next_random(&random) >> 5);
    }
    for (uint32_t row = 0; row < SIZE; row++)
      for (uint32_t column = 0; column < SIZE; column++) {
        uint64_t bits = cell(left[row], &right[0][column], from_integer(column + 3));
        sum = mix(mix(sum, (uint32_t)bits), (uint32_t)(bits >> 32));
      }
  }
  return sum;
}

#include "workloads.h"

enum { WORDS = 512, MATRIX = 16 };

static uint32_t words[WORDS];
static uint32_t left[MATRIX][MATRIX], right[MATRIX][MATRIX], product[MATRIX][MATRIX];

static uint32_t next_random(uint32_t *state) { return *state = *state * 1664525 + 1013904223; }

static void sift_down(uint32_t root, uint32_t size) {
  uint32_t value = words[root];
  for (uint32_t child; (child = 2 * root + 1) < size; root = child) {
    if (child + 1 < size && words[child] < words[child + 1]) child++;
    if (value >= words[child]) break;
    words[root] = words[child];
  }
  words[root] = value;
}

static void heap_sort(void) {
  for (uint32_t i = WORDS / 2; i-- > 0;) sift_down(i, WORDS);
  for (uint32_t size = WORDS - 1; size > 0; size--) {
    uint32_t greatest = words[0];
    words[0] = words[size];
    words[size] = greatest;
    sift_down(0, size);
  }
}

static void multiply(void) {
  for (uint32_t row = 0; row < MATRIX; row++)
    for (uint32_t column = 0; column < MATRIX; column++) {
      uint32_t sum = 0;
      for (uint32_t i = 0; i < MATRIX; i++) sum += left[row][i] * right[i][column];
      product[row][column] = sum;
    }
}

static uint64_t hash(uint64_t hash, const uint32_t *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) hash = (hash ^ from[i]) * 0x100000001b3;
  return hash;
}

uint64_t compute_run(uint64_t rounds) {
  uint32_t random = 1;
  uint64_t sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < WORDS; i++) words[i] = next_random(&random);
    heap_sort();
    sum = hash(sum, words, WORDS);
    for (uint32_t i = 0; i < MATRIX * MATRIX; i++) {
      left[i / MATRIX][i % MATRIX] = next_random(&random);
      right[i / MATRIX][i % MATRIX] = next_random(&random) >> 7;
    }
    multiply();
    sum = hash(sum, product[0], MATRIX * MATRIX);
  }
  return sum;
}

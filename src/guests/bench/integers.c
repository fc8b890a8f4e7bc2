/* The hart alone: integers. */
#include "workloads.h"

enum { CRC_BYTES = 4096, WORDS = 512, MATRIX = 24 };
#define CRC_POLYNOMIAL 0xedb88320u

static uint32_t crc_table[256];
static union {
  uint32_t words[CRC_BYTES / 4];
  uint8_t bytes[CRC_BYTES];
} block;
static uint32_t words[WORDS];
static uint32_t left[MATRIX][MATRIX], right[MATRIX][MATRIX];

void crc_prepare(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (uint32_t bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
    crc_table[byte] = crc;
  }
}

uint64_t crc_run(uint64_t rounds) {
  uint32_t random = 1, crc = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < CRC_BYTES / 4; i++) block.words[i] = next_random(&random);
    crc = ~crc;
    for (uint32_t i = 0; i < CRC_BYTES; i++) crc = crc >> 8 ^ crc_table[(crc ^ block.bytes[i]) & 0xff];
    crc = ~crc;
  }
  return crc;
}

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

uint64_t sort_run(uint64_t rounds) {
  uint32_t random = 1, sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < WORDS; i++) words[i] = next_random(&random);
    heap_sort();
    for (uint32_t i = 0; i < WORDS; i++) sum = mix(sum, words[i]);
  }
  return sum;
}

uint64_t matrix_run(uint64_t rounds) {
  uint32_t random = 1, sum = 0;
  for (uint64_t round = 0; round < rounds; round++) {
    for (uint32_t i = 0; i < MATRIX * MATRIX; i++) {
      left[i / MATRIX][i % MATRIX] = next_random(&random);
      right[i / MATRIX][i % MATRIX] = next_random(&random) >> 7;
    }
    for (uint32_t row = 0; row < MATRIX; row++)
      for (uint32_t column = 0; column < MATRIX; column++) {
        uint32_t cell = 0;
        for (uint32_t i = 0; i < MATRIX; i++) cell += left[row][i] * right[i][column];
        sum = mix(sum, cell);
      }
  }
  return sum;
}

// Which program runs, how often, and in what translation.
#include "programs.h"

#define PTE_LEAF 0xeful // V R W X G A D
#define RAM 0x80000000ul
#define MEGAPAGE (1ul << 21)
#define PAGE 4096ul
enum { MAPPED_MEGAPAGES = 4 };

uint64_t prepare(void);
int run(void);

// In .data, so that the file holds it.
volatile struct request request = {PROGRAM_EMPTY, 1, LEAVES_NONE};
uint8_t arena[ARENA_BYTES] __attribute__((aligned(16)));

uint64_t root[ENTRIES] __attribute__((aligned(4096)));
static uint64_t devices[ENTRIES] __attribute__((aligned(4096)));
static uint64_t memory[ENTRIES] __attribute__((aligned(4096)));
static uint64_t pages[MAPPED_MEGAPAGES][ENTRIES] __attribute__((aligned(4096)));

uint64_t prepare(void) {
  if (request.leaves == LEAVES_NONE) return 0;
  for (uint64_t i = 0; i < MAPPED_MEGAPAGES; i++) {
    uint64_t base = RAM + i * MEGAPAGE;
    for (uint64_t j = 0; j < ENTRIES; j++) pages[i][j] = entry(base + j * PAGE, PTE_LEAF);
    memory[i] = request.leaves == LEAVES_4K ? table(pages[i]) : entry(base, PTE_LEAF);
  }
  devices[0] = entry(0, PTE_LEAF);
  root[0] = table(devices);
  root[2] = table(memory);
  return SV39 | (uint64_t)root >> 12;
}

static int empty(void) { return 0; }

static int (*const programs[PROGRAM_COUNT])(void) = {
    [PROGRAM_EMPTY] = empty,
    [PROGRAM_SIEVE] = sieve,
    [PROGRAM_FIB] = fib,
    [PROGRAM_LIST] = list,
    [PROGRAM_BYTES] = bytes,
    [PROGRAM_MATMUL] = matmul,
    [PROGRAM_ORBITS] = orbits,
    [PROGRAM_INTERPRETER] = interpreter,
    [PROGRAM_COMPRESSOR] = compressor,
    [PROGRAM_SORTER] = sorter,
    [PROGRAM_SWITCHES] = switches,
    [PROGRAM_CALLS] = calls,
};

int run(void) {
  if (request.program >= PROGRAM_COUNT) return 1;
  int (*program)(void) = programs[request.program];
  for (uint32_t i = request.turns; i > 0; i--) {
    if (program() != 0) return 1;
  }
  return 0;
}

// Programs that measure a machine and check themselves: each says 0 where every result was right.
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <stdint.h>

enum program {
  PROGRAM_EMPTY,
  PROGRAM_SIEVE,
  PROGRAM_FIB,
  PROGRAM_LIST,
  PROGRAM_BYTES,
  PROGRAM_MATMUL,
  PROGRAM_ORBITS,
  PROGRAM_INTERPRETER,
  PROGRAM_COMPRESSOR,
  PROGRAM_SORTER,
  PROGRAM_SWITCHES,
  PROGRAM_CALLS,
  PROGRAM_COUNT,
};

// M-mode untranslated; S-mode under Sv39; VS-mode under Sv39 and a G-stage under Sv39x4, with the same leaves in both.
enum leaves { LEAVES_NONE, LEAVES_2M, LEAVES_4K, LEAVES_2M_2M, LEAVES_4K_4K };

// What to run; whoever loads the image writes it.
struct request {
  uint32_t program; // enum program
  uint32_t turns;   // how often
  uint32_t leaves;  // enum leaves
};

extern volatile struct request request;

#define SV39 (8ul << 60)
enum { ENTRIES = 512 };
// What S-mode runs under; address spaces of tasks begin as copies.
extern uint64_t root[ENTRIES];
static inline uint64_t entry(uint64_t address, uint64_t bits) { return (address >> 12) << 10 | bits; }
static inline uint64_t table(const uint64_t *at) { return entry((uint64_t)at, 1 /* V */); }

// Memory that the programs share, one at a time.
#define ARENA_BYTES (1u << 20)
extern uint8_t arena[ARENA_BYTES] __attribute__((aligned(16)));

static inline uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

int sieve(void);
int fib(void);
int list(void);
int bytes(void);
int matmul(void);
int orbits(void);
int interpreter(void);
int compressor(void);
int sorter(void);
// These need translation.
int switches(void);
int calls(void);

#endif

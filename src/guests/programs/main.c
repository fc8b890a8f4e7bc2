// Which program runs, how often, and in what translation.
#include "programs.h"

#define PTE_LEAF 0xeful // V R W X G A D
#define PTE_GUEST_LEAF 0xdful // V R W X U A D: to a G-stage, every access is a user's
#define RAM 0x80000000ul
#define MEGAPAGE (1ul << 21)
#define PAGE 4096ul
enum { MAPPED_MEGAPAGES = 4, ROOT_WIDENING = 4 };
#define MPP_S (1ul << 11)
#define MPV (1ul << 39)
#define FS_DIRTY (3ul << 13)
#define STCE (1ul << 63)
#define ECALL_FROM_USER (1ul << 8)
#define VS_TIMER (1ul << 6)
#define TIME (1ul << 1)

uint64_t prepare(void);
int run(void);

// In .data, so that the file holds it.
volatile struct request request = {PROGRAM_EMPTY, 1, LEAVES_NONE};
uint8_t arena[ARENA_BYTES] __attribute__((aligned(16)));

// Maps RAM and the first gigabyte, where the finisher is, to themselves.
struct stage {
  uint64_t devices[ENTRIES] __attribute__((aligned(4096)));
  uint64_t memory[ENTRIES] __attribute__((aligned(4096)));
  uint64_t pages[MAPPED_MEGAPAGES][ENTRIES] __attribute__((aligned(4096)));
};
static struct stage first, second;
uint64_t root[ENTRIES] __attribute__((aligned(4096)));
static uint64_t second_root[ROOT_WIDENING * ENTRIES] __attribute__((aligned(ROOT_WIDENING * 4096)));

static void map(uint64_t *top, struct stage *stage, int is_small, uint64_t bits) {
  for (uint64_t i = 0; i < MAPPED_MEGAPAGES; i++) {
    uint64_t base = RAM + i * MEGAPAGE;
    for (uint64_t j = 0; j < ENTRIES; j++) stage->pages[i][j] = entry(base + j * PAGE, bits);
    stage->memory[i] = is_small ? table(stage->pages[i]) : entry(base, bits);
  }
  stage->devices[0] = entry(0, bits);
  top[0] = table(stage->devices);
  top[2] = table(stage->memory);
}

// CSRs by number where this assembler has no name for them.
uint64_t prepare(void) {
  if (request.leaves == LEAVES_NONE) return 0;
  int is_small = request.leaves == LEAVES_4K || request.leaves == LEAVES_4K_4K;
  uint64_t satp = SV39 | (uint64_t)root >> 12;
  map(root, &first, is_small, PTE_LEAF);
  if (request.leaves == LEAVES_2M || request.leaves == LEAVES_4K) {
    asm volatile("csrw satp, %0; sfence.vma" ::"r"(satp) : "memory");
    return MPP_S;
  }
  map(second_root, &second, is_small, PTE_GUEST_LEAF);
  asm volatile("csrw 0x680, %0" ::"r"(SV39 | (uint64_t)second_root >> 12)); // hgatp
  asm volatile("csrw 0x280, %0" ::"r"(satp));                              // vsatp
  asm volatile("csrw 0x200, %0" ::"r"(FS_DIRTY));                          // vsstatus
  asm volatile("csrw 0x602, %0" ::"r"(ECALL_FROM_USER));                   // hedeleg
  asm volatile("csrw 0x603, %0" ::"r"(VS_TIMER));                          // hideleg
  asm volatile("csrw 0x606, %0" ::"r"(TIME));                              // hcounteren
  asm volatile("csrw 0x60a, %0" ::"r"(STCE));                              // henvcfg
  asm volatile(".insn r 0x73, 0, 0x31, x0, x0, x0" ::: "memory");          // hfence.gvma
  return MPP_S | MPV;
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

/* Sv39 page tables (privileged manual, 4.4). Inline, so that a kernel without paging carries none of it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu.h"

#define PAGE_SIZE 4096ul
#define MEGAPAGE_SIZE (512 * PAGE_SIZE)
#define GIGAPAGE_SIZE (512 * MEGAPAGE_SIZE)

enum {
  PTE_V = 1 << 0,
  PTE_R = 1 << 1,
  PTE_W = 1 << 2,
  PTE_X = 1 << 3,
  PTE_U = 1 << 4,
  PTE_G = 1 << 5,
  PTE_A = 1 << 6,
  PTE_D = 1 << 7,
};
/* A and D are set from the start: whether hardware sets them is left open. */
#define PTE_LEAF (PTE_V | PTE_A | PTE_D)

#define PTE_PHYSICAL(pte) ((pte) >> 10 << 12)
#define PTE_POINTING(physical, bits) ((uint64_t)(physical) >> 12 << 10 | (bits))

/* Level of a leaf: 0 = 4 KiB, 1 = 2 MiB, 2 = 1 GiB. */
enum sv39_level { SV39_PAGE = 0, SV39_MEGAPAGE = 1, SV39_GIGAPAGE = 2 };

/* Each kernel with paging gives zeroed pages; NULL when it has none left. */
uint64_t *sv39_new_table(void);

/* The entry of `address` at that level. Missing tables on the way are made if `make`; NULL if one is missing. Tables
 * are reached at their physical addresses: the kernels map their memory at itself. */
static inline uint64_t *sv39_entry(uint64_t *root, uint64_t address, enum sv39_level level, bool make) {
  uint64_t *table = root;
  for (enum sv39_level at = SV39_GIGAPAGE; at > level; at--) {
    uint64_t *entry = &table[address >> (12 + 9 * at) & 511];
    if (!(*entry & PTE_V)) {
      uint64_t *next = make ? sv39_new_table() : NULL;
      if (!next) return NULL;
      *entry = PTE_POINTING(next, PTE_V);
    }
    table = (uint64_t *)PTE_PHYSICAL(*entry);
  }
  return &table[address >> (12 + 9 * level) & 511];
}

static inline uint64_t sv39_satp(const uint64_t *root, uint64_t asid) {
  return SATP_SV39 | asid << SATP_ASID_SHIFT | (uint64_t)root >> 12;
}

static inline void sv39_fence_page(uint64_t address, uint64_t asid) {
  __asm__ volatile("sfence.vma %0, %1" ::"r"(address), "r"(asid) : "memory");
}

static inline void sv39_fence_asid(uint64_t asid) { __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory"); }

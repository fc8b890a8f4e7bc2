/* Page tables of three levels: Sv39 of the hypervisor and Sv39x4 of its guests differ in the size of the root only. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define PAGE_SIZE 4096ull
#define PAGE_ENTRIES 512
#define LEAF_4K PAGE_SIZE
#define LEAF_2M (PAGE_SIZE * PAGE_ENTRIES)
#define LEAF_1G (LEAF_2M * PAGE_ENTRIES)

enum page_flags {
  PAGE_V = 1 << 0, PAGE_R = 1 << 1, PAGE_W = 1 << 2, PAGE_X = 1 << 3,
  PAGE_U = 1 << 4, PAGE_G = 1 << 5, PAGE_A = 1 << 6, PAGE_D = 1 << 7,
};

typedef uint64_t pte_t;

/* A run of addresses and what it translates to. Base, target and size are multiples of 4 KiB. */
struct mapping {
  uint64_t base, target, size;
  uint64_t leaf;  /* largest leaf allowed: LEAF_4K, LEAF_2M or LEAF_1G */
  uint64_t flags; /* enum page_flags beside V, A and D */
};

/* Enters the mapping with the largest leaves that alignment allows. The caller has checked that the addresses lie below
 * the root's reach. A and D are preset: no hart has to write these tables. False, and an incomplete table, if the pool
 * of pages is exhausted or an address of the run has a translation already. */
bool page_table_map(pte_t *root, struct mapping mapping);

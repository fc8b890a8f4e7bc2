#include "page-table.h"

/* All tables below the roots. 128 pages hold 4 KiB leaves for 240 MiB; with 2 MiB leaves a guest takes about six. */
#define POOL_PAGES 128
static pte_t table_pool[POOL_PAGES][PAGE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
static unsigned pool_used;

static pte_t *new_table(void) { return pool_used < POOL_PAGES ? table_pool[pool_used++] : 0; }

static pte_t entry(uint64_t target, uint64_t flags) { return target / PAGE_SIZE << 10 | flags | PAGE_V; }
static pte_t *table_of(pte_t pte) { return (pte_t *)(pte >> 10 << 12); }
static bool is_leaf(pte_t pte) { return pte & (PAGE_R | PAGE_W | PAGE_X); }

/* Largest leaf at the start of what is left of a mapping. */
static uint64_t leaf_size(const struct mapping *rest)
{
  uint64_t leaf = rest->leaf;
  while (leaf > LEAF_4K && (((rest->base | rest->target) & (leaf - 1)) || rest->size < leaf))
    leaf /= PAGE_ENTRIES;
  return leaf;
}

/* The entry for a leaf of that size, or null. At the root the index is not masked: an Sv39x4 root has 2048 entries. */
static pte_t *leaf_entry(pte_t *root, uint64_t address, uint64_t leaf)
{
  pte_t *pte = &root[address / LEAF_1G];
  for (uint64_t size = LEAF_1G; size > leaf; size /= PAGE_ENTRIES) {
    if (*pte == 0) {
      pte_t *table = new_table();
      if (!table)
        return 0;
      *pte = entry((uint64_t)table, 0);
    }
    if (is_leaf(*pte))
      return 0;
    pte = &table_of(*pte)[address / (size / PAGE_ENTRIES) % PAGE_ENTRIES];
  }
  return *pte == 0 ? pte : 0;
}

bool page_table_map(pte_t *root, struct mapping rest)
{
  while (rest.size > 0) {
    uint64_t leaf = leaf_size(&rest);
    pte_t *pte = leaf_entry(root, rest.base, leaf);
    if (!pte)
      return false;
    *pte = entry(rest.target, rest.flags | PAGE_A | PAGE_D);
    rest.base += leaf;
    rest.target += leaf;
    rest.size -= leaf;
  }
  return true;
}

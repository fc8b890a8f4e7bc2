#include "../common/sv39.h"
#include "workloads.h"

/* More pages than any level of the TLB has entries; few frames, so that a small slot suffices. */
enum { PAGES = 1024, FRAMES = 64 };
#define WINDOW 0x100000000ul
#define ASID 1

static uint64_t *frames[FRAMES];

static uint64_t address_of(uint32_t page) { return WINDOW + page * PAGE_SIZE; }

static void map(uint64_t *root, uint32_t page, uint32_t frame) {
  *sv39_entry(root, address_of(page), SV39_PAGE, true) =
      PTE_POINTING(frames[frame % FRAMES], PTE_LEAF | PTE_R | PTE_W);
}

/* Visits each page once, far from the one before: 389 and PAGES have no common divisor. */
static uint64_t touch(uint64_t sum) {
  for (uint32_t i = 0, page = 0; i < PAGES; i++, page = (page + 389) % PAGES) {
    volatile uint64_t *word = (uint64_t *)(address_of(page) + page % 512 * 8);
    sum = sum * 31 + *word;
    *word = sum;
  }
  return sum;
}

static uint64_t one_round(uint64_t *root, uint64_t sum) {
  for (uint32_t page = 0; page < PAGES; page++) map(root, page, page);
  fence_addresses();
  sum = touch(sum);
  for (uint32_t page = 0; page < PAGES; page += 4) {
    map(root, page, page * 7 + 1);
    sv39_fence_page(address_of(page), ASID);
  }
  sum = touch(sum);
  for (uint32_t page = 0; page < PAGES; page++) *sv39_entry(root, address_of(page), SV39_PAGE, true) = 0;
  sv39_fence_asid(ASID);
  return sum;
}

uint64_t paging_run(uint64_t rounds) {
  uint64_t sum = 1;
  frames_reset();
  uint64_t *root = address_space_create();
  for (uint32_t i = 0; i < FRAMES; i++) frames[i] = frame_alloc();
  csr_write(satp, sv39_satp(root, ASID));
  fence_addresses();
  for (uint64_t round = 0; round < rounds; round++) sum = one_round(root, sum);
  csr_write(satp, 0);
  fence_addresses();
  return sum;
}

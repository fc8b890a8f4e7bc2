#include "../common/sv39.h"
#include "workloads.h"

/* More pages than any level of the TLB has entries; few frames, so that a small slot suffices. */
enum { PAGES = 1024, FRAMES = 64, REMAPPED_EACH = 4, SMALL_CHAIN = 256, LARGE_CHAIN = 4096 };
#define WINDOW 0x100000000ul
#define ASID 1

static uint64_t *frames[FRAMES];
static uint64_t *root;
static uint64_t leaf_size;
static uint64_t first_word; /* of those touched, in each leaf */

static uint64_t address_of(uint32_t page) { return WINDOW + page * leaf_size; }

static void map(uint32_t page, uint32_t frame) {
  *sv39_entry(root, address_of(page), SV39_PAGE, true) =
      PTE_POINTING(frames[frame % FRAMES], PTE_LEAF | PTE_R | PTE_W);
}

static void begin(uint64_t size) {
  frames_reset();
  leaf_size = size;
  first_word = 0;
  root = address_space_create();
}

static void map_pages(uint32_t count) {
  begin(PAGE_SIZE);
  for (uint32_t i = 0; i < FRAMES; i++) frames[i] = frame_alloc();
  for (uint32_t page = 0; page < count; page++) map(page, page);
  address_space_enter(root, ASID);
}

void pages_prepare(void) { map_pages(PAGES); }

void megapages_prepare(void) {
  begin(MEGAPAGE_SIZE);
  uint64_t frame = (uint64_t)frame_alloc();
  first_word = frame % MEGAPAGE_SIZE;
  for (uint32_t page = 0; page < PAGES; page++)
    *sv39_entry(root, address_of(page), SV39_MEGAPAGE, true) =
        PTE_POINTING(frame - first_word, PTE_LEAF | PTE_R | PTE_W);
  address_space_enter(root, ASID);
}

/* Visits each page once, far from the one before: 389 and PAGES have no common divisor. */
static uint32_t touch(uint32_t sum) {
  for (uint32_t i = 0, page = 0; i < PAGES; i++, page = (page + 389) % PAGES) {
    volatile uint64_t *word = (uint64_t *)(address_of(page) + first_word + page % 512 * 8);
    sum = mix(sum, (uint32_t)*word);
    *word = sum;
  }
  return sum;
}

uint64_t touch_run(uint64_t rounds) {
  uint32_t sum = 1;
  for (uint64_t round = 0; round < rounds; round++) sum = touch(sum);
  return sum;
}

uint64_t remap_run(uint64_t rounds) {
  uint32_t sum = 1;
  for (uint32_t round = 0; round < rounds; round++) {
    for (uint32_t page = round % REMAPPED_EACH; page < PAGES; page += REMAPPED_EACH) {
      map(page, page * 7 + round);
      sv39_fence_page(address_of(page), ASID);
    }
    sum = touch(sum);
  }
  return sum;
}

/* The word of a chain that lies in this page: no two share one, though pages share frames. */
static volatile uint64_t *link_of(uint32_t page) { return (uint64_t *)(address_of(page) + page / FRAMES % 64 * 64); }

static void chain(uint32_t length) {
  map_pages(length);
  /* A full circle: the factor is one more than a multiple of 4, the summand odd, the length a power of two. */
  for (uint32_t page = 0; page < length; page++) *link_of(page) = (page * 1229 + 331) % length;
}

static uint32_t chase(uint64_t hops) {
  uint32_t sum = 1;
  for (uint32_t page = 0; hops > 0; hops--) {
    sum = mix(sum, page);
    page = (uint32_t)*link_of(page);
  }
  return sum;
}

void chase_small_prepare(void) { chain(SMALL_CHAIN); }
uint64_t chase_small_run(uint64_t rounds) { return chase(rounds * SMALL_CHAIN); }
void chase_large_prepare(void) { chain(LARGE_CHAIN); }
uint64_t chase_large_run(uint64_t rounds) { return chase(rounds * LARGE_CHAIN); }

#include "memory.h"

#include "../common/board.h"
#include "../common/plic.h"
#include "../saboteur/saboteur.h"
#include "process.h"

#define DEVICE_TREE_BYTES 0x10000ul /* at the top of the slot */
#define LINEAR_MAP_END (4 * GIGAPAGE_SIZE)

extern char __image_start[], __text_end[], __rodata_end[], __image_end[];

uint64_t kernel_pagetable[512] __attribute__((aligned(PAGE_SIZE)));

/* The pool: frames in a row, the first behind the image. Free ones are a list through their first words; from number
 * `fresh` on none was used yet. */
enum { POOL_FRAMES = 1024 };
static struct frame {
  struct frame *next;
} *free_frames;
static uint64_t pool, pool_frames, fresh;
static uint8_t holders[POOL_FRAMES];

_Static_assert(PROCESSES < UINT8_MAX, "each process may hold a frame");

/* Its contents are undefined. */
static void *frame_alloc(void) {
  struct frame *frame = free_frames;
  if (frame) {
    free_frames = frame->next;
  } else {
    if (fresh == pool_frames) return NULL;
    frame = (struct frame *)(pool + PAGE_SIZE * fresh++);
  }
  holders[((uint64_t)frame - pool) / PAGE_SIZE] = 1;
  return frame;
}

void *frame_alloc_zeroed(void) {
  uint64_t *word = frame_alloc(), *end = word + PAGE_SIZE / sizeof *word;
  if (!word) return NULL;
  for (uint64_t *at = word; at < end; at += 4) at[0] = at[1] = at[2] = at[3] = 0;
  return word;
}

void *frame_alloc_copy(const void *of) {
  uint64_t *word = frame_alloc(), *end = word + PAGE_SIZE / sizeof *word;
  if (!word) return NULL;
  const uint64_t *from = of;
  for (uint64_t *at = word; at < end; at += 4, from += 4)
    at[0] = from[0], at[1] = from[1], at[2] = from[2], at[3] = from[3];
  return word;
}

/* Its count of holders, or NULL. */
static uint8_t *holders_of(const void *frame) {
  uint64_t number = ((uint64_t)frame - pool) / PAGE_SIZE;
  return (uint64_t)frame >= pool && number < pool_frames && holders[number] ? &holders[number] : NULL;
}

void frame_hold(void *frame) {
  uint8_t *count = holders_of(frame);
  if (count) ++*count;
}

void frame_release(void *address) {
  struct frame *frame = address;
  uint8_t *count = holders_of(frame);
  if (!count || --*count > 0) return;
  frame->next = free_frames;
  free_frames = frame;
}

bool frame_is_shared(const void *frame) {
  const uint8_t *count = holders_of(frame);
  return !count || *count > 1;
}

uint64_t *sv39_new_table(void) { return frame_alloc_zeroed(); }

static void map_page(uint64_t address, uint64_t bits, enum sv39_level level) {
  *sv39_entry(kernel_pagetable, address, level, true) = PTE_POINTING(address, PTE_LEAF | PTE_G | bits);
}

/* The 2 MiB with the image: nothing is both writable and executable. */
static void map_image(void) {
  uint64_t start = (uint64_t)__image_start;
  for (uint64_t page = start; page < start + MEGAPAGE_SIZE; page += PAGE_SIZE)
    map_page(page, page < (uint64_t)__text_end ? PTE_R | PTE_X : page < (uint64_t)__rodata_end ? PTE_R : PTE_R | PTE_W,
             SV39_PAGE);
}

/* map=own: own RAM and the registers of own devices. */
static void map_own(void) {
  for (uint64_t at = board.ram_base + MEGAPAGE_SIZE; at < board.ram_base + board.ram_size; at += MEGAPAGE_SIZE)
    map_page(at, PTE_R | PTE_W, SV39_MEGAPAGE);
  map_page(board.uart, PTE_R | PTE_W, SV39_PAGE);
  map_page(board.monitor, PTE_R | PTE_W, SV39_PAGE);
  if (board.dma) map_page(board.dma, PTE_R | PTE_W, SV39_PAGE);
  if (board.disk) map_page(board.disk, PTE_R | PTE_W, SV39_PAGE);
  for (uint32_t n = 0; n < PLIC_PAGES; n++) map_page(plic_page(n), PTE_R | PTE_W, SV39_PAGE);
}

/* map=all: everything, as kernels do that keep all physical memory in a linear map. */
static void map_all(void) {
  uint64_t own_gigapage = board.ram_base & ~(GIGAPAGE_SIZE - 1);
  for (uint64_t at = 0; at < LINEAR_MAP_END; at += GIGAPAGE_SIZE)
    if (at != own_gigapage) map_page(at, PTE_R | PTE_W, SV39_GIGAPAGE);
  for (uint64_t at = own_gigapage; at < own_gigapage + GIGAPAGE_SIZE; at += MEGAPAGE_SIZE)
    if (at != (uint64_t)__image_start) map_page(at, PTE_R | PTE_W, SV39_MEGAPAGE);
}

void memory_init(void) {
  pool = (uint64_t)__image_end;
  pool_frames = (board.ram_base + board.ram_size - DEVICE_TREE_BYTES - pool) / PAGE_SIZE;
  if (pool_frames > POOL_FRAMES) pool_frames = POOL_FRAMES;
  if (bootarg_is("map", "all")) map_all();
  else map_own();
  map_image();
  fence_addresses();
  csr_write(satp, sv39_satp(kernel_pagetable, 0));
}

uint64_t saboteur_remap(uint64_t physical) {
  uint64_t *entry = sv39_entry(process_root(), REMAP_WINDOW, SV39_PAGE, true);
  if (!entry) return 0;
  *entry = PTE_POINTING(physical & ~(PAGE_SIZE - 1), PTE_LEAF | PTE_R | PTE_W);
  fence_addresses();
  return REMAP_WINDOW + physical % PAGE_SIZE;
}

#include "../common/board.h"
#include "../common/panic.h"
#include "../common/string.h"
#include "../common/sv39.h"
#include "workloads.h"

#define DEVICE_TREE_BYTES 0x10000ul /* at the top of the slot */

extern char __image_end[];
static uint64_t used; /* bytes given out after the image */

void frames_reset(void) { used = 0; }

void *frame_alloc(void) {
  uint64_t frame = (uint64_t)__image_end + used;
  if (frame + PAGE_SIZE > board.ram_base + board.ram_size - DEVICE_TREE_BYTES) panic("no memory left");
  used += PAGE_SIZE;
  return memset((void *)frame, 0, PAGE_SIZE);
}

uint64_t *sv39_new_table(void) { return frame_alloc(); }

static void map(uint64_t *root, uint64_t address, uint64_t bits, enum sv39_level level) {
  *sv39_entry(root, address, level, true) = PTE_POINTING(address, PTE_LEAF | PTE_G | bits);
}

uint64_t *address_space_create(void) {
  uint64_t *root = frame_alloc();
  for (uint64_t at = board.ram_base; at < board.ram_base + board.ram_size; at += MEGAPAGE_SIZE)
    map(root, at, PTE_R | PTE_W | PTE_X, SV39_MEGAPAGE);
  map(root, board.uart, PTE_R | PTE_W, SV39_PAGE);
  map(root, board.monitor, PTE_R | PTE_W, SV39_PAGE);
  return root;
}

void address_space_enter(const uint64_t *root, uint64_t asid) {
  csr_write(satp, sv39_satp(root, asid));
  fence_addresses();
}

void address_space_leave(void) {
  csr_write(satp, 0);
  fence_addresses();
}

#include "space.h"

#include "../common/string.h"
#include "memory.h"

extern char __user_start[], __user_end[];

static const uint64_t needed[] = {
    [SPACE_READ] = PTE_U | PTE_R, [SPACE_WRITE] = PTE_U | PTE_W, [SPACE_EXECUTE] = PTE_U | PTE_X};

uint64_t *space_create(void) {
  uint64_t *root = frame_alloc();
  if (root) memcpy(root, kernel_pagetable, PAGE_SIZE);
  return root;
}

/* Frees a table of user pages with all below it. The kernel's share starts with other entries of the root. */
static void free_tables(uint64_t *table, enum sv39_level level) {
  for (uint32_t i = 0; i < 512; i++) {
    if (!(table[i] & PTE_V)) continue;
    uint64_t *below = (uint64_t *)PTE_PHYSICAL(table[i]);
    if (level == SV39_PAGE) frame_free(below);
    else free_tables(below, level - 1);
  }
  frame_free(table);
}

void space_free(uint64_t *root) {
  uint64_t entry = root[USER_TEXT / GIGAPAGE_SIZE];
  if (entry & PTE_V) free_tables((uint64_t *)PTE_PHYSICAL(entry), SV39_MEGAPAGE);
  frame_free(root);
}

/* What may be at this address? 0: nothing. */
static uint64_t allowed(uint64_t address) {
  if (address - USER_TEXT < (uint64_t)(__user_end - __user_start)) return PTE_U | PTE_R | PTE_X;
  if (address - USER_HEAP < USER_HEAP_BYTES) return PTE_U | PTE_R | PTE_W;
  if (address - (USER_STACK_TOP - USER_STACK_BYTES) < USER_STACK_BYTES) return PTE_U | PTE_R | PTE_W;
  return 0;
}

bool space_fault(uint64_t *root, uint64_t asid, uint64_t address, enum space_access access) {
  uint64_t bits = allowed(address);
  if ((bits & needed[access]) != needed[access]) return false;
  uint64_t *entry = sv39_entry(root, address, SV39_PAGE, false);
  bool new_table = !entry;
  if (new_table) entry = sv39_entry(root, address, SV39_PAGE, true);
  if (!entry) return false;
  if (!(*entry & PTE_V)) {
    void *frame = frame_alloc();
    if (!frame) return false;
    if (bits & PTE_X) {
      memcpy(frame, __user_start + ((address - USER_TEXT) & ~(PAGE_SIZE - 1)), PAGE_SIZE);
      fence_instructions();
    }
    *entry = PTE_POINTING(frame, PTE_LEAF | bits);
  }
  /* The hart may remember that there was no page, or no table; a fence of one address orders leaves alone (4.2.1). */
  if (new_table) sv39_fence_asid(asid);
  else sv39_fence_page(address, asid);
  return true;
}

/* The byte's place in memory; NULL if the user may not access it so. */
static void *translate(uint64_t *root, uint64_t asid, uint64_t address, enum space_access access) {
  if (!allowed(address)) return NULL;
  uint64_t *entry = sv39_entry(root, address, SV39_PAGE, false);
  if (!entry || (*entry & (PTE_V | needed[access])) != (PTE_V | needed[access])) {
    if (!space_fault(root, asid, address, access)) return NULL;
    entry = sv39_entry(root, address, SV39_PAGE, false);
  }
  return (void *)(PTE_PHYSICAL(*entry) + address % PAGE_SIZE);
}

static uint64_t up_to_page_end(uint64_t address, uint64_t length) {
  uint64_t rest = PAGE_SIZE - address % PAGE_SIZE;
  return length < rest ? length : rest;
}

bool space_copy_in(uint64_t *root, uint64_t asid, void *to, uint64_t from, uint64_t length) {
  for (uint64_t part; length > 0; length -= part, from += part, to = (char *)to + part) {
    part = up_to_page_end(from, length);
    const void *source = translate(root, asid, from, SPACE_READ);
    if (!source) return false;
    memcpy(to, source, part);
  }
  return true;
}

bool space_copy_out(uint64_t *root, uint64_t asid, uint64_t to, const void *from, uint64_t length) {
  for (uint64_t part; length > 0; length -= part, to += part, from = (const char *)from + part) {
    part = up_to_page_end(to, length);
    void *target = translate(root, asid, to, SPACE_WRITE);
    if (!target) return false;
    memcpy(target, from, part);
  }
  return true;
}

#include "space.h"

#include "../common/string.h"
#include "memory.h"

extern char __user_start[], __user_end[];

enum { AREAS = 3 };

static const uint64_t needed[] = {
    [SPACE_READ] = PTE_U | PTE_R, [SPACE_WRITE] = PTE_U | PTE_W, [SPACE_EXECUTE] = PTE_U | PTE_X};

struct area {
  uint64_t start, bytes, bits;
};

static uint64_t text_bytes(void) { return (uint64_t)(__user_end - __user_start); }

static void list_areas(struct area areas[AREAS]) {
  areas[0] = (struct area){USER_TEXT, text_bytes(), PTE_U | PTE_R | PTE_X};
  areas[1] = (struct area){USER_HEAP, USER_HEAP_BYTES, PTE_U | PTE_R | PTE_W};
  areas[2] = (struct area){USER_STACK_TOP - USER_STACK_BYTES, USER_STACK_BYTES, PTE_U | PTE_R | PTE_W};
}

/* What may be at this address? 0: nothing. */
static uint64_t allowed(uint64_t address) {
  struct area areas[AREAS];
  list_areas(areas);
  for (uint32_t i = 0; i < AREAS; i++)
    if (address - areas[i].start < areas[i].bytes) return areas[i].bits;
  return 0;
}

/* The leaf of each page that the user may have, through `visit`. */
static void each_leaf(uint64_t *root, void (*visit)(uint64_t *leaf, uint64_t *other), uint64_t *other_root) {
  struct area areas[AREAS];
  list_areas(areas);
  for (uint32_t i = 0; i < AREAS; i++) {
    uint64_t *leaf = sv39_entry(root, areas[i].start, SV39_PAGE, false);
    uint64_t *other = other_root ? sv39_entry(other_root, areas[i].start, SV39_PAGE, false) : leaf;
    for (uint64_t page = 0; leaf && other && page < areas[i].bytes / PAGE_SIZE; page++)
      if (leaf[page] & PTE_V) visit(&leaf[page], &other[page]);
  }
}

uint64_t *space_create(void) {
  uint64_t *root = frame_alloc_copy(kernel_pagetable);
  if (!root) return NULL;
  if (sv39_entry(root, USER_TEXT, SV39_PAGE, true)) return root;
  space_free(root);
  return NULL;
}

static void drop(uint64_t *leaf, uint64_t *unused) {
  (void)unused;
  frame_release((void *)PTE_PHYSICAL(*leaf));
  *leaf = 0;
}

void space_clear(uint64_t *root, uint64_t asid) {
  each_leaf(root, drop, NULL);
  sv39_fence_asid(asid);
}

void space_free(uint64_t *root) {
  each_leaf(root, drop, NULL);
  uint64_t entry = root[USER_TEXT / GIGAPAGE_SIZE];
  if (entry & PTE_V) {
    uint64_t *middle = (uint64_t *)PTE_PHYSICAL(entry);
    if (middle[0] & PTE_V) frame_release((void *)PTE_PHYSICAL(middle[0]));
    frame_release(middle);
  }
  frame_release(root);
}

static void share(uint64_t *leaf, uint64_t *copy) {
  *leaf &= ~(uint64_t)PTE_W;
  *copy = *leaf;
  frame_hold((void *)PTE_PHYSICAL(*leaf));
}

uint64_t *space_fork(uint64_t *root, uint64_t asid) {
  uint64_t *copy = space_create();
  if (!copy) return NULL;
  each_leaf(root, share, copy);
  sv39_fence_asid(asid); /* no write may go by an entry that still allows it */
  return copy;
}

/* A page that is the user's alone: `before`, where nobody else holds it, or a copy. */
static void *own_page(void *before) {
  if (!frame_is_shared(before)) return before;
  void *frame = frame_alloc_copy(before);
  if (frame) frame_release(before);
  return frame;
}

bool space_fault(uint64_t *root, uint64_t asid, uint64_t address, enum space_access access) {
  uint64_t bits = allowed(address);
  if ((bits & needed[access]) != needed[access]) return false;
  uint64_t *entry = sv39_entry(root, address, SV39_PAGE, false);
  if (!entry) return false;
  void *frame = (void *)PTE_PHYSICAL(*entry);
  if (bits & PTE_X) frame = __user_start + ((address - USER_TEXT) & ~(PAGE_SIZE - 1));
  else if (!(*entry & PTE_V)) frame = frame_alloc_zeroed();
  else if (access == SPACE_WRITE) frame = own_page(frame);
  else bits = *entry & (PTE_U | PTE_R | PTE_W);
  if (!frame) return false;
  *entry = PTE_POINTING(frame, PTE_LEAF | bits);
  sv39_fence_page(address, asid); /* the hart may remember that there was no page, or another */
  return true;
}

/* The byte's place in memory; NULL if the user may not access it so. */
static void *translate(uint64_t *root, uint64_t asid, uint64_t address, enum space_access access) {
  if (address - USER_TEXT >= USER_STACK_TOP - USER_TEXT) return NULL; /* beyond are leaves that are no tables */
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

#include "fs.h"

#include <stddef.h>

#include "../common/string.h"
#include "process.h"
#include "volume.h"

static uint8_t data[BLOCK_BYTES] __attribute__((aligned(8)));

/* A volume has one user at a time, who may have to wait for the disk. */
static bool busy;

static bool enter(void) {
  while (busy) process_wait(&busy);
  busy = true;
  return volume_mount();
}

static int64_t leave(int64_t result) {
  busy = false;
  process_wake(&busy);
  return result;
}

static struct fs_node *head_of(uint32_t file) {
  return file < volume_files() ? volume_node(FS_FIRST_HEAD + file, file, 0) : NULL;
}

static bool has_name(const struct fs_node *node, const char name[FS_NAME_BYTES]) {
  for (uint32_t i = 0; i < FS_NAME_BYTES; i++)
    if (node->name[i] != name[i]) return false;
  return true;
}

/* -1: there is none; `free` is then the first head that is. */
static int64_t find(const char *name, int64_t *free) {
  *free = -1;
  for (uint32_t file = 0; file < volume_files(); file++) {
    const struct fs_node *head = head_of(file);
    if (!head) return *free = -1;
    if (head->kind == FS_NODE_HEAD && has_name(head, name)) return file;
    if (head->kind == FS_NODE_FREE && *free < 0) *free = file;
  }
  return -1;
}

static bool padded(char to[FS_NAME_BYTES], const char *name) {
  size_t length = strlen(name);
  if (length == 0 || length > FS_NAME_BYTES) return false;
  memset(to, 0, FS_NAME_BYTES);
  memcpy(to, name, length);
  return true;
}

int64_t fs_open(const char *name, bool create) {
  char wanted[FS_NAME_BYTES];
  if (!padded(wanted, name)) return -1;
  if (!enter()) return leave(-1);
  int64_t free, file = find(wanted, &free);
  if (file >= 0 || !create || free < 0) return leave(file);
  struct fs_node *head = head_of((uint32_t)free);
  if (!head) return leave(-1);
  *head = (struct fs_node){.kind = FS_NODE_HEAD, .file = (uint32_t)free};
  memcpy(head->name, wanted, FS_NAME_BYTES);
  volume_node_changed();
  return leave(free);
}

int64_t fs_remove(const char *name) {
  char wanted[FS_NAME_BYTES];
  if (!padded(wanted, name)) return -1;
  if (!enter()) return leave(-1);
  int64_t free, file = find(wanted, &free);
  struct fs_node *node = file < 0 ? NULL : head_of((uint32_t)file);
  if (!node) return leave(-1);
  uint32_t next = node->next;
  for (uint32_t slot = 0; slot < FS_SLOTS; slot++) volume_release(node->slots[slot].block);
  *node = (struct fs_node){.kind = FS_NODE_FREE, .file = (uint32_t)file};
  volume_node_changed();
  for (uint32_t index = 1; next; index++) {
    uint32_t block = next;
    node = volume_node(block, (uint32_t)file, index);
    if (!node) return leave(-1);
    for (uint32_t slot = 0; slot < FS_SLOTS; slot++) volume_release(node->slots[slot].block);
    next = node->next;
    volume_release(block);
  }
  return leave(0);
}

/* The node with that place in the chain; NULL where the chain ends before, or, if `grow`, where the disk is full. */
static struct fs_node *walk(uint32_t file, uint32_t index, bool grow) {
  struct fs_node *node = head_of(file);
  for (uint32_t at = 1; node && at <= index; at++) {
    uint32_t next = node->next;
    if (!next) {
      next = grow ? volume_claim() : 0;
      if (!next) return NULL;
      node->next = next;
      volume_node_changed();
      const struct fs_node fresh = {.kind = FS_NODE_MORE, .file = file, .index = at};
      if (!volume_new_node(next, &fresh)) return NULL;
    }
    node = volume_node(next, file, at);
  }
  return node;
}

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Length of a file that is there; -1 otherwise. */
static int64_t bytes_of(uint32_t file) {
  const struct fs_node *head = head_of(file);
  return head && head->kind == FS_NODE_HEAD ? (int64_t)head->bytes : -1;
}

int64_t fs_read(uint32_t file, uint64_t position, void *to, uint64_t length) {
  if (!enter()) return leave(-1);
  int64_t bytes = bytes_of(file);
  if (bytes < 0 || position >= (uint64_t)bytes) return leave(bytes < 0 ? -1 : 0);
  length = smaller(smaller(length, (uint64_t)bytes - position), BLOCK_BYTES - position % BLOCK_BYTES);
  uint64_t number = position / BLOCK_BYTES;
  const struct fs_node *node = walk(file, (uint32_t)(number / FS_SLOTS), false);
  if (!node) return leave(-1);
  uint32_t block = node->slots[number % FS_SLOTS].block;
  if (block == 0) memset(data, 0, sizeof data);
  else if (!volume_read(block, node->slots[number % FS_SLOTS].sum, data)) return leave(-1);
  memcpy(to, data + position % BLOCK_BYTES, length);
  return leave((int64_t)length);
}

/* The block as it is, or a new one of zeros, in `data`; its number, or 0. */
static uint32_t block_to_change(struct fs_node *node, uint32_t slot, bool whole) {
  uint32_t block = node->slots[slot].block;
  if (block == 0) {
    memset(data, 0, sizeof data);
    return volume_claim();
  }
  return whole || volume_read(block, node->slots[slot].sum, data) ? block : 0;
}

int64_t fs_write(uint32_t file, uint64_t position, const void *from, uint64_t length) {
  length = smaller(length, BLOCK_BYTES - position % BLOCK_BYTES);
  if (!enter() || position / BLOCK_BYTES >= volume_blocks() || bytes_of(file) < 0) return leave(-1);
  uint64_t number = position / BLOCK_BYTES;
  uint32_t slot = (uint32_t)(number % FS_SLOTS);
  struct fs_node *node = walk(file, (uint32_t)(number / FS_SLOTS), true);
  uint32_t block = node ? block_to_change(node, slot, length == BLOCK_BYTES) : 0;
  if (block == 0) return leave(-1);
  memcpy(data + position % BLOCK_BYTES, from, length);
  node->slots[slot].block = block;
  volume_node_changed();
  if (!volume_write(block, &node->slots[slot].sum, data)) return leave(-1);
  struct fs_node *head = head_of(file);
  if (!head) return leave(-1);
  if (position + length > head->bytes) {
    head->bytes = (uint32_t)(position + length);
    volume_node_changed();
  }
  return leave((int64_t)length);
}

int64_t fs_sync(void) { return leave(enter() && volume_sync() ? 0 : -1); }

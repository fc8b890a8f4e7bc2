#include "volume.h"

#include "../common/console.h"
#include <stddef.h>

static enum { UNTRIED, GOOD, BAD } state;
static struct fs_volume volume;
static struct fs_bitmap bitmap;
static struct fs_node node; /* of block node_block; 0: none */
static uint32_t node_block;
static bool bitmap_changed, node_changed;

static bool refuse(const char *what, uint64_t block) {
  console_print("unix: disk refused: %s, block %lu\n", what, block);
  state = BAD;
  return false;
}

static uint32_t checksum(uint32_t block, const void *data, uint32_t bytes) {
  uint32_t sum = 0x811c9dc5 ^ block;
  const uint32_t *words = data;
  for (uint32_t i = 0; i < bytes / 4; i++) {
    sum ^= words[i];
    sum = (sum << 5 | sum >> 27) * 0x1000193;
  }
  return sum;
}

/* Metadata: the sum is the block's last word. */
static bool load(uint32_t block, void *data, const char *what) {
  if (!disk_read(block, data)) return refuse("no answer", block);
  const uint32_t *words = data;
  if (words[BLOCK_BYTES / 4 - 1] != checksum(block, data, BLOCK_BYTES - 4)) return refuse(what, block);
  return true;
}

static bool store(uint32_t block, void *data) {
  ((uint32_t *)data)[BLOCK_BYTES / 4 - 1] = checksum(block, data, BLOCK_BYTES - 4);
  return disk_write(block, data) || refuse("no answer", block);
}

static bool is_used(uint32_t block) { return bitmap.bits[block / 8] >> block % 8 & 1; }

static uint32_t first_free(void) { return FS_FIRST_HEAD + volume.files; }

/* May a file say that this block is its own? */
static bool is_claimed(uint32_t block) { return block >= first_free() && block < volume.blocks && is_used(block); }

static bool mount(void) {
  if (!load(FS_VOLUME_BLOCK, &volume, "the volume's checksum")) return false;
  if (volume.magic != FS_MAGIC) return refuse("not a file system", FS_VOLUME_BLOCK);
  if (volume.blocks > disk_blocks() || volume.blocks > FS_BLOCKS_MAX) return refuse("larger than the disk", FS_VOLUME_BLOCK);
  if (volume.files < 1 || volume.files > FS_FILES_MAX || first_free() > volume.blocks)
    return refuse("number of files", FS_VOLUME_BLOCK);
  if (!load(FS_BITMAP_BLOCK, &bitmap, "the bitmap's checksum")) return false;
  for (uint32_t block = 0; block < first_free(); block++)
    if (!is_used(block)) return refuse("metadata marked free", block);
  state = GOOD;
  return true;
}

bool volume_mount(void) {
  if (state != UNTRIED) return state == GOOD;
  if (disk_blocks() > 0) return mount();
  state = BAD; /* there is none: nothing to complain of */
  return false;
}

uint32_t volume_files(void) { return volume.files; }
uint32_t volume_blocks(void) { return volume.blocks; }

static bool flush_node(void) {
  bool done = !node_changed || store(node_block, &node);
  node_changed = false;
  return done;
}

bool volume_sync(void) {
  bool done = flush_node() && (!bitmap_changed || store(FS_BITMAP_BLOCK, &bitmap));
  bitmap_changed = false;
  return done;
}

static bool is_sound(uint32_t file, uint32_t index) {
  if (node.file != file || node.index != index || node.bytes > volume.blocks * BLOCK_BYTES) return false;
  return index > 0 ? node.kind == FS_NODE_MORE : node.kind == FS_NODE_HEAD || node.kind == FS_NODE_FREE;
}

struct fs_node *volume_node(uint32_t block, uint32_t file, uint32_t index) {
  if (index > 0 && !is_claimed(block)) {
    refuse("a chain leads outside", block);
    return NULL;
  }
  if (node_block != block) {
    if (!flush_node()) return NULL;
    node_block = 0;
    if (!load(block, &node, "a node's checksum")) return NULL;
    node_block = block;
  }
  if (is_sound(file, index)) return &node;
  refuse("a node out of its chain", block);
  return NULL;
}

void volume_node_changed(void) { node_changed = true; }

bool volume_new_node(uint32_t block, const struct fs_node *fresh) {
  if (!flush_node()) return false;
  node = *fresh;
  node_block = block;
  node_changed = true;
  return true;
}

uint32_t volume_claim(void) {
  for (uint32_t block = first_free(); block < volume.blocks; block++) {
    if (is_used(block)) continue;
    bitmap.bits[block / 8] |= (uint8_t)(1u << block % 8);
    bitmap_changed = true;
    return block;
  }
  return 0;
}

void volume_release(uint32_t block) {
  if (!is_claimed(block)) return;
  bitmap.bits[block / 8] &= (uint8_t)~(1u << block % 8);
  bitmap_changed = true;
}

bool volume_read(uint32_t block, uint32_t sum, void *data) {
  if (!is_claimed(block)) return refuse("data outside", block);
  if (!disk_read(block, data)) return refuse("no answer", block);
  return checksum(block, data, BLOCK_BYTES) == sum || refuse("the data's checksum", block);
}

bool volume_write(uint32_t block, uint32_t *sum, void *data) {
  if (!is_claimed(block)) return refuse("data outside", block);
  *sum = checksum(block, data, BLOCK_BYTES);
  return disk_write(block, data) || refuse("no answer", block);
}

/* What lies on a disk of unix. src/scenario/file-system.ts reads and writes the same.
 *
 *   block 0        the volume
 *   block 1        bitmap: which blocks are in use, these and those of the nodes included
 *   block 2 ..     the heads of the files, one node for each file that there can be
 *   above          data, and further nodes
 *
 * A file is a chain of nodes; each holds the places and checksums of FS_SLOTS data blocks, in order. Block 0 is no data,
 * so it stands for a hole (which reads as zeros) and for the end of a chain. All metadata end in a checksum. Checksums
 * begin with the block's number: a block in the wrong place is noticed too. Little-endian, without padding. */
#pragma once
#include <stdint.h>

#include "disk.h"

#define FS_MAGIC 0x31305346434f4154ull /* "TACOFS01" */
#define FS_SLOTS 58
#define FS_NAME_BYTES 20 /* filled up with zeros; at least one */
#define FS_FILES_MAX 64
/* One block of bits less its checksum. */
#define FS_BLOCKS_MAX (8 * (BLOCK_BYTES - 4))

enum { FS_VOLUME_BLOCK = 0, FS_BITMAP_BLOCK = 1, FS_FIRST_HEAD = 2 };
enum { FS_NODE_FREE = 0, FS_NODE_HEAD = 1, FS_NODE_MORE = 2 };

struct fs_volume {
  uint64_t magic;
  uint32_t blocks, files;
  uint8_t unused[BLOCK_BYTES - 20];
  uint32_t sum;
};

struct fs_bitmap {
  uint8_t bits[BLOCK_BYTES - 4];
  uint32_t sum;
};

struct fs_slot {
  uint32_t block, sum;
};

struct fs_node {
  uint32_t kind;
  uint32_t file;  /* whose it is */
  uint32_t index; /* its place in the chain */
  uint32_t next;  /* block of the next node */
  uint32_t bytes; /* length of the file; in its head */
  char name[FS_NAME_BYTES];
  struct fs_slot slots[FS_SLOTS];
  uint32_t unused;
  uint32_t sum;
};

_Static_assert(sizeof(struct fs_volume) == BLOCK_BYTES, "one block");
_Static_assert(sizeof(struct fs_bitmap) == BLOCK_BYTES, "one block");
_Static_assert(sizeof(struct fs_node) == BLOCK_BYTES, "one block");

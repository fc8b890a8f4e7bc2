/* The disk of unix: blocks, moved while the process that wants them waits. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../common/virtio-block.h"

#define BLOCK_BYTES SECTOR_BYTES

void disk_init(void);
/* Blocks it has; 0: there is none, or it failed and is used no more. */
uint64_t disk_blocks(void);
/* Waits for the end, though not for ever; false: the disk failed. One process at a time. */
bool disk_read(uint64_t block, void *data);
bool disk_write(uint64_t block, void *data);
/* Serves its interrupt; false: the source is not the disk's. */
bool disk_interrupt(uint32_t source);

/* The parts of a volume that are kept in memory, each a checked copy of one block. For fs.c. */
#pragma once
#include <stdbool.h>

#include "fs-format.h"

/* All give false where the disk fails or is wrong; the volume is used no more then, and the console says why. */
bool volume_mount(void); /* at the first use */
uint32_t volume_files(void);
uint32_t volume_blocks(void);
/* Block of a node's successor in memory, that before written if it was changed; NULL as above. */
struct fs_node *volume_node(uint32_t block, uint32_t file, uint32_t index);
void volume_node_changed(void);
bool volume_new_node(uint32_t block, const struct fs_node *node);
bool volume_sync(void);

uint32_t volume_claim(void); /* a data block nobody uses; 0: none is left */
void volume_release(uint32_t block);
/* A data block of a file, if it is what the sum says. */
bool volume_read(uint32_t block, uint32_t sum, void *data);
bool volume_write(uint32_t block, uint32_t *sum, void *data);

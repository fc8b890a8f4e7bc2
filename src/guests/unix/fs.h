/* Files on the disk, by name, without directories. Whatever lies on the disk is checked before it is believed: a wrong
 * checksum, a number out of range or a chain that leads astray ends in an error. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* All of them wait, for the disk and for each other, and give -1 where there is no disk, or where it is wrong. */

/* The number of the file of that name; `create`: an empty one if there is none. */
int64_t fs_open(const char *name, bool create);
/* Its blocks are free then. Who has it open finds it empty, or another. */
int64_t fs_remove(const char *name);
/* Up to the end of the file, and of the block that `position` is in. */
int64_t fs_read(uint32_t file, uint64_t position, void *to, uint64_t length);
/* Up to the end of the block. */
int64_t fs_write(uint32_t file, uint64_t position, const void *from, uint64_t length);
/* What is in memory only, goes to the disk. */
int64_t fs_sync(void);

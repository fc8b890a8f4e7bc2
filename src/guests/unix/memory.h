/* Memory of the kernel: page frames and the kernel's own map.
 *
 *   virtual                          what                                  who
 *   0 ..                             own devices, own RAM, each at its     S
 *                                    physical address (map=all: 4 GiB so)
 *   0x1_0000_0000  USER_TEXT         the programs, where the image has them  U, R-X
 *   0x1_0010_0000  USER_HEAP         64 KiB, zeroed on demand              U, RW-
 *   0x1_0020_0000  USER_STACK_TOP    16 KiB below it, zeroed on demand     U, RW-
 *
 * All that is the user's lies in one table of leaves. Pages of a fork are shared until one side writes.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../common/sv39.h"

#define USER_TEXT 0x100000000ul
#define USER_HEAP 0x100100000ul
#define USER_HEAP_BYTES 0x10000ul
#define USER_STACK_TOP 0x100200000ul
#define USER_STACK_BYTES 0x4000ul

/* Where the saboteur's page table bug maps a foreign page. */
#define REMAP_WINDOW 0x140000000ul

/* A frame of the pool with one holder; NULL when there are none left. */
void *frame_alloc_zeroed(void);
void *frame_alloc_copy(const void *of);

/* One holder more. What is not of the pool, as the pages of the image, belongs to nobody and is never free. */
void frame_hold(void *frame);
void frame_release(void *frame);
bool frame_is_shared(const void *frame);

/* The root of the kernel's map; a process's root shares its lower tables. */
extern uint64_t kernel_pagetable[512];

/* Builds the map and turns translation on. */
void memory_init(void);

/* The guest's work: blocks that a disk gives by DMA, and the words the processes make of them. */
#pragma once
#include <stdint.h>

uint64_t work_units(void);

/* The block of this unit; waits for the disk. NULL if the copy failed. */
const void *work_read(uint64_t unit);

void work_output(uint64_t unit, uint64_t word);

/* The DMA completion interrupt. */
void work_dma_done(void);

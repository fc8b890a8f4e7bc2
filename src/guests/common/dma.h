/* The guest's own DMA channel. Addresses are physical. Without a channel in the device tree the CPU copies. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

void dma_init(void);

/* true: an interrupt from board.dma_irq will tell the end; false: the copy is made. */
bool dma_start(void *to, const void *from, uint64_t length);

/* On an interrupt: false if that source is not the channel's; else lowers it. */
bool dma_interrupt(uint32_t source);

/* Did the last copy fail? */
bool dma_failed(void);

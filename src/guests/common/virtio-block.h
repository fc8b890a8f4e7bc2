/* A block device over virtio MMIO, version 2 (VIRTIO 1.2, 4.2 and 5.2): one request at a time, addresses physical. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SECTOR_BYTES 512

/* Brings the device at board.disk into use; false if there is none that this driver knows. */
bool virtio_block_init(void);
uint64_t virtio_block_sectors(void);

/* Begins to move one sector; an interrupt from board.disk_irq will tell the end. */
void virtio_block_start(bool write, uint64_t sector, void *data);
/* Is the request that began last at its end, and well? */
enum virtio_block_state { BLOCK_BUSY, BLOCK_DONE, BLOCK_FAILED };
enum virtio_block_state virtio_block_state(void);
/* On the interrupt: lowers it. */
void virtio_block_acknowledge(void);
/* Takes the device out of use: it touches no memory any more. */
void virtio_block_stop(void);

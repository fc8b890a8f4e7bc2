/* The layer's own disk: a virtio block device of the board (VIRTIO 1.2, 4.2 and 5.2), one transfer at a time, to or from
 * memory of the layer's. Its end is told by an interrupt; nobody waits for it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SECTOR_BYTES 512

/* Brings the device in that virtio slot of the board into use; false: it is no disk, or not one of so many sectors. */
bool disk_port_start(uint32_t slot, uint64_t sectors);
/* The port's PLIC source, or 0. */
uint32_t disk_port_source(void);
/* Begins to move whole sectors; the port is not busy. */
void disk_port_move(bool write, uint64_t sector, void *buffer, uint32_t bytes);
enum disk_port_state { DISK_PORT_BUSY, DISK_PORT_DONE, DISK_PORT_FAILED };
/* On its interrupt, which this lowers: how it stands with the transfer that began last. */
enum disk_port_state disk_port_served(void);

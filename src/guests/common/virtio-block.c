#include "virtio-block.h"

#include "board.h"
#include "virtio.h"

/* Room for one chain of three. */
enum { ENTRIES = 4 };
static VIRTIO_QUEUE(ENTRIES) queue;

enum { REQUEST_READ = 0, REQUEST_WRITE = 1 };
static struct {
  uint32_t type, reserved;
  uint64_t sector;
  uint8_t status; /* written by the device; 0 = well */
} request;
#define HEADER_BYTES 16
#define STATUS_UNWRITTEN 0xff

/* No feature of a disk is wanted. */
bool virtio_block_init(void) {
  if (!virtio_begin(board.disk, VIRTIO_BLOCK, 0)) return false;
  queue.available.index = 0;
  queue.used.index = 0;
  if (!virtio_set_queue(board.disk, 0, ENTRIES, queue.descriptors, &queue.available, &queue.used)) return false;
  virtio_go(board.disk);
  return true;
}

uint64_t virtio_block_sectors(void) {
  return virtio_load(board.disk, VIRTIO_CONFIG) | (uint64_t)virtio_load(board.disk, VIRTIO_CONFIG + 4) << 32;
}

void virtio_block_start(bool write, uint64_t sector, void *data) {
  request.type = write ? REQUEST_WRITE : REQUEST_READ;
  request.reserved = 0;
  request.sector = sector;
  request.status = STATUS_UNWRITTEN;
  uint16_t direction = write ? 0 : DESCRIPTOR_WRITE;
  queue.descriptors[0] = (struct virtio_descriptor){(uint64_t)&request, HEADER_BYTES, DESCRIPTOR_NEXT, 1};
  queue.descriptors[1] = (struct virtio_descriptor){(uint64_t)data, SECTOR_BYTES, DESCRIPTOR_NEXT | direction, 2};
  queue.descriptors[2] = (struct virtio_descriptor){(uint64_t)&request.status, 1, DESCRIPTOR_WRITE, 0};
  queue.available.ring[queue.available.index % ENTRIES] = 0;
  virtio_publish(&queue.available.index);
  virtio_notify(board.disk, 0);
}

enum virtio_block_state virtio_block_state(void) {
  if (*(volatile uint16_t *)&queue.used.index != queue.available.index)
    return virtio_load(board.disk, VIRTIO_STATUS) & VIRTIO_NEEDS_RESET ? BLOCK_FAILED : BLOCK_BUSY;
  __asm__ volatile("fence r, rw" ::: "memory");
  return *(volatile uint8_t *)&request.status == 0 ? BLOCK_DONE : BLOCK_FAILED;
}

void virtio_block_acknowledge(void) { virtio_acknowledge(board.disk); }

void virtio_block_stop(void) { virtio_stop(board.disk); }

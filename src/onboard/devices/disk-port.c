#include "disk-port.h"
#include "mmio.h"
#include "platform.h"

#define MAGIC_VALUE 0x74726976
#define BLOCK_DEVICE 2
#define FEATURE_VERSION_1_HIGH 1
enum { STATUS_KNOWN = 1 | 2, STATUS_FEATURES_OK = 8, STATUS_DRIVER_OK = 4 };
enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_WRITE = 2 };
enum { REQUEST_READ = 0, REQUEST_WRITE = 1 };
#define HEADER_BYTES 16
#define ENTRIES 4 /* room for one chain of three */

static struct {
  struct {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
  } descriptors[ENTRIES] __attribute__((aligned(16)));
  struct {
    uint16_t flags, index, ring[ENTRIES];
  } available;
  struct {
    uint16_t flags, index;
    struct {
      uint32_t head, written;
    } ring[ENTRIES];
  } used __attribute__((aligned(4)));
} queue;

static struct {
  uint32_t type, reserved;
  uint64_t sector;
  uint8_t status; /* written by the device; 0 = well */
} request;

static uint64_t base; /* 0: there is none */
static uint32_t source;

static uint32_t load(uint32_t offset) { return mmio_read32(base + offset); }
static void store(uint32_t offset, uint32_t value) { mmio_write32(base + offset, value); }

static void store_address(uint32_t offset, const void *address)
{
  store(offset, (uint32_t)(uint64_t)address);
  store(offset + 4, (uint32_t)((uint64_t)address >> 32));
}

bool disk_port_start(uint32_t slot, uint64_t sectors)
{
  base = VIRTIO_SLOT_BASE(slot);
  if (load(VIRTIO_MAGIC) != MAGIC_VALUE || load(VIRTIO_DEVICE_ID) != BLOCK_DEVICE || load(VIRTIO_CONFIG) < sectors)
    return false;
  store(VIRTIO_STATUS, 0);
  store(VIRTIO_STATUS, STATUS_KNOWN);
  store(VIRTIO_DRIVER_FEATURES_SELECT, 1);
  store(VIRTIO_DRIVER_FEATURES, FEATURE_VERSION_1_HIGH);
  store(VIRTIO_STATUS, STATUS_KNOWN | STATUS_FEATURES_OK);
  store(VIRTIO_QUEUE_SELECT, 0);
  store(VIRTIO_QUEUE_SIZE, ENTRIES);
  store_address(VIRTIO_QUEUE_DESCRIPTORS_LOW, queue.descriptors);
  store_address(VIRTIO_QUEUE_AVAILABLE_LOW, &queue.available);
  store_address(VIRTIO_QUEUE_USED_LOW, &queue.used);
  store(VIRTIO_QUEUE_READY, 1);
  store(VIRTIO_STATUS, STATUS_KNOWN | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
  source = VIRTIO_IRQ(slot);
  return load(VIRTIO_STATUS) == (STATUS_KNOWN | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
}

uint32_t disk_port_source(void) { return source; }

void disk_port_move(bool write, uint64_t sector, void *buffer, uint32_t bytes)
{
  uint16_t direction = write ? 0 : DESCRIPTOR_WRITE;
  request.type = write ? REQUEST_WRITE : REQUEST_READ;
  request.sector = sector;
  request.status = UINT8_MAX;
  queue.descriptors[0].address = (uint64_t)&request;
  queue.descriptors[0].length = HEADER_BYTES;
  queue.descriptors[0].flags = DESCRIPTOR_NEXT;
  queue.descriptors[0].next = 1;
  queue.descriptors[1].address = (uint64_t)buffer;
  queue.descriptors[1].length = bytes;
  queue.descriptors[1].flags = DESCRIPTOR_NEXT | direction;
  queue.descriptors[1].next = 2;
  queue.descriptors[2].address = (uint64_t)&request.status;
  queue.descriptors[2].length = sizeof request.status;
  queue.descriptors[2].flags = DESCRIPTOR_WRITE;
  queue.available.ring[queue.available.index % ENTRIES] = 0;
  __asm__ volatile("fence rw, w" : : : "memory"); /* the entry before the index that offers it (2.7.13.2) */
  queue.available.index++;
  __asm__ volatile("fence rw, o" : : : "memory");
  store(VIRTIO_QUEUE_NOTIFY, 0);
}

enum disk_port_state disk_port_served(void)
{
  store(VIRTIO_INTERRUPT_ACK, load(VIRTIO_INTERRUPT_STATUS));
  __asm__ volatile("fence io, r" : : : "memory");
  if (*(volatile uint16_t *)&queue.used.index != queue.available.index)
    return DISK_PORT_BUSY;
  return *(volatile uint8_t *)&request.status == 0 ? DISK_PORT_DONE : DISK_PORT_FAILED;
}

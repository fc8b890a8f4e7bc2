#include "virtio-block.h"

#include "../../onboard/mmio.h"
#include "board.h"

/* Registers (4.2.2). */
enum {
  MAGIC = 0x000,
  VERSION = 0x004,
  DEVICE_ID = 0x008,
  DRIVER_FEATURES = 0x020,
  DRIVER_FEATURES_SELECT = 0x024,
  QUEUE_SELECT = 0x030,
  QUEUE_SIZE_MAX = 0x034,
  QUEUE_SIZE = 0x038,
  QUEUE_READY = 0x044,
  QUEUE_NOTIFY = 0x050,
  INTERRUPT_STATUS = 0x060,
  INTERRUPT_ACK = 0x064,
  STATUS = 0x070,
  QUEUE_DESCRIPTORS = 0x080,
  QUEUE_AVAILABLE = 0x090,
  QUEUE_USED = 0x0a0,
  CAPACITY = 0x100,
};
#define MAGIC_VALUE 0x74726976
#define BLOCK_DEVICE 2
enum { STATUS_ACKNOWLEDGE = 1, STATUS_DRIVER = 2, STATUS_DRIVER_OK = 4, STATUS_FEATURES_OK = 8, STATUS_NEEDS_RESET = 64 };
#define FEATURE_VERSION_1_HIGH 1 /* bit 32 */

/* The split queue (2.7), with room for one chain of three. */
enum { ENTRIES = 4 };
enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_WRITE = 2 };
static struct {
  struct descriptor {
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
      uint32_t id, length;
    } ring[ENTRIES];
  } used __attribute__((aligned(4)));
} queue;

enum { REQUEST_READ = 0, REQUEST_WRITE = 1 };
static struct {
  uint32_t type, reserved;
  uint64_t sector;
  uint8_t status; /* written by the device; 0 = well */
} request;
#define HEADER_BYTES 16
#define STATUS_UNWRITTEN 0xff

static uint32_t load(uint32_t offset) { return mmio_read32(board.disk + offset); }
static void store(uint32_t offset, uint32_t value) { mmio_write32(board.disk + offset, value); }

static void store_address(uint32_t offset, const void *address) {
  store(offset, (uint32_t)(uint64_t)address);
  store(offset + 4, (uint32_t)((uint64_t)address >> 32));
}

/* No feature is wanted but the one that means "not legacy". */
static bool negotiate(void) {
  store(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
  store(DRIVER_FEATURES_SELECT, 0);
  store(DRIVER_FEATURES, 0);
  store(DRIVER_FEATURES_SELECT, 1);
  store(DRIVER_FEATURES, FEATURE_VERSION_1_HIGH);
  store(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
  return load(STATUS) & STATUS_FEATURES_OK;
}

bool virtio_block_init(void) {
  if (!board.disk || load(MAGIC) != MAGIC_VALUE || load(VERSION) != 2 || load(DEVICE_ID) != BLOCK_DEVICE) return false;
  virtio_block_stop();
  if (!negotiate()) return false;
  store(QUEUE_SELECT, 0);
  if (load(QUEUE_SIZE_MAX) < ENTRIES) return false;
  queue.available.index = 0;
  queue.used.index = 0;
  store(QUEUE_SIZE, ENTRIES);
  store_address(QUEUE_DESCRIPTORS, queue.descriptors);
  store_address(QUEUE_AVAILABLE, &queue.available);
  store_address(QUEUE_USED, &queue.used);
  store(QUEUE_READY, 1);
  store(STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
  return true;
}

uint64_t virtio_block_sectors(void) { return load(CAPACITY) | (uint64_t)load(CAPACITY + 4) << 32; }

void virtio_block_start(bool write, uint64_t sector, void *data) {
  request.type = write ? REQUEST_WRITE : REQUEST_READ;
  request.reserved = 0;
  request.sector = sector;
  request.status = STATUS_UNWRITTEN;
  uint16_t direction = write ? 0 : DESCRIPTOR_WRITE;
  queue.descriptors[0] = (struct descriptor){(uint64_t)&request, HEADER_BYTES, DESCRIPTOR_NEXT, 1};
  queue.descriptors[1] = (struct descriptor){(uint64_t)data, SECTOR_BYTES, DESCRIPTOR_NEXT | direction, 2};
  queue.descriptors[2] = (struct descriptor){(uint64_t)&request.status, 1, DESCRIPTOR_WRITE, 0};
  queue.available.ring[queue.available.index % ENTRIES] = 0;
  __asm__ volatile("fence rw, w" ::: "memory"); /* the entry before the index that offers it (2.7.13.2) */
  queue.available.index++;
  __asm__ volatile("fence rw, o" ::: "memory");
  store(QUEUE_NOTIFY, 0);
}

enum virtio_block_state virtio_block_state(void) {
  if (*(volatile uint16_t *)&queue.used.index != queue.available.index)
    return load(STATUS) & STATUS_NEEDS_RESET ? BLOCK_FAILED : BLOCK_BUSY;
  __asm__ volatile("fence r, rw" ::: "memory");
  return *(volatile uint8_t *)&request.status == 0 ? BLOCK_DONE : BLOCK_FAILED;
}

void virtio_block_acknowledge(void) {
  store(INTERRUPT_ACK, load(INTERRUPT_STATUS));
  __asm__ volatile("fence io, rw" ::: "memory");
}

void virtio_block_stop(void) { store(STATUS, 0); }

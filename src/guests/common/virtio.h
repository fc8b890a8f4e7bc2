/* virtio over MMIO, version 2, as drivers use it (VIRTIO 1.2, 2.7 and 4.2). Addresses are physical. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "../../onboard/mmio.h"

enum virtio_register {
  VIRTIO_MAGIC = 0x000,
  VIRTIO_VERSION = 0x004,
  VIRTIO_DEVICE_ID = 0x008,
  VIRTIO_DEVICE_FEATURES = 0x010,
  VIRTIO_DEVICE_FEATURES_SELECT = 0x014,
  VIRTIO_DRIVER_FEATURES = 0x020,
  VIRTIO_DRIVER_FEATURES_SELECT = 0x024,
  VIRTIO_QUEUE_SELECT = 0x030,
  VIRTIO_QUEUE_SIZE_MAX = 0x034,
  VIRTIO_QUEUE_SIZE = 0x038,
  VIRTIO_QUEUE_READY = 0x044,
  VIRTIO_QUEUE_NOTIFY = 0x050,
  VIRTIO_INTERRUPT_STATUS = 0x060,
  VIRTIO_INTERRUPT_ACK = 0x064,
  VIRTIO_STATUS = 0x070,
  VIRTIO_QUEUE_DESCRIPTORS = 0x080,
  VIRTIO_QUEUE_AVAILABLE = 0x090,
  VIRTIO_QUEUE_USED = 0x0a0,
  VIRTIO_CONFIG = 0x100,
};
enum virtio_device { VIRTIO_NETWORK = 1, VIRTIO_BLOCK = 2 };
#define VIRTIO_NEEDS_RESET 64 /* of VIRTIO_STATUS */

/* The split queue (2.7). The device reads descriptors and `available`, and writes `used`. */
enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_WRITE = 2 };
struct virtio_descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags, next;
};
#define AVAILABLE_NO_INTERRUPT 1 /* of `available.flags` */
#define VIRTIO_QUEUE(entries)                                                    \
  struct {                                                                       \
    struct virtio_descriptor descriptors[entries] __attribute__((aligned(16))); \
    struct {                                                                     \
      uint16_t flags, index, ring[entries];                                      \
    } available;                                                                 \
    struct {                                                                     \
      uint16_t flags, index;                                                     \
      struct {                                                                   \
        uint32_t id, length;                                                     \
      } ring[entries];                                                           \
    } used __attribute__((aligned(4)));                                          \
  }

static inline uint32_t virtio_load(uint64_t device, uint32_t offset) { return mmio_read32(device + offset); }
static inline void virtio_store(uint64_t device, uint32_t offset, uint32_t value) { mmio_write32(device + offset, value); }

/* Resets the device and agrees on those of the wanted features (bits 0 to 31) that it has, besides the one that means
 * "not legacy"; false if there is none of that kind. */
bool virtio_begin(uint64_t device, enum virtio_device kind, uint32_t wanted);
/* Tells where a queue lies; false if the device has no room for so many entries. */
bool virtio_set_queue(uint64_t device, uint32_t queue, uint32_t entries, const void *descriptors, const void *available,
                      const void *used);
void virtio_go(uint64_t device);
/* On the interrupt: lowers it. What the device wrote is read after. */
void virtio_acknowledge(uint64_t device);
/* The entry before the index that offers it (2.7.13.2). */
static inline void virtio_publish(uint16_t *index) {
  __asm__ volatile("fence rw, w" ::: "memory");
  *(volatile uint16_t *)index = (uint16_t)(*index + 1);
}
static inline void virtio_notify(uint64_t device, uint32_t queue) {
  __asm__ volatile("fence rw, o" ::: "memory");
  virtio_store(device, VIRTIO_QUEUE_NOTIFY, queue);
}
/* Takes the device out of use: it touches no memory any more. */
static inline void virtio_stop(uint64_t device) { virtio_store(device, VIRTIO_STATUS, 0); }

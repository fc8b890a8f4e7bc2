#include "virtio.h"

#define MAGIC_VALUE 0x74726976
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
#define FEATURE_VERSION_1_HIGH 1 /* bit 32 */

bool virtio_begin(uint64_t device, enum virtio_device kind, uint32_t wanted) {
  if (!device || virtio_load(device, VIRTIO_MAGIC) != MAGIC_VALUE || virtio_load(device, VIRTIO_VERSION) != 2 ||
      virtio_load(device, VIRTIO_DEVICE_ID) != kind)
    return false;
  virtio_stop(device);
  virtio_store(device, VIRTIO_STATUS, ACKNOWLEDGE | DRIVER);
  virtio_store(device, VIRTIO_DEVICE_FEATURES_SELECT, 0);
  wanted &= virtio_load(device, VIRTIO_DEVICE_FEATURES);
  virtio_store(device, VIRTIO_DRIVER_FEATURES_SELECT, 0);
  virtio_store(device, VIRTIO_DRIVER_FEATURES, wanted);
  virtio_store(device, VIRTIO_DRIVER_FEATURES_SELECT, 1);
  virtio_store(device, VIRTIO_DRIVER_FEATURES, FEATURE_VERSION_1_HIGH);
  virtio_store(device, VIRTIO_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
  return virtio_load(device, VIRTIO_STATUS) & FEATURES_OK;
}

static void store_address(uint64_t device, uint32_t offset, const void *address) {
  virtio_store(device, offset, (uint32_t)(uint64_t)address);
  virtio_store(device, offset + 4, (uint32_t)((uint64_t)address >> 32));
}

bool virtio_set_queue(uint64_t device, uint32_t queue, uint32_t entries, const void *descriptors, const void *available,
                      const void *used) {
  virtio_store(device, VIRTIO_QUEUE_SELECT, queue);
  if (virtio_load(device, VIRTIO_QUEUE_SIZE_MAX) < entries) return false;
  virtio_store(device, VIRTIO_QUEUE_SIZE, entries);
  store_address(device, VIRTIO_QUEUE_DESCRIPTORS, descriptors);
  store_address(device, VIRTIO_QUEUE_AVAILABLE, available);
  store_address(device, VIRTIO_QUEUE_USED, used);
  virtio_store(device, VIRTIO_QUEUE_READY, 1);
  return true;
}

void virtio_go(uint64_t device) { virtio_store(device, VIRTIO_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK); }

void virtio_acknowledge(uint64_t device) {
  virtio_store(device, VIRTIO_INTERRUPT_ACK, virtio_load(device, VIRTIO_INTERRUPT_STATUS));
  __asm__ volatile("fence io, rw" ::: "memory");
}

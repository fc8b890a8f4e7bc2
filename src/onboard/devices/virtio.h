/* virtio over MMIO, version 2 (VIRTIO 1.2, 4.2), with split queues (2.7), as a layer offers it to one guest. What the
 * driver writes is its word only: whatever is wrong with it, a queue that lies elsewhere than in the guest's own memory
 * for one, ends in DEVICE_NEEDS_RESET of this device, after work bounded by the size of the queue. Neither indirect
 * tables nor event indices are offered. A notification before DRIVER_OK is void.
 *
 * A model serves its queues so: virtio_next finds the chain that the driver offers next, virtio_read and virtio_write
 * copy from and to it, virtio_give_back returns it. Chains may stay out as long as the model likes; it then keeps their
 * heads (`struct chain` need not be kept: virtio_find walks again). */
#pragma once
#include "devices.h"

#define VIRTIO_QUEUES 2
#define VIRTIO_ENTRIES 64

struct virtio;

struct virtio_model {
  uint32_t kind;      /* VIRTUAL_... */
  uint32_t device_id; /* of VIRTIO 1.2, chapter 5 */
  uint32_t queues;
  uint32_t features; /* of the device type: bits 0..23 */
  uint32_t config_bytes;
  /* Serves a notified queue by one bounded step. True: there is more to do at once. */
  bool (*serve)(struct virtio *device, uint32_t queue);
  /* The driver, or its guest, begins anew: nothing of a queue is out any more. May be null. */
  void (*reset)(struct virtio *device);
};

struct virtqueue {
  uint64_t descriptors, available, used; /* guest-physical; checked when the queue becomes ready */
  uint32_t size;
  bool ready;
  uint16_t next_available, next_used;
  uint64_t progress; /* the model's: bytes of the next chain that it has dealt with; 0 after a chain is given back */
};

/* A guest's device. Zeros, but for the first three, are its reset state. */
struct virtio {
  const struct virtio_model *model;
  uint32_t guest;
  const void *config; /* of the model's size, in whole words */
  uint32_t status;
  uint32_t device_features_select, driver_features_select;
  uint32_t driver_features[2];
  uint32_t queue_select;
  uint32_t interrupt_status;
  struct virtqueue queues[VIRTIO_QUEUES];
};

/* A chain found sound: every byte of it lies in the guest's memory, readable segments come first. */
struct chain {
  uint16_t head;
  uint32_t segments, first_writable;
  uint64_t readable, writable; /* bytes */
  struct {
    uint64_t address;
    uint32_t length;
  } segment[VIRTIO_ENTRIES];
};

enum access_result virtio_access(struct virtio *device, struct device_access *access);
/* As after power-on. */
void virtio_reset(struct virtio *device);
/* Has a driver set it up, and is it not broken? A model that acts of itself asks first. */
bool virtio_running(const struct virtio *device);
/* The device needs a reset; it does nothing until then. */
void virtio_fail(struct virtio *device);

/* Does the driver offer a chain that was not taken yet? Not if the device is not running. */
bool virtio_offers(struct virtio *device, uint32_t queue);
/* The chain the driver offers next; it stays next until it is taken. False: there is none, or the device is broken now. */
bool virtio_next(struct virtio *device, uint32_t queue, struct chain *chain);
/* It is the model's from now on. */
void virtio_take(struct virtio *device, uint32_t queue);
/* The chain that begins there, of one that was taken before. */
bool virtio_find(struct virtio *device, uint32_t queue, uint16_t head, struct chain *chain);
/* Bytes of the readable, or writable, part. False, and the device is broken: they are not all there. */
bool virtio_read(struct virtio *device, const struct chain *chain, uint64_t offset, void *to, uint64_t length);
bool virtio_write(struct virtio *device, const struct chain *chain, uint64_t offset, const void *from, uint64_t length);
/* Returns a chain, of which `written` bytes were written to, and interrupts if the driver wants that. */
void virtio_give_back(struct virtio *device, uint32_t queue, uint16_t head, uint32_t written);

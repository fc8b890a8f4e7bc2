/* Split queues (VIRTIO 1.2, 2.7). Everything here is the driver's word. */
#include "virtio-state.h"

enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_WRITE = 2, DESCRIPTOR_INDIRECT = 4, NO_INTERRUPT = 1 };
#define RING_HEADER 4 /* flags and index, of 16 bits each */
#define INDEX 2       /* offset of the index */

struct descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags, next;
};

struct used_element {
  uint32_t head, written;
};

static bool load(const struct virtio *device, uint64_t address, void *to, uint64_t length)
{
  return layer_read_caller(layer_caller(device->guest), address, to, length);
}

static bool store(const struct virtio *device, uint64_t address, const void *from, uint64_t length)
{
  return layer_write_caller(layer_caller(device->guest), address, from, length);
}

static bool owns(const struct virtio *device, uint64_t address, uint64_t length)
{
  const struct sbi_caller *caller = layer_caller(device->guest);
  return address >= caller->memory_base && address - caller->memory_base <= caller->memory_size &&
         length <= caller->memory_size - (address - caller->memory_base);
}

/* 2.7: where the parts lie and how they are aligned. */
static bool sound(const struct virtio *device, const struct virtqueue *queue)
{
  uint64_t size = queue->size;
  return size >= 1 && size <= VIRTIO_ENTRIES && (size & (size - 1)) == 0 && queue->descriptors % 16 == 0 &&
         queue->available % 2 == 0 && queue->used % 4 == 0 &&
         owns(device, queue->descriptors, size * sizeof(struct descriptor)) &&
         owns(device, queue->available, RING_HEADER + size * sizeof(uint16_t)) &&
         owns(device, queue->used, RING_HEADER + size * sizeof(struct used_element));
}

void virtqueue_set_ready(struct virtio *device, struct virtqueue *queue, bool ready)
{
  queue->ready = ready && sound(device, queue);
  queue->next_available = 0;
  queue->next_used = 0;
  queue->progress = 0;
  if (ready && !queue->ready)
    virtio_fail(device);
}

/* Takes up one descriptor; false if it is unsound. */
static bool add_segment(const struct virtio *device, struct chain *chain, const struct descriptor *from)
{
  bool writable = from->flags & DESCRIPTOR_WRITE;
  bool late = !writable && chain->first_writable != chain->segments; /* a readable one behind a writable one */
  if (from->flags & DESCRIPTOR_INDIRECT || late || !owns(device, from->address, from->length))
    return false;
  chain->segment[chain->segments].address = from->address;
  chain->segment[chain->segments].length = from->length;
  chain->segments++;
  if (!writable)
    chain->first_writable = chain->segments;
  *(writable ? &chain->writable : &chain->readable) += from->length;
  return true;
}

/* A chain that goes in a circle is one that is longer than its queue. The queue is ready: its size was found sound. */
static bool walk(const struct virtio *device, const struct virtqueue *queue, uint16_t head, struct chain *chain)
{
  struct descriptor descriptor = {.flags = DESCRIPTOR_NEXT, .next = head};
  chain->head = head;
  chain->segments = chain->first_writable = 0;
  chain->readable = chain->writable = 0;
  for (uint32_t count = 0; count < queue->size && descriptor.flags & DESCRIPTOR_NEXT; count++) {
    uint16_t index = descriptor.next;
    if (index >= queue->size ||
        !load(device, queue->descriptors + index * sizeof descriptor, &descriptor, sizeof descriptor) ||
        !add_segment(device, chain, &descriptor))
      return false;
  }
  return !(descriptor.flags & DESCRIPTOR_NEXT);
}

bool virtio_find(struct virtio *device, uint32_t queue, uint16_t head, struct chain *chain)
{
  if (device->queues[queue].ready && walk(device, &device->queues[queue], head, chain))
    return true;
  virtio_fail(device);
  return false;
}

bool virtio_offers(struct virtio *device, uint32_t number)
{
  const struct virtqueue *queue = &device->queues[number];
  uint16_t index = 0;
  if (!virtio_running(device) || !queue->ready)
    return false;
  bool read = load(device, queue->available + INDEX, &index, sizeof index);
  uint16_t offered = (uint16_t)(index - queue->next_available);
  if (read && offered <= queue->size)
    return offered != 0;
  virtio_fail(device);
  return false;
}

bool virtio_next(struct virtio *device, uint32_t number, struct chain *chain)
{
  const struct virtqueue *queue = &device->queues[number];
  uint16_t head = 0;
  if (!virtio_offers(device, number))
    return false;
  if (load(device, queue->available + RING_HEADER + queue->next_available % queue->size * sizeof head, &head, sizeof head))
    return virtio_find(device, number, head, chain);
  virtio_fail(device);
  return false;
}

void virtio_take(struct virtio *device, uint32_t queue)
{
  device->queues[queue].next_available++;
  device->queues[queue].progress = 0;
}

/* To the writable part, or from the readable one. */
static bool copy(struct virtio *device, const struct chain *chain, bool writable, uint64_t offset, char *bytes,
                 uint64_t length)
{
  uint32_t end = writable ? chain->segments : chain->first_writable;
  bool whole = true;
  for (uint32_t i = writable ? chain->first_writable : 0; i < end && length && whole; i++) {
    uint64_t size = chain->segment[i].length;
    if (offset >= size) {
      offset -= size;
      continue;
    }
    uint64_t address = chain->segment[i].address + offset;
    uint64_t piece = size - offset < length ? size - offset : length;
    whole = writable ? store(device, address, bytes, piece) : load(device, address, bytes, piece);
    bytes += piece;
    length -= piece;
    offset = 0;
  }
  if (!whole || length)
    virtio_fail(device);
  return whole && !length;
}

bool virtio_read(struct virtio *device, const struct chain *chain, uint64_t offset, void *to, uint64_t length)
{
  return copy(device, chain, false, offset, to, length);
}

bool virtio_write(struct virtio *device, const struct chain *chain, uint64_t offset, const void *from, uint64_t length)
{
  return copy(device, chain, true, offset, (char *)from, length);
}

void virtio_give_back(struct virtio *device, uint32_t number, uint16_t head, uint32_t written)
{
  struct virtqueue *queue = &device->queues[number];
  struct used_element element = {head, written};
  uint64_t slot = queue->used + RING_HEADER + queue->next_used % queue->size * sizeof element;
  uint16_t index = (uint16_t)(queue->next_used + 1), flags = 0;
  if (!virtio_running(device) || !queue->ready)
    return;
  queue->next_used = index;
  if (!store(device, slot, &element, sizeof element) || !store(device, queue->used + INDEX, &index, sizeof index) ||
      !load(device, queue->available, &flags, sizeof flags)) {
    virtio_fail(device);
    return;
  }
  if (flags & NO_INTERRUPT)
    return;
  device->interrupt_status |= VIRTIO_INTERRUPT_USED;
  virtio_update_line(device);
}

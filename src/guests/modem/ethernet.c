#include "ethernet.h"

#include <stddef.h>

#include "../common/board.h"
#include "../common/plic.h"
#include "../common/virtio.h"
#include "share.h"
#include "task.h"

enum { RECEIVE = 0, TRANSMIT = 1 };
enum { ENTRIES = 16, OFFERED_AT_ONCE = 8 };
#define FEATURE_MAC 0x20
#define HEADER_BYTES 12 /* of virtio, before each frame */
#define BUFFER_BYTES 1536
_Static_assert(HEADER_BYTES + FRAME_BYTES_MAX <= BUFFER_BYTES, "a frame fits");

/* Descriptor n is always that of buffer n. */
static struct channel {
  VIRTIO_QUEUE(ENTRIES) queue;
  uint16_t seen; /* used entries that were taken */
  uint8_t buffers[ENTRIES][BUFFER_BYTES] __attribute__((aligned(8)));
} receiver, sender;
static uint32_t offered; /* buffers that the device was not told of yet */
static uint32_t held = ENTRIES; /* the buffer of the frame handed out */
static struct semaphore wake;

uint8_t ethernet_address[6];

static bool start(struct channel *channel, uint32_t queue) {
  return virtio_set_queue(board.network, queue, ENTRIES, channel->queue.descriptors, &channel->queue.available,
                          &channel->queue.used);
}

static void offer(struct channel *channel, uint32_t buffer, uint32_t length, uint16_t flags) {
  channel->queue.descriptors[buffer] =
      (struct virtio_descriptor){(uint64_t)channel->buffers[buffer], length, flags, 0};
  channel->queue.available.ring[channel->queue.available.index % ENTRIES] = (uint16_t)buffer;
  virtio_publish(&channel->queue.available.index);
}

static bool has_news(const struct channel *channel) {
  return *(const volatile uint16_t *)&channel->queue.used.index != channel->seen;
}

bool ethernet_init(void) {
  if (!virtio_begin(board.network, VIRTIO_NETWORK, FEATURE_MAC)) return false;
  for (uint32_t i = 0; i < sizeof ethernet_address; i++)
    ethernet_address[i] = mmio_read8(board.network + VIRTIO_CONFIG + i);
  if (!start(&receiver, RECEIVE) || !start(&sender, TRANSMIT)) return false;
  sender.queue.available.flags = AVAILABLE_NO_INTERRUPT;
  virtio_go(board.network);
  for (uint32_t i = 0; i < ENTRIES; i++) offer(&receiver, i, BUFFER_BYTES, DESCRIPTOR_WRITE);
  virtio_notify(board.network, RECEIVE);
  plic_enable(board.network_irq);
  return true;
}

static void ask_for_interrupts(bool wanted) {
  *(volatile uint16_t *)&receiver.queue.available.flags = wanted ? 0 : AVAILABLE_NO_INTERRUPT;
  __asm__ volatile("fence rw, rw" ::: "memory");
}

bool ethernet_interrupt(uint32_t source) {
  if (!board.network || source != board.network_irq) return false;
  if (!virtio_load(board.network, VIRTIO_INTERRUPT_STATUS)) return true; /* another's, at the same source */
  virtio_acknowledge(board.network);
  ask_for_interrupts(false);
  semaphore_give(&wake);
  return true;
}

static void offer_again(void) {
  if (held < ENTRIES) {
    offer(&receiver, held, BUFFER_BYTES, DESCRIPTOR_WRITE);
    offered++;
  }
  held = ENTRIES;
  if (offered < OFFERED_AT_ONCE && has_news(&receiver)) return;
  if (offered > 0) virtio_notify(board.network, RECEIVE);
  offered = 0;
}

/* What the device says is not believed: a number that is no buffer's, or a length beyond it, is passed over. */
const uint8_t *ethernet_poll(uint32_t *length) {
  offer_again();
  while (has_news(&receiver)) {
    __asm__ volatile("fence r, rw" ::: "memory");
    uint32_t slot = receiver.seen++ % ENTRIES;
    uint32_t id = receiver.queue.used.ring[slot].id, bytes = receiver.queue.used.ring[slot].length;
    if (id >= ENTRIES) continue;
    held = id;
    *length = bytes - HEADER_BYTES;
    if (bytes >= HEADER_BYTES && bytes <= BUFFER_BYTES) return receiver.buffers[id] + HEADER_BYTES;
    offer_again();
  }
  return NULL;
}

/* A frame may have come before interrupts were asked for. */
const uint8_t *ethernet_receive(uint32_t *length) {
  for (;;) {
    const uint8_t *frame = ethernet_poll(length);
    share_check();
    if (frame) return frame;
    ask_for_interrupts(true);
    if (!has_news(&receiver)) semaphore_take(&wake);
  }
}

/* Buffers are used in turn, and the device has done with the oldest first. */
uint8_t *ethernet_reserve(void) {
  if (has_news(&sender)) sender.seen = *(volatile uint16_t *)&sender.queue.used.index;
  if ((uint16_t)(sender.queue.available.index - sender.seen) >= ENTRIES) return NULL;
  return sender.buffers[sender.queue.available.index % ENTRIES] + HEADER_BYTES;
}

void ethernet_send(uint32_t length) {
  offer(&sender, sender.queue.available.index % ENTRIES, HEADER_BYTES + length, 0);
  virtio_notify(board.network, TRANSMIT);
}

#include "virtual-ethernet.h"
#include "platform.h"
#include "string.h"
#include "virtio.h"

#define NETWORK_DEVICE 1
#define FEATURE_MAC (1u << 5)
enum { RECEIVE_QUEUE, TRANSMIT_QUEUE, QUEUES };

#define HEADER_BYTES 12 /* before each frame (5.1.6) */
enum { HEADER_FLAGS = 0, HEADER_SEGMENTATION = 1, HEADER_BUFFERS = 10 };
#define FLAG_NEEDS_CHECKSUM 1
#define FRAME_BYTES_MIN 14   /* the header of Ethernet */
#define FRAME_BYTES_MAX 1518 /* with a VLAN tag; both without the checksum */
#define MAC_BYTES 6

/* The packet that a guest is sending: a header of virtio, then the frame. */
struct card {
  struct virtio virtio;
  uint64_t mac; /* in the order of memory; a configuration space has whole words */
  uint32_t length; /* of the packet; 0: there is none */
  uint32_t receivers; /* who is still to get it, one bit each */
  uint8_t packet[HEADER_BYTES + FRAME_BYTES_MAX + 2] __attribute__((aligned(8)));
};

static struct card cards[MAX_GUESTS];
static uint32_t members; /* guests of the service, one bit each */
/* For whoever asks what became of a frame. */
uint64_t ethernet_delivered, ethernet_lost;

/* To the one whose address it bears, else to all others. */
static uint32_t receivers_of(uint32_t sender, const uint8_t *frame)
{
  uint32_t others = members & ~(1u << sender);
  for (uint32_t guest = 0; guest < MAX_GUESTS; guest++)
    if (members >> guest & 1 && memcmp(frame, &cards[guest].mac, MAC_BYTES) == 0)
      return others & 1u << guest;
  return others;
}

/* Takes the packet of the chain that is offered; false, and the device is broken, if it is none. No offload was offered
 * that it might ask for. */
static bool take_packet(struct card *card, const struct chain *chain)
{
  uint8_t *packet = card->packet;
  if (chain->readable < HEADER_BYTES + FRAME_BYTES_MIN || chain->readable > HEADER_BYTES + FRAME_BYTES_MAX) {
    virtio_fail(&card->virtio);
    return false;
  }
  if (!virtio_read(&card->virtio, chain, 0, packet, chain->readable))
    return false;
  if (packet[HEADER_FLAGS] & FLAG_NEEDS_CHECKSUM || packet[HEADER_SEGMENTATION]) {
    virtio_fail(&card->virtio);
    return false;
  }
  memset(packet, 0, HEADER_BYTES);
  packet[HEADER_BUFFERS] = 1;
  card->length = (uint32_t)chain->readable;
  card->receivers = receivers_of(card->virtio.guest, packet + HEADER_BYTES);
  return true;
}

/* A buffer that is too small stays with the receiver for another frame; one without any room is a driver's error. */
static bool fill_buffer(const struct card *from, struct virtio *to)
{
  static struct chain chain;
  if (!virtio_next(to, RECEIVE_QUEUE, &chain))
    return false;
  if (chain.writable == 0)
    virtio_fail(to);
  if (chain.writable < from->length || !virtio_write(to, &chain, 0, from->packet, from->length))
    return false;
  virtio_take(to, RECEIVE_QUEUE);
  virtio_give_back(to, RECEIVE_QUEUE, chain.head, from->length);
  return true;
}

static void deliver(const struct card *from, uint32_t receiver)
{
  layer_visit(receiver);
  if (fill_buffer(from, &cards[receiver].virtio))
    ethernet_delivered++;
  else
    ethernet_lost++;
  layer_leave();
}

/* A step is the taking of a packet, or its delivery to one receiver. Buffers to receive into are taken when a frame comes. */
static bool serve(struct virtio *device, uint32_t queue)
{
  static struct chain chain;
  struct card *card = &cards[device->guest];
  if (queue != TRANSMIT_QUEUE || !virtio_next(device, queue, &chain))
    return false;
  if (card->length == 0)
    return take_packet(card, &chain);
  if (card->receivers) {
    uint32_t receiver = 0;
    while (!(card->receivers >> receiver & 1))
      receiver++;
    card->receivers &= ~(1u << receiver);
    deliver(card, receiver);
  }
  if (card->receivers)
    return virtio_offers(device, queue);
  card->length = 0;
  virtio_take(device, queue);
  virtio_give_back(device, queue, chain.head, 0);
  return virtio_offers(device, queue);
}

static void forget_packet(struct virtio *device) { cards[device->guest].length = 0; }

static const struct virtio_model model = {
    .kind = VIRTUAL_ETHERNET,
    .device_id = NETWORK_DEVICE,
    .queues = QUEUES,
    .features = FEATURE_MAC,
    .config_bytes = MAC_BYTES,
    .serve = serve,
    .reset = forget_packet,
};

void ethernet_start(const struct config *config, const struct service_config *service)
{
  members = service->guests;
  for (uint32_t guest = 0; guest < config->guest_count; guest++) {
    const uint8_t mac[MAC_BYTES] = {0x52, 0x54, 0x00, 0x7a, 0xc0, (uint8_t)(guest + 1)};
    memcpy(&cards[guest].mac, mac, MAC_BYTES);
    cards[guest].virtio = (struct virtio){.model = &model, .guest = guest, .config = &cards[guest].mac};
  }
}

enum access_result ethernet_access(uint32_t guest, struct device_access *access)
{
  return virtio_access(&cards[guest].virtio, access);
}

void ethernet_reset(uint32_t guest) { virtio_reset(&cards[guest].virtio); }

#include "exchange.h"

#include <stddef.h>

#include "../../onboard/services.h"
#include "board.h"
#include "console.h"
#include "ecall.h"
#include "plic.h"

enum { PEERS = 4, SENT_AT_ONCE = 4, RECEIVED_AT_ONCE = 8, COMPLAINTS = 4 };

struct message {
  uint64_t number, check;
};

/* The queue has room for whole messages only, so none is ever cut. */
_Static_assert(SERVICE_QUEUE_BYTES % sizeof(struct message) == 0, "whole messages");
_Static_assert(sizeof(struct message) <= SERVICE_BYTES_PER_CALL, "one call");

static uint32_t self, peers; /* own number, and how many there are, own included; 0: no channel */

/* For each peer: messages sent to it; those that came from it, how many of them were wrong, and which is the next. */
struct exchange {
  uint64_t sent, received, wrong, next;
} exchanges[PEERS];

static uint64_t check_of(uint32_t from, uint64_t number) {
  uint64_t mix = (number << 8 | from) + 0x9e3779b97f4a7c15;
  mix = (mix ^ mix >> 30) * 0xbf58476d1ce4e5b9;
  return mix ^ mix >> 27;
}

void exchange_init(void) {
  struct sbi_result answer = service_call(SERVICE_SELF, 0, 0, NULL);
  if (answer.error || answer.value >> 32 > PEERS) return;
  self = (uint32_t)answer.value;
  peers = (uint32_t)(answer.value >> 32);
}

static bool send(uint32_t peer, uint64_t number) {
  struct message message = {number, check_of(self, number)};
  struct sbi_result answer = service_call(SERVICE_WRITE, peer, sizeof message, &message);
  return !answer.error && answer.value == sizeof message;
}

void exchange_publish(uint64_t units) {
  for (uint32_t peer = 0; peer < peers; peer++) {
    struct exchange *with = &exchanges[peer];
    uint32_t sent = 0;
    while (peer != self && with->sent < units && sent < SENT_AT_ONCE && send(peer, with->sent)) with->sent++, sent++;
    if (sent > 0) service_call(SERVICE_RING, peer, 0, NULL);
  }
}

/* The first may be any, since what came before one's own start is lost; number 0 is that of a peer that begins anew. */
static void take(uint32_t peer, const struct message *message) {
  struct exchange *with = &exchanges[peer];
  bool expected = message->number == with->next || message->number == 0 || with->received == 0;
  with->received++;
  if (expected && message->check == check_of(peer, message->number)) {
    with->next = message->number + 1;
    return;
  }
  if (++with->wrong <= COMPLAINTS)
    console_print("message from guest %lu is wrong: number %lu for %lu\n", (uint64_t)peer, message->number, with->next);
}

void exchange_receive(uint32_t messages) {
  if (peers > 0) service_call(SERVICE_TAKE, 0, 0, NULL);
  for (uint32_t peer = 0; peer < peers; peer++) {
    for (uint32_t n = 0; peer != self && n < messages; n++) {
      struct message message = {0, 0};
      struct sbi_result answer = service_call(SERVICE_READ, peer, sizeof message, &message);
      if (answer.error || answer.value != sizeof message) break;
      take(peer, &message);
    }
  }
}

void exchange_listen(void) {
  if (peers > 1 && board.services_irq) plic_enable(board.services_irq);
}

bool exchange_interrupt(uint32_t source) {
  if (source != board.services_irq) return false;
  exchange_receive(RECEIVED_AT_ONCE);
  plic_complete(source); /* while it is enabled: the completion of a masked source has no effect */
  plic_disable(source);
  return true;
}

/* A host of the network 10.0.2.0/24: it answers ARP (RFC 826), ICMP echo (792), and UDP (768) at three ports. It sends
 * nothing that nobody asked for. Frames are a peer's words: what is malformed is counted and dropped. */
#pragma once
#include <stdint.h>

#define NETWORK 0x0a000200 /* 10.0.2.0 */
#define NETWORK_MASK 0xffffff00

enum port {
  PORT_ECHO = 7,    /* RFC 862 */
  PORT_DISCARD = 9, /* RFC 863 */
  /* Counts: each datagram begins with its number in its transfer, 0 beginning a new one. An empty datagram is answered
   * with four counts of 64 bits: datagrams, their bytes, numbers left out, numbers that were not the next. */
  PORT_COUNT = 5001,
};

/* Why a frame got no answer. */
enum drop {
  DROP_SHORT,      /* it ends within a header */
  DROP_LENGTH,     /* a header's length is not what is there */
  DROP_CHECKSUM,
  DROP_FRAGMENT,   /* datagrams in pieces are not put together */
  DROP_NOT_FOR_US, /* another's address, or no sender's that could be answered */
  DROP_UNKNOWN,    /* a protocol, operation or port that is not served */
  DROP_BUSY,       /* no room to answer in */
  DROPS,
};
extern uint64_t internet_received, internet_answered, internet_dropped[DROPS];

/* 10.0.2.`host`, at that Ethernet address. */
void internet_init(const uint8_t address[6], uint32_t host);

/* Makes the answer to a frame, in room for the largest; its length, or 0 for none. Without room nothing is answered. */
uint32_t internet_answer(const uint8_t *frame, uint32_t length, uint8_t *answer);

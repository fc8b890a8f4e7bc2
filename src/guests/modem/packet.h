/* Where things are in a frame. All numbers are in network order; offsets count from the beginning of their header. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { ETHERNET_DESTINATION = 0, ETHERNET_SOURCE = 6, ETHERNET_TYPE = 12, ETHERNET_BYTES = 14, ADDRESS_BYTES = 6 };
enum { TYPE_IP = 0x0800, TYPE_ARP = 0x0806 };
enum {
  ARP_HARDWARE = 0,
  ARP_PROTOCOL = 2,
  ARP_SIZES = 4, /* of both kinds of address */
  ARP_OPERATION = 6,
  ARP_SENDER = 8,
  ARP_SENDER_IP = 14,
  ARP_TARGET = 18,
  ARP_TARGET_IP = 24,
  ARP_BYTES = 28
};
enum { HARDWARE_ETHERNET = 1, SIZES_ETHERNET_IP = 0x0604, ARP_REQUEST = 1, ARP_REPLY = 2 };
enum {
  IP_VERSION = 0,
  IP_LENGTH = 2,
  IP_IDENTITY = 4,
  IP_FRAGMENT = 6,
  IP_LIFETIME = 8,
  IP_PROTOCOL = 9,
  IP_CHECKSUM = 10,
  IP_SOURCE = 12,
  IP_DESTINATION = 16,
  IP_BYTES = 20
};
enum { VERSION_4 = 4, LIFETIME = 64, FRAGMENT_MASK = 0x3fff, DO_NOT_FRAGMENT = 0x4000 };
enum { PROTOCOL_ICMP = 1, PROTOCOL_UDP = 17 };
enum { ICMP_TYPE = 0, ICMP_CODE = 1, ICMP_CHECKSUM = 2, ICMP_IDENTITY = 4, ICMP_NUMBER = 6, ICMP_BYTES = 8 };
enum { ICMP_ECHO_REPLY = 0, ICMP_ECHO_REQUEST = 8 };
enum { UDP_SOURCE = 0, UDP_DESTINATION = 2, UDP_LENGTH = 4, UDP_CHECKSUM = 6, UDP_BYTES = 8 };

static inline uint32_t get16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static inline uint32_t get32(const uint8_t *at) { return get16(at) << 16 | get16(at + 2); }
static inline void put16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}
static inline void put32(uint8_t *at, uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}
static inline void put64(uint8_t *at, uint64_t value) {
  put32(at, (uint32_t)(value >> 32));
  put32(at + 4, (uint32_t)value);
}

bool same_address(const uint8_t *a, const uint8_t *b);
void copy_bytes(uint8_t *to, const uint8_t *from, uint32_t count);

/* The sum of 16-bit words in ones' complement (RFC 1071), begun with another's; 0xffff over what holds its checksum. */
uint32_t sum_of(const uint8_t *at, uint32_t bytes, uint32_t begun);
/* Of a datagram and the addresses in its IP header (RFC 768). */
uint32_t sum_of_datagram(const uint8_t *ip, const uint8_t *udp, uint32_t bytes);

/* Headers, with their checksums, for what follows them. */
void put_ethernet(uint8_t *frame, const uint8_t *to, const uint8_t *from, uint32_t type);
void put_ip(uint8_t *ip, uint32_t payload_bytes, uint32_t protocol, uint32_t from, uint32_t to);
void put_udp(uint8_t *ip, uint32_t from, uint32_t to, uint32_t payload_bytes);
void put_icmp_checksum(uint8_t *icmp, uint32_t bytes);

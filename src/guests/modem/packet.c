#include "packet.h"

bool same_address(const uint8_t *a, const uint8_t *b) {
  for (uint32_t i = 0; i < ADDRESS_BYTES; i++)
    if (a[i] != b[i]) return false;
  return true;
}

void copy_bytes(uint8_t *to, const uint8_t *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) to[i] = from[i];
}

static uint32_t folded(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

uint32_t sum_of(const uint8_t *at, uint32_t bytes, uint32_t begun) {
  uint32_t sum = begun;
  for (; bytes > 1; bytes -= 2, at += 2) sum += get16(at);
  if (bytes) sum += (uint32_t)at[0] << 8;
  return folded(sum);
}

uint32_t sum_of_datagram(const uint8_t *ip, const uint8_t *udp, uint32_t bytes) {
  return sum_of(udp, bytes, sum_of(ip + IP_SOURCE, 8, PROTOCOL_UDP + bytes));
}

void put_ethernet(uint8_t *frame, const uint8_t *to, const uint8_t *from, uint32_t type) {
  copy_bytes(frame + ETHERNET_DESTINATION, to, ADDRESS_BYTES);
  copy_bytes(frame + ETHERNET_SOURCE, from, ADDRESS_BYTES);
  put16(frame + ETHERNET_TYPE, type);
}

void put_ip(uint8_t *ip, uint32_t payload_bytes, uint32_t protocol, uint32_t from, uint32_t to) {
  put16(ip + IP_VERSION, VERSION_4 << 12 | IP_BYTES / 4 << 8);
  put16(ip + IP_LENGTH, IP_BYTES + payload_bytes);
  put16(ip + IP_IDENTITY, 0); /* of no use to what is never fragmented (RFC 6864) */
  put16(ip + IP_FRAGMENT, DO_NOT_FRAGMENT);
  put16(ip + IP_LIFETIME, LIFETIME << 8 | protocol);
  put16(ip + IP_CHECKSUM, 0);
  put32(ip + IP_SOURCE, from);
  put32(ip + IP_DESTINATION, to);
  put16(ip + IP_CHECKSUM, ~sum_of(ip, IP_BYTES, 0));
}

/* A sum of 0 is sent as the other zero: 0 means that there is none. */
void put_udp(uint8_t *ip, uint32_t from, uint32_t to, uint32_t payload_bytes) {
  uint8_t *udp = ip + IP_BYTES;
  put16(udp + UDP_SOURCE, from);
  put16(udp + UDP_DESTINATION, to);
  put16(udp + UDP_LENGTH, UDP_BYTES + payload_bytes);
  put16(udp + UDP_CHECKSUM, 0);
  uint32_t checksum = ~sum_of_datagram(ip, udp, UDP_BYTES + payload_bytes) & 0xffff;
  put16(udp + UDP_CHECKSUM, checksum ? checksum : 0xffff);
}

void put_icmp_checksum(uint8_t *icmp, uint32_t bytes) {
  put16(icmp + ICMP_CHECKSUM, 0);
  put16(icmp + ICMP_CHECKSUM, ~sum_of(icmp, bytes, 0));
}

#include "internet.h"

#include "packet.h"

uint64_t internet_received, internet_answered, internet_dropped[DROPS];

static uint8_t own_address[ADDRESS_BYTES];
static uint32_t own_ip;

/* PORT_COUNT's. */
static struct {
  uint64_t datagrams, bytes, missing, disordered;
  uint32_t next;
} transfer;

static uint32_t drop(enum drop reason) {
  internet_dropped[reason]++;
  return 0;
}

void internet_init(const uint8_t address[6], uint32_t host) {
  copy_bytes(own_address, address, ADDRESS_BYTES);
  own_ip = NETWORK | (host & ~NETWORK_MASK);
}

static uint32_t answer_arp(const uint8_t *arp, uint32_t length, uint8_t *answer) {
  if (length < ARP_BYTES) return drop(DROP_SHORT);
  if (get16(arp + ARP_HARDWARE) != HARDWARE_ETHERNET || get16(arp + ARP_PROTOCOL) != TYPE_IP ||
      get16(arp + ARP_SIZES) != SIZES_ETHERNET_IP || get16(arp + ARP_OPERATION) != ARP_REQUEST)
    return drop(DROP_UNKNOWN);
  if (get32(arp + ARP_TARGET_IP) != own_ip) return drop(DROP_NOT_FOR_US);
  copy_bytes(answer, arp, ARP_OPERATION);
  put16(answer + ARP_OPERATION, ARP_REPLY);
  copy_bytes(answer + ARP_SENDER, own_address, ADDRESS_BYTES);
  put32(answer + ARP_SENDER_IP, own_ip);
  copy_bytes(answer + ARP_TARGET, arp + ARP_SENDER, ARP_TARGET - ARP_SENDER);
  return ARP_BYTES;
}

/* What these give is the payload behind the IP header of the answer, which is made last. */
static uint32_t answer_icmp(const uint8_t *icmp, uint32_t length, uint8_t *answer) {
  if (length < ICMP_BYTES) return drop(DROP_SHORT);
  if (sum_of(icmp, length, 0) != 0xffff) return drop(DROP_CHECKSUM);
  if (icmp[ICMP_TYPE] != ICMP_ECHO_REQUEST || icmp[ICMP_CODE] != 0) return drop(DROP_UNKNOWN);
  copy_bytes(answer, icmp, length);
  answer[ICMP_TYPE] = ICMP_ECHO_REPLY;
  put_icmp_checksum(answer, length);
  return length;
}

static uint32_t count(const uint8_t *data, uint32_t length, uint8_t *answer) {
  if (length == 0) {
    uint64_t counts[] = {transfer.datagrams, transfer.bytes, transfer.missing, transfer.disordered};
    for (uint32_t i = 0; i < 4; i++) put64(answer + 8 * i, counts[i]);
    return sizeof counts;
  }
  if (length < 4) return drop(DROP_LENGTH);
  uint32_t number = get32(data);
  if (number == 0) transfer.datagrams = transfer.bytes = transfer.missing = transfer.disordered = transfer.next = 0;
  if (number > transfer.next) transfer.missing += number - transfer.next;
  if (number != transfer.next) transfer.disordered++;
  transfer.datagrams++;
  transfer.bytes += length;
  transfer.next = number + 1;
  return 0;
}

/* Two echo ports would answer each other for ever, and nobody answers to port 0. */
static uint32_t answer_udp(const uint8_t *ip, const uint8_t *udp, uint32_t length, uint8_t *answer) {
  if (length < UDP_BYTES) return drop(DROP_SHORT);
  if (get16(udp + UDP_LENGTH) != length) return drop(DROP_LENGTH);
  if (get16(udp + UDP_CHECKSUM) != 0 && sum_of_datagram(ip, udp, length) != 0xffff) return drop(DROP_CHECKSUM);
  uint32_t from = get16(udp + UDP_SOURCE), to = get16(udp + UDP_DESTINATION);
  const uint8_t *data = udp + UDP_BYTES;
  uint8_t *room = answer + UDP_BYTES;
  uint32_t bytes = length - UDP_BYTES;
  if (from == 0 || from == PORT_ECHO) return drop(DROP_NOT_FOR_US);
  switch (to) {
    case PORT_ECHO: copy_bytes(room, data, bytes); return length;
    case PORT_DISCARD: return 0;
    case PORT_COUNT:
      bytes = count(data, bytes, room);
      return bytes ? UDP_BYTES + bytes : 0;
    default: return drop(DROP_UNKNOWN);
  }
}

/* No own, group, loopback or unspecified address; only hosts of this network are answered, for there is no way to others. */
static bool is_host(uint32_t ip) {
  uint32_t host = ip & ~NETWORK_MASK;
  return (ip & NETWORK_MASK) == NETWORK && host != 0 && host != 255 && ip != own_ip;
}

/* Behind the packet may be padding, which belongs to nobody. */
static uint32_t answer_ip(const uint8_t *ip, uint32_t length, uint8_t *answer) {
  if (length < IP_BYTES) return drop(DROP_SHORT);
  uint32_t header = 4u * (ip[IP_VERSION] & 15), total = get16(ip + IP_LENGTH);
  if (ip[IP_VERSION] >> 4 != VERSION_4) return drop(DROP_UNKNOWN);
  if (header < IP_BYTES || header > total || total > length) return drop(DROP_LENGTH);
  if (sum_of(ip, header, 0) != 0xffff) return drop(DROP_CHECKSUM);
  if (get16(ip + IP_FRAGMENT) & FRAGMENT_MASK) return drop(DROP_FRAGMENT);
  uint32_t peer = get32(ip + IP_SOURCE);
  if (get32(ip + IP_DESTINATION) != own_ip || !is_host(peer)) return drop(DROP_NOT_FOR_US);

  const uint8_t *payload = ip + header;
  uint8_t *room = answer + IP_BYTES;
  uint32_t bytes = total - header, protocol = ip[IP_PROTOCOL];
  switch (protocol) {
    case PROTOCOL_ICMP: bytes = answer_icmp(payload, bytes, room); break;
    case PROTOCOL_UDP: bytes = answer_udp(ip, payload, bytes, room); break;
    default: return drop(DROP_UNKNOWN);
  }
  if (bytes == 0) return 0;
  put_ip(answer, bytes, protocol, own_ip, peer);
  if (protocol == PROTOCOL_UDP)
    put_udp(answer, get16(payload + UDP_DESTINATION), get16(payload + UDP_SOURCE), bytes - UDP_BYTES);
  return IP_BYTES + bytes;
}

uint32_t internet_answer(const uint8_t *frame, uint32_t length, uint8_t *answer) {
  static const uint8_t everybody[ADDRESS_BYTES] = {255, 255, 255, 255, 255, 255};
  internet_received++;
  if (length < ETHERNET_BYTES) return drop(DROP_SHORT);
  const uint8_t *to = frame + ETHERNET_DESTINATION, *from = frame + ETHERNET_SOURCE;
  uint32_t type = get16(frame + ETHERNET_TYPE), bytes = length - ETHERNET_BYTES;
  bool own = same_address(to, own_address);
  if ((!own && !(type == TYPE_ARP && same_address(to, everybody))) || from[0] & 1 || same_address(from, own_address))
    return drop(DROP_NOT_FOR_US);
  if (type != TYPE_ARP && type != TYPE_IP) return drop(DROP_UNKNOWN);
  if (!answer) return drop(DROP_BUSY);
  uint8_t *room = answer + ETHERNET_BYTES;
  bytes = type == TYPE_ARP ? answer_arp(frame + ETHERNET_BYTES, bytes, room)
                           : answer_ip(frame + ETHERNET_BYTES, bytes, room);
  if (bytes == 0) return 0;
  put_ethernet(answer, from, own_address, type);
  internet_answered++;
  return ETHERNET_BYTES + bytes;
}

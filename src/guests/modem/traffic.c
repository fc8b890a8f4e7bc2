#include "traffic.h"

#include <stdbool.h>
#include <stddef.h>

#include "../common/board.h"
#include "../common/console.h"
#include "../common/cpu.h"
#include "ethernet.h"
#include "internet.h"
#include "packet.h"
#include "serve.h"
#include "task.h"

#define POLL_US 100
#define POLLS 200 /* before a question is asked again, or given up */
#define TRIES 10
#define ECHO_BYTES 56 /* as ping sends */
#define DATAGRAM_BYTES 1024
#define AT_ONCE 8 /* datagrams between two questions: a receiver has room for them */
#define OWN_PORT 40000
#define ECHO_IDENTITY 0x7ac0

static uint8_t peer_address[ADDRESS_BYTES];
static uint32_t own_ip, peer_ip;

static void print(const char *what, uint64_t value, const char *of, uint64_t all) {
  uint64_t before = interrupts_off();
  console_print("network: %lu%s%lu%s\n", value, what, all, of);
  interrupts_restore(before);
}

/* Room for a frame, waited for. */
static uint8_t *reserve(void) {
  for (;;) {
    uint8_t *frame = ethernet_reserve();
    if (frame) return frame;
    task_wait_release();
  }
}

static void ask_address(void) {
  static const uint8_t everybody[ADDRESS_BYTES] = {255, 255, 255, 255, 255, 255};
  static const uint8_t nobody[ADDRESS_BYTES];
  uint8_t *frame = reserve(), *arp = frame + ETHERNET_BYTES;
  put_ethernet(frame, everybody, ethernet_address, TYPE_ARP);
  put16(arp + ARP_HARDWARE, HARDWARE_ETHERNET);
  put16(arp + ARP_PROTOCOL, TYPE_IP);
  put16(arp + ARP_SIZES, SIZES_ETHERNET_IP);
  put16(arp + ARP_OPERATION, ARP_REQUEST);
  copy_bytes(arp + ARP_SENDER, ethernet_address, ADDRESS_BYTES);
  put32(arp + ARP_SENDER_IP, own_ip);
  copy_bytes(arp + ARP_TARGET, nobody, ADDRESS_BYTES);
  put32(arp + ARP_TARGET_IP, peer_ip);
  ethernet_send(ETHERNET_BYTES + ARP_BYTES);
}

static uint8_t *begin_ip(uint8_t *frame, uint32_t protocol, uint32_t bytes) {
  put_ethernet(frame, peer_address, ethernet_address, TYPE_IP);
  put_ip(frame + ETHERNET_BYTES, bytes, protocol, own_ip, peer_ip);
  return frame + ETHERNET_BYTES + IP_BYTES;
}

static void send_echo(uint32_t number) {
  uint8_t *frame = reserve(), *icmp = begin_ip(frame, PROTOCOL_ICMP, ICMP_BYTES + ECHO_BYTES);
  put16(icmp + ICMP_TYPE, ICMP_ECHO_REQUEST << 8);
  put16(icmp + ICMP_IDENTITY, ECHO_IDENTITY);
  put16(icmp + ICMP_NUMBER, number);
  for (uint32_t i = 0; i < ECHO_BYTES; i++) icmp[ICMP_BYTES + i] = (uint8_t)(number + i);
  put_icmp_checksum(icmp, ICMP_BYTES + ECHO_BYTES);
  ethernet_send(ETHERNET_BYTES + IP_BYTES + ICMP_BYTES + ECHO_BYTES);
}

/* Of no bytes: the question. */
static void send_datagram(uint32_t number, uint32_t bytes) {
  uint8_t *frame = reserve(), *udp = begin_ip(frame, PROTOCOL_UDP, UDP_BYTES + bytes);
  if (bytes) put32(udp + UDP_BYTES, number);
  for (uint32_t i = 4; i < bytes; i++) udp[UDP_BYTES + i] = (uint8_t)(number + i);
  put_udp(frame + ETHERNET_BYTES, OWN_PORT, PORT_COUNT, bytes);
  ethernet_send(ETHERNET_BYTES + IP_BYTES + UDP_BYTES + bytes);
}

/* Is it the answer that is waited for? Whatever else comes is served as always. */
static bool is_address(const uint8_t *frame, uint32_t length, uint32_t number) {
  (void)number;
  const uint8_t *arp = frame + ETHERNET_BYTES;
  if (length < ETHERNET_BYTES + ARP_BYTES || get16(frame + ETHERNET_TYPE) != TYPE_ARP ||
      get16(arp + ARP_OPERATION) != ARP_REPLY || get32(arp + ARP_SENDER_IP) != peer_ip)
    return false;
  copy_bytes(peer_address, arp + ARP_SENDER, ADDRESS_BYTES);
  return true;
}

static bool is_from_peer(const uint8_t *frame, uint32_t length, uint32_t protocol, uint32_t bytes) {
  const uint8_t *ip = frame + ETHERNET_BYTES;
  return length >= ETHERNET_BYTES + IP_BYTES + bytes && get16(frame + ETHERNET_TYPE) == TYPE_IP &&
         ip[IP_VERSION] == (VERSION_4 << 4 | IP_BYTES / 4) && sum_of(ip, IP_BYTES, 0) == 0xffff &&
         get16(ip + IP_LENGTH) == IP_BYTES + bytes && ip[IP_PROTOCOL] == protocol && get32(ip + IP_SOURCE) == peer_ip;
}

static bool is_echo(const uint8_t *frame, uint32_t length, uint32_t number) {
  const uint8_t *icmp = frame + ETHERNET_BYTES + IP_BYTES;
  if (!is_from_peer(frame, length, PROTOCOL_ICMP, ICMP_BYTES + ECHO_BYTES)) return false;
  if (sum_of(icmp, ICMP_BYTES + ECHO_BYTES, 0) != 0xffff || icmp[ICMP_TYPE] != ICMP_ECHO_REPLY ||
      get16(icmp + ICMP_IDENTITY) != ECHO_IDENTITY || get16(icmp + ICMP_NUMBER) != number)
    return false;
  for (uint32_t i = 0; i < ECHO_BYTES; i++)
    if (icmp[ICMP_BYTES + i] != (uint8_t)(number + i)) return false;
  return true;
}

enum { COUNTS_BYTES = 32 };
static uint32_t counted; /* no transfer here needs more bits */

static bool is_count(const uint8_t *frame, uint32_t length, uint32_t number) {
  (void)number;
  const uint8_t *ip = frame + ETHERNET_BYTES, *udp = ip + IP_BYTES;
  if (!is_from_peer(frame, length, PROTOCOL_UDP, UDP_BYTES + COUNTS_BYTES)) return false;
  if (get16(udp + UDP_SOURCE) != PORT_COUNT || sum_of_datagram(ip, udp, UDP_BYTES + COUNTS_BYTES) != 0xffff) return false;
  counted = get32(udp + UDP_BYTES + 4);
  return true;
}

static bool await(bool (*wanted)(const uint8_t *, uint32_t, uint32_t), uint32_t number) {
  for (uint32_t poll = 0; poll < POLLS; poll++) {
    uint32_t length;
    for (const uint8_t *frame = ethernet_poll(&length); frame; frame = ethernet_poll(&length)) {
      if (wanted(frame, length, number)) return true;
      serve_frame(frame, length);
    }
    task_wait_release();
  }
  return false;
}

static void ask_count(void) {
  for (uint32_t i = 0; i < TRIES; i++) {
    send_datagram(0, 0);
    if (await(is_count, 0)) return;
  }
}

static bool find_peer(void) {
  for (uint32_t i = 0; i < TRIES; i++) {
    ask_address();
    if (await(is_address, 0)) return true;
  }
  return false;
}

void traffic_run(uint32_t own_host, uint32_t peer_host, uint64_t echoes, uint64_t datagrams) {
  own_ip = NETWORK | own_host;
  peer_ip = NETWORK | peer_host;
  task_set_period(POLL_US * board.ticks_per_us);
  if (!find_peer()) return print(" answers from host ", 0, "", peer_host);
  uint64_t answered = 0;
  for (uint32_t i = 0; i < echoes; i++) {
    send_echo(i);
    answered += await(is_echo, i);
  }
  if (echoes > 0) print(" of ", answered, " echoes came back", echoes);
  for (uint32_t i = 0; i < datagrams; i++) {
    send_datagram(i, DATAGRAM_BYTES);
    if ((i + 1) % AT_ONCE == 0 || i + 1 == datagrams) ask_count();
  }
  if (datagrams > 0) print(" of ", counted, " datagrams arrived", datagrams);
}

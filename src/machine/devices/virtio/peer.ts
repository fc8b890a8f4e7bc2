// A host on the network that follows a script: it answers ARP requests for its address, ICMP echo requests (RFC 792) and
// UDP datagrams to the echo port (RFC 862), and nothing else. Frames are guests' words: what is malformed gets no answer.

export interface Peer {
  readonly mac: Uint8Array;
  readonly ip: Uint8Array;
}

/** As QEMU's user-mode gateway: 10.0.2.2, so that scripts for that work here. */
export const PEER: Peer = {
  mac: Uint8Array.of(0x52, 0x55, 0x0a, 0x00, 0x02, 0x02),
  ip: Uint8Array.of(10, 0, 2, 2),
};

const ETHERNET = { DESTINATION: 0, SOURCE: 6, TYPE: 12, PAYLOAD: 14 } as const;
const TYPE_ARP = 0x0806;
const TYPE_IPV4 = 0x0800;

/** Offsets in an ARP packet for Ethernet and IPv4 (RFC 826), and the words that make it a request for these. */
const ARP = { OPERATION: 6, SENDER_MAC: 8, SENDER_IP: 14, TARGET_MAC: 18, TARGET_IP: 24, BYTES: 28 } as const;
const ARP_REQUEST = [0, 1, 8, 0, 6, 4, 0, 1];
const ARP_REPLY = 2;

const IPV4 = { LENGTH: 2, FRAGMENT: 6, PROTOCOL: 9, SOURCE: 12, DESTINATION: 16, HEADER_BYTES: 20 } as const;
/** More fragments to come, or not the first. */
const FRAGMENT_MASK = 0x3fff;
const PROTOCOL_ICMP = 1;
const PROTOCOL_UDP = 17;

const ICMP = { TYPE: 0, CHECKSUM: 2, HEADER_BYTES: 8 } as const;
const ICMP_ECHO_REQUEST = 8;
const ICMP_ECHO_REPLY = 0;
const UDP = { SOURCE: 0, DESTINATION: 2, LENGTH: 4, HEADER_BYTES: 8 } as const;
const UDP_ECHO_PORT = 7;

/** The frame that `peer` sends back, or undefined. */
export function answer(frame: Uint8Array, peer: Peer): Uint8Array | undefined {
  const type = word(frame, ETHERNET.TYPE);
  const reply = frame.slice();
  const payload = reply.subarray(ETHERNET.PAYLOAD);
  const isForPeer = equal(frame.subarray(ETHERNET.DESTINATION, ETHERNET.SOURCE), peer.mac);
  const isAnswered =
    (type === TYPE_ARP && answerArp(payload, peer)) || (type === TYPE_IPV4 && isForPeer && answerIp(payload, peer));
  if (!isAnswered) return undefined;
  reply.set(frame.subarray(ETHERNET.SOURCE, ETHERNET.TYPE), ETHERNET.DESTINATION);
  reply.set(peer.mac, ETHERNET.SOURCE);
  return reply;
}

/** Turns a request for the peer's address into the answer, in place; false when it is none. */
function answerArp(packet: Uint8Array, peer: Peer): boolean {
  if (packet.length < ARP.BYTES || !ARP_REQUEST.every((byte, index) => packet[index] === byte)) return false;
  if (!equal(packet.subarray(ARP.TARGET_IP, ARP.BYTES), peer.ip)) return false;
  packet.copyWithin(ARP.TARGET_MAC, ARP.SENDER_MAC, ARP.TARGET_MAC);
  packet.set(peer.mac, ARP.SENDER_MAC);
  packet.set(peer.ip, ARP.SENDER_IP);
  packet[ARP.OPERATION + 1] = ARP_REPLY;
  return true;
}

/** Turns an echo request into the answer, in place. With source and destination exchanged, the sums that are their
 * headers' checksums stay what they were. */
function answerIp(packet: Uint8Array, peer: Peer): boolean {
  const headerBytes = 4 * ((packet[0] ?? 0) & 0x0f);
  const length = word(packet, IPV4.LENGTH);
  if ((packet[0] ?? 0) >>> 4 !== 4 || headerBytes < IPV4.HEADER_BYTES) return false;
  if (length < headerBytes || length > packet.length) return false;
  if (sum(packet.subarray(0, headerBytes)) !== 0xffff) return false;
  if ((word(packet, IPV4.FRAGMENT) & FRAGMENT_MASK) !== 0) return false;
  if (!equal(packet.subarray(IPV4.DESTINATION, IPV4.HEADER_BYTES), peer.ip)) return false;
  const body = packet.subarray(headerBytes, length);
  const protocol = packet[IPV4.PROTOCOL];
  const isAnswered = (protocol === PROTOCOL_ICMP && answerIcmp(body)) || (protocol === PROTOCOL_UDP && answerUdp(body));
  if (isAnswered) {
    packet.copyWithin(IPV4.DESTINATION, IPV4.SOURCE, IPV4.DESTINATION);
    packet.set(peer.ip, IPV4.SOURCE);
  }
  return isAnswered;
}

function answerIcmp(message: Uint8Array): boolean {
  if (message.length < ICMP.HEADER_BYTES || message[ICMP.TYPE] !== ICMP_ECHO_REQUEST || message[1] !== 0) return false;
  if (sum(message) !== 0xffff) return false;
  message[ICMP.TYPE] = ICMP_ECHO_REPLY;
  setWord(message, ICMP.CHECKSUM, 0);
  setWord(message, ICMP.CHECKSUM, ~sum(message));
  return true;
}

/** The checksum of a datagram is not looked at: the sender of an echo judges what comes back. */
function answerUdp(datagram: Uint8Array): boolean {
  if (datagram.length < UDP.HEADER_BYTES || word(datagram, UDP.DESTINATION) !== UDP_ECHO_PORT) return false;
  const source = word(datagram, UDP.SOURCE);
  // Two echo ports would answer each other for ever.
  if (word(datagram, UDP.LENGTH) !== datagram.length || source === UDP_ECHO_PORT) return false;
  setWord(datagram, UDP.SOURCE, UDP_ECHO_PORT);
  setWord(datagram, UDP.DESTINATION, source);
  return true;
}

/** Sum of 16-bit words in ones' complement (RFC 1071); over a sound header with its checksum: 0xffff. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += word(bytes, at);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

/** Network order; bytes beyond the end count as zero. */
function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (value >>> 8) & 0xff;
  bytes[at + 1] = value & 0xff;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

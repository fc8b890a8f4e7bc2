import { describe, expect, it } from 'vitest';
import { answer, PEER } from './peer.ts';

const GUEST = { mac: [0x52, 0x54, 0, 0x12, 0x34, 0x56], ip: [10, 0, 2, 15] };
const PEER_MAC = [...PEER.mac];
const PEER_IP = [...PEER.ip];
const BROADCAST = [255, 255, 255, 255, 255, 255];
const halves = (value: number): [number, number] => [value >>> 8, value & 0xff];

/** RFC 1071, written anew: the test does not trust the peer's sums. */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  bytes.forEach((byte, index) => {
    sum += index % 2 === 0 ? byte * 256 : byte;
  });
  return 0xffff - (sum % 0xffff);
}

/** In ones' complement zero and 0xffff are the same. */
const isSound = (header: readonly number[]): boolean => checksum(header) % 0xffff === 0;

const arp = (operation: number, target: number[], to = BROADCAST): number[] => [
  ...[...to, ...GUEST.mac, 0x08, 0x06],
  ...[0, 1, 8, 0, 6, 4, 0, operation, ...GUEST.mac, ...GUEST.ip, 0, 0, 0, 0, 0, 0, ...target],
];

interface Ip {
  readonly protocol: number;
  readonly body: number[];
  readonly to?: number[];
  readonly target?: number[];
  readonly fragment?: number;
  readonly options?: number[];
  readonly padding?: number[];
}

function ip({
  protocol,
  body,
  to = PEER_MAC,
  target = PEER_IP,
  fragment = 0,
  options = [],
  padding = [],
}: Ip): number[] {
  const header = [
    ...[0x45 + options.length / 4, 0, ...halves(20 + options.length + body.length)],
    ...[0x12, 0x34, ...halves(fragment), 64, protocol, 0, 0],
    ...[...GUEST.ip, ...target, ...options],
  ];
  header.splice(10, 2, ...halves(checksum(header)));
  return [...to, ...GUEST.mac, 0x08, 0x00, ...header, ...body, ...padding];
}

function echo(type: number, data: number[]): number[] {
  const message = [type, 0, 0, 0, 0xab, 0xcd, 0, 7, ...data];
  message.splice(2, 2, ...halves(checksum(message)));
  return message;
}

function udp(source: number, destination: number, data: number[]): number[] {
  return [...halves(source), ...halves(destination), ...halves(8 + data.length), 0xbe, 0xef, ...data];
}

function ask(frame: readonly number[]): number[] | undefined {
  const question = Uint8Array.from(frame);
  const reply = answer(question, PEER);
  expect([...question], 'the question is left as it was').toEqual(frame);
  return reply && [...reply];
}

describe('the peer', () => {
  it('tells its address to whoever asks for it', () => {
    for (const to of [BROADCAST, PEER_MAC]) {
      expect(ask(arp(1, PEER_IP, to))).toEqual([
        ...[...GUEST.mac, ...PEER_MAC, 0x08, 0x06],
        ...[0, 1, 8, 0, 6, 4, 0, 2, ...PEER_MAC, ...PEER_IP, ...GUEST.mac, ...GUEST.ip],
      ]);
    }
    expect(ask([...arp(1, PEER_IP), ...new Uint8Array(18)])?.length, 'padded to 60 bytes').toBe(60);
  });

  it.each([{}, { options: [1, 1, 1, 1] }, { padding: [9, 9, 9] }])('answers a ping (%o)', (extra) => {
    for (const data of [[], [1], [1, 2, 3, 4, 5], Array.from({ length: 1400 }, (_, index) => index & 0xff)]) {
      const reply = ask(ip({ protocol: 1, body: echo(8, data), ...extra })) ?? [];
      const bodyAt = 34 + ('options' in extra ? 4 : 0);
      expect(reply.slice(0, 14)).toEqual([...GUEST.mac, ...PEER_MAC, 0x08, 0x00]);
      expect(reply.slice(26, 34)).toEqual([...PEER_IP, ...GUEST.ip]);
      expect(isSound(reply.slice(14, bodyAt))).toBe(true);
      expect(reply.slice(bodyAt, bodyAt + 8 + data.length)).toEqual(echo(0, data));
    }
  });

  it('sends datagrams to its echo port back', () => {
    const reply = ask(ip({ protocol: 17, body: udp(4000, 7, [1, 2, 3]) })) ?? [];
    expect(reply.slice(0, 14)).toEqual([...GUEST.mac, ...PEER_MAC, 0x08, 0x00]);
    expect(isSound(reply.slice(14, 34))).toBe(true);
    // The pseudo-header, too, has source and destination exchanged: the checksum is as good as it was.
    expect(reply.slice(34)).toEqual(udp(7, 4000, [1, 2, 3]));
  });

  const ping = ip({ protocol: 1, body: echo(8, [1, 2, 3, 4]) });
  const changed = (at: number, to: number): number[] => ping.map((byte, index) => (index === at ? to : byte));
  it.each<[string, number[]]>([
    ['nothing', []],
    ['a header alone', ping.slice(0, 14)],
    ['another protocol', [...PEER_MAC, ...GUEST.mac, 0x86, 0xdd, ...new Uint8Array(60)]],
    ['an ARP request for another', arp(1, [10, 0, 2, 3])],
    ['an ARP reply', arp(2, PEER_IP)],
    ['an ARP request cut short', arp(1, PEER_IP).slice(0, 41)],
    ['an ARP request of another hardware', arp(1, PEER_IP).map((byte, index) => (index === 15 ? 6 : byte))],
    ['a ping for another', ip({ protocol: 1, body: echo(8, []), target: [10, 0, 2, 3] })],
    ['a ping to all', ip({ protocol: 1, body: echo(8, []), to: BROADCAST })],
    ['an answer to a ping', ip({ protocol: 1, body: echo(0, []) })],
    ['a ping with a wrong sum', [...ping.slice(0, -1), 9]],
    ['a ping cut short', ip({ protocol: 1, body: echo(8, []).slice(0, 7) })],
    ['a header with a wrong sum', changed(22, 63)],
    ['a header longer than its packet', changed(14, 0x4f)],
    ['a header shorter than any', changed(14, 0x44)],
    ['IP of version 6', changed(14, 0x65)],
    ['a packet longer than its frame', changed(16, 0xff)],
    ['a fragment', ip({ protocol: 1, body: echo(8, []), fragment: 0x2000 })],
    ['a later fragment', ip({ protocol: 1, body: echo(8, []), fragment: 1 })],
    ['TCP', ip({ protocol: 6, body: new Array(20).fill(0) })],
    ['a datagram to another port', ip({ protocol: 17, body: udp(4000, 9, []) })],
    ['a datagram from an echo port', ip({ protocol: 17, body: udp(7, 7, []) })],
    ['a datagram cut short', ip({ protocol: 17, body: udp(4000, 7, [1]).slice(0, 8) })],
    ['half a datagram', ip({ protocol: 17, body: [0, 1, 0, 7] })],
  ])('does not answer %s', (_name, frame) => {
    expect(ask(frame)).toBeUndefined();
  });
});

// Frames made and judged by the RFCs alone: the oracle of what guests send.

const bytesOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(value / 256 ** (count - 1 - index)) % 256);
const numberOf = (bytes: ArrayLike<number>, at: number, count: number): number =>
  Array.from({ length: count }, (_, index) => bytes[at + index] ?? 0).reduce((sum, byte) => sum * 256 + byte, 0);

/** RFC 1071, as a remainder: of a sound header 0. */
function checksum(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += at % 2 === 0 ? (bytes[at] ?? 0) * 256 : (bytes[at] ?? 0);
  return (0xffff - (sum % 0xffff)) % 0xffff;
}

export interface Host {
  readonly mac: readonly number[];
  readonly ip: readonly number[];
}
export const EVERYBODY = [255, 255, 255, 255, 255, 255];

const ethernet = (to: readonly number[], from: readonly number[], type: number, payload: readonly number[]) =>
  Uint8Array.from([...to, ...from, ...bytesOf(type, 2), ...payload]);

export const arpRequest = (from: Host, ip: readonly number[], to = EVERYBODY): Uint8Array =>
  ethernet(to, from.mac, 0x0806, [0, 1, 8, 0, 6, 4, 0, 1, ...from.mac, ...from.ip, 0, 0, 0, 0, 0, 0, ...ip]);

/** What is wrong with a packet, in the words of its header. */
export interface Flaws {
  readonly length?: number;
  readonly fragment?: number;
  readonly version?: number;
  readonly checksum?: number;
  readonly options?: readonly number[];
  readonly padding?: readonly number[];
}

export function ipPacket(
  from: Host,
  to: Host,
  protocol: number,
  body: readonly number[],
  flaws: Flaws = {},
): Uint8Array {
  const { options = [], padding = [] } = flaws;
  const headerBytes = 20 + options.length;
  const header = [
    ...[(flaws.version ?? 4) * 16 + headerBytes / 4, 0],
    ...bytesOf(flaws.length ?? headerBytes + body.length, 2),
    ...[0, 1, ...bytesOf(flaws.fragment ?? 0, 2), 64, protocol, 0, 0],
    ...[...from.ip, ...to.ip, ...options],
  ];
  header.splice(10, 2, ...bytesOf(flaws.checksum ?? checksum(header), 2));
  return ethernet(to.mac, from.mac, 0x0800, [...header, ...body, ...padding]);
}

export function echoRequest(number: number, data: readonly number[], sum?: number): number[] {
  const message = [8, 0, 0, 0, 0x12, 0x34, ...bytesOf(number, 2), ...data];
  message.splice(2, 2, ...bytesOf(sum ?? checksum(message), 2));
  return message;
}

const pseudoHeader = (from: readonly number[], to: readonly number[], length: number) => [
  ...[...from, ...to, 0, 17],
  ...bytesOf(length, 2),
];

export interface Datagram {
  readonly from: number;
  readonly to: number;
  readonly data: readonly number[];
  readonly length?: number;
  /** 0: none. */
  readonly checksum?: number;
}

export function udp(source: Host, target: Host, datagram: Datagram): number[] {
  const { from, to, data } = datagram;
  const length = 8 + data.length;
  const bytes = [...bytesOf(from, 2), ...bytesOf(to, 2), ...bytesOf(datagram.length ?? length, 2), 0, 0, ...data];
  const sum = datagram.checksum ?? (checksum([...pseudoHeader(source.ip, target.ip, length), ...bytes]) || 0xffff);
  bytes.splice(6, 2, ...bytesOf(sum, 2));
  return bytes;
}

/** What a sound frame says; throws for one that is not. */
export type Said =
  | { readonly kind: 'arp'; readonly mac: readonly number[]; readonly ip: readonly number[] }
  | { readonly kind: 'echo'; readonly number: number; readonly data: readonly number[] }
  | { readonly kind: 'udp'; readonly from: number; readonly to: number; readonly data: readonly number[] };

function sound(what: string, holds: boolean): void {
  if (!holds) throw new Error(`a frame is unsound: ${what}`);
}
const same = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).join() === Array.from(b).join();

/** @param from who answers, @param to who had asked */
export function readFrame(frame: Uint8Array, from: Host, to: Host): Said {
  const bytes = [...frame];
  sound('addresses', same(bytes.slice(0, 12), [...to.mac, ...from.mac]));
  const payload = bytes.slice(14);
  if (numberOf(bytes, 12, 2) === 0x0806) {
    sound('ARP reply', same(payload.slice(0, 8), [0, 1, 8, 0, 6, 4, 0, 2]) && payload.length === 28);
    sound('ARP target', same(payload.slice(18), [...to.mac, ...to.ip]));
    return { kind: 'arp', mac: payload.slice(8, 14), ip: payload.slice(14, 18) };
  }
  sound('IP', numberOf(bytes, 12, 2) === 0x0800 && payload[0] === 0x45);
  sound('IP length', numberOf(payload, 2, 2) === payload.length);
  sound('IP checksum', checksum(payload.slice(0, 20)) === 0 && numberOf(payload, 10, 2) !== 0);
  sound('IP addresses', same(payload.slice(12, 20), [...from.ip, ...to.ip]));
  const body = payload.slice(20);
  if (payload[9] === 1) {
    sound('ICMP', body[0] === 0 && body[1] === 0 && numberOf(body, 4, 2) === 0x1234 && checksum(body) === 0);
    return { kind: 'echo', number: numberOf(body, 6, 2), data: body.slice(8) };
  }
  sound('UDP', payload[9] === 17 && numberOf(body, 4, 2) === body.length && numberOf(body, 6, 2) !== 0);
  sound('UDP checksum', checksum([...pseudoHeader(from.ip, to.ip, body.length), ...body]) === 0);
  return { kind: 'udp', from: numberOf(body, 0, 2), to: numberOf(body, 2, 2), data: body.slice(8) };
}

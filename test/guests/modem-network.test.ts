// The modem's host on the network: frames made by an independent encoder go in, and what comes out is judged by it.
import { describe, expect, it } from 'vitest';
import { parseMac } from '../../src/machine/devices/virtio/network.ts';
import {
  arpRequest,
  echoRequest,
  EVERYBODY,
  type Flaws,
  type Host,
  ipPacket,
  readFrame,
  type Said,
  udp,
} from './frames.ts';
import { rtosModel } from './models.ts';
import { bootModem, DISTURBANCE_TICKS, MAC, type Modem, quietDeadline } from './modem-alone.ts';

const MODEM: Host = { mac: [...parseMac(MAC)], ip: [10, 0, 2, 15] };
const US: Host = { mac: [0x52, 0x54, 0, 0, 0, 1], ip: [10, 0, 2, 1] };
const SETTLED = 3_000_000;
const ANSWERED = 2_000_000;
const REASONS = ['short', 'length', 'checksum', 'fragment', 'not for us', 'unknown', 'busy'] as const;

const ICMP = 1;
const UDP = 17;
const ECHO = 7;
const DISCARD = 9;
const COUNT = 5001;

interface Line {
  readonly modem: Modem;
  /** Answers to each frame sent alone. */
  readonly ask: (frame: Uint8Array) => Said[];
  readonly send: (frame: Uint8Array) => void;
  readonly heard: Uint8Array[];
  readonly dropped: () => Record<string, number>;
}

function line(args?: string): Line {
  const modem = bootModem(args);
  const { machine } = modem;
  const heard: Uint8Array[] = [];
  const send = machine.attachHost('us', Uint8Array.from(US.mac), (frame) => heard.push(frame));
  machine.run(SETTLED);
  const ask = (frame: Uint8Array) => {
    heard.length = 0;
    send(frame);
    machine.run(machine.cycles + ANSWERED);
    return heard.map((answer) => readFrame(answer, MODEM, US));
  };
  const dropped = () => {
    const words = new DataView(machine.read(modem.symbol('internet_dropped'), 8 * REASONS.length).buffer);
    const counts = REASONS.map((reason, index): [string, number] => [
      reason,
      Number(words.getBigUint64(8 * index, true)),
    ]);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  };
  return { modem, ask, send, heard, dropped };
}

const data = (length: number, seed = 1): number[] => Array.from({ length }, (_, index) => (index * 7 + seed) & 255);
const echo = (number: number, bytes: number[], flaws: Flaws = {}) =>
  ipPacket(US, MODEM, ICMP, echoRequest(number, bytes), flaws);
const datagram = (to: number, bytes: readonly number[], from = 4000) =>
  ipPacket(US, MODEM, UDP, udp(US, MODEM, { from, to, data: bytes }));
const big = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** (bytes - 1 - index)) % 256);

describe('a host on the network', () => {
  it('tells its address to whom asks for it, at once and as often as asked', () => {
    const { ask } = line();
    const told = { kind: 'arp', mac: MODEM.mac, ip: MODEM.ip };
    expect(ask(arpRequest(US, MODEM.ip))).toEqual([told]);
    expect(ask(arpRequest(US, MODEM.ip, [...MODEM.mac]))).toEqual([told]);
    expect(ask(arpRequest(US, [10, 0, 2, 16]))).toEqual([]);
  });

  it('has the address of its boot arguments', () => {
    const { ask } = line('panic=halt host=77');
    expect(ask(arpRequest(US, [10, 0, 2, 77]))).toMatchObject([{ ip: [10, 0, 2, 77] }]);
  });

  it.each([0, 1, 2, 55, 56, 1001, 1472])('sends back an echo of %i bytes', (length) => {
    const { ask } = line();
    expect(ask(echo(length, data(length)))).toEqual([{ kind: 'echo', number: length, data: data(length) }]);
  });

  it('takes options, and padding that is not part of the packet', () => {
    const { ask } = line();
    const sent = echo(3, data(5), { options: [7, 4, 0, 0], padding: data(20, 9) });
    expect(ask(sent)).toEqual([{ kind: 'echo', number: 3, data: data(5) }]);
  });

  it('echoes datagrams, with a checksum or without, empty or full, and discards others', () => {
    const { ask, dropped } = line();
    for (const length of [0, 1, 1471, 1472]) {
      expect(ask(datagram(ECHO, data(length)))).toEqual([{ kind: 'udp', from: ECHO, to: 4000, data: data(length) }]);
    }
    const plain = udp(US, MODEM, { from: 5, to: ECHO, data: [1, 2, 3], checksum: 0 });
    expect(ask(ipPacket(US, MODEM, UDP, plain))).toEqual([{ kind: 'udp', from: ECHO, to: 5, data: [1, 2, 3] }]);
    expect(ask(datagram(DISCARD, data(100)))).toEqual([]);
    expect(dropped()).toEqual({});
  });

  it('counts a transfer, and what of it is missing or came late', () => {
    const { ask } = line();
    const counts = () => ask(datagram(COUNT, []));
    for (const number of [0, 1, 2, 5, 4]) expect(ask(datagram(COUNT, [...big(number, 4), ...data(96)]))).toEqual([]);
    // After 5 the next was 6: 4 is out of order, and nothing is missing by it.
    const told = [5, 500, 2, 2].flatMap((count) => big(count, 8));
    expect(counts()).toEqual([{ kind: 'udp', from: COUNT, to: 4000, data: told }]);
    ask(datagram(COUNT, big(0, 4)));
    expect(counts()).toMatchObject([{ data: [1, 4, 0, 0].flatMap((count) => big(count, 8)) }]);
  });
});

const ETHERNET_BYTES = 14;
const withMac = (frame: Uint8Array, at: number, mac: readonly number[]) => {
  const changed = frame.slice();
  changed.set(mac, at);
  return changed;
};
const hostile: [string, string, Uint8Array][] = [
  ['no payload', 'short', Uint8Array.from([...MODEM.mac, ...US.mac, 8, 0])],
  ['half an ARP request', 'short', arpRequest(US, MODEM.ip).slice(0, ETHERNET_BYTES + 27)],
  ['half an IP header', 'short', echo(1, []).slice(0, ETHERNET_BYTES + 19)],
  ['half an ICMP header', 'short', ipPacket(US, MODEM, ICMP, [8, 0, 0xf7, 0xff])],
  ['half a UDP header', 'short', ipPacket(US, MODEM, UDP, [1, 2, 3, 4, 5, 6, 7])],
  ['a packet longer than its frame', 'length', echo(1, data(8), { length: 1500 })],
  ['a packet shorter than its header', 'length', echo(1, data(8), { length: 19 })],
  [
    'a header longer than its packet',
    'length',
    ipPacket(US, MODEM, ICMP, [], { options: Array(40).fill(0), length: 40 }),
  ],
  ['a header of four words', 'length', withMac(echo(1, data(8)), ETHERNET_BYTES, [0x44])],
  [
    'a datagram shorter than its packet',
    'length',
    ipPacket(US, MODEM, UDP, udp(US, MODEM, { from: 1, to: ECHO, data: [1, 2, 3], length: 10 })),
  ],
  [
    'a datagram longer than its packet',
    'length',
    ipPacket(US, MODEM, UDP, udp(US, MODEM, { from: 1, to: ECHO, data: [1, 2, 3], length: 12 })),
  ],
  [
    'a datagram of length 0',
    'length',
    ipPacket(US, MODEM, UDP, udp(US, MODEM, { from: 1, to: ECHO, data: [], length: 0 })),
  ],
  ['a number cut off', 'length', datagram(COUNT, [0, 0, 0])],
  ['a wrong IP checksum', 'checksum', echo(1, data(8), { checksum: 0x1234 })],
  ['a wrong ICMP checksum', 'checksum', ipPacket(US, MODEM, ICMP, echoRequest(1, data(8), 0x1234))],
  [
    'a wrong UDP checksum',
    'checksum',
    ipPacket(US, MODEM, UDP, udp(US, MODEM, { from: 1, to: ECHO, data: [1], checksum: 0x1234 })),
  ],
  ['the first fragment', 'fragment', echo(1, data(8), { fragment: 0x2000 })],
  ['the last fragment', 'fragment', echo(1, data(8), { fragment: 1 })],
  ['IP version 6', 'unknown', echo(1, data(40), { version: 6 })],
  ['TCP', 'unknown', ipPacket(US, MODEM, 6, data(20))],
  ['an echo reply', 'unknown', ipPacket(US, MODEM, ICMP, [0, 0, 0xff, 0xfe, 0, 0, 0, 1])],
  ['a port that is not served', 'unknown', datagram(80, data(3))],
  ['another Ethernet type', 'unknown', withMac(echo(1, []), 12, [0x86, 0xdd])],
  ['an ARP reply', 'unknown', withMac(arpRequest(US, MODEM.ip), ETHERNET_BYTES + 7, [2])],
  ['ARP for other addresses', 'unknown', withMac(arpRequest(US, MODEM.ip), ETHERNET_BYTES + 4, [8, 6])],
  ['a packet for all', 'not for us', withMac(echo(1, []), 0, EVERYBODY)],
  ['a packet for another host', 'not for us', ipPacket(US, { ...MODEM, ip: [10, 0, 2, 16] }, ICMP, echoRequest(1, []))],
  ['from a group', 'not for us', withMac(echo(1, []), 6, [0x53, 0x54, 0, 0, 0, 1])],
  ['from itself', 'not for us', ipPacket({ ...US, ip: MODEM.ip }, MODEM, ICMP, echoRequest(1, []))],
  ['from the address for all', 'not for us', ipPacket({ ...US, ip: [10, 0, 2, 255] }, MODEM, ICMP, echoRequest(1, []))],
  [
    'from a network that it knows no way to',
    'not for us',
    ipPacket({ ...US, ip: [10, 0, 3, 1] }, MODEM, ICMP, echoRequest(1, [])),
  ],
  ['from an echo port, which would go on for ever', 'not for us', datagram(ECHO, data(3), ECHO)],
  ['from no port', 'not for us', datagram(ECHO, data(3), 0)],
];

describe('hostile frames', () => {
  it('are dropped and counted, each for its reason, and the next good one is answered', () => {
    const { ask, dropped, modem } = line();
    for (const [name, reason, frame] of hostile) {
      const { [reason]: before = 0, ...others } = dropped();
      expect([name, ask(frame)]).toEqual([name, []]);
      expect([name, dropped()]).toEqual([name, { ...others, [reason]: before + 1 }]);
    }
    expect(ask(echo(9, data(9)))).toEqual([{ kind: 'echo', number: 9, data: data(9) }]);
    expect(modem.machine.monitors[0]?.crash).toBeUndefined();
  });

  it('of every length and random content harm nobody', () => {
    const { send, ask, modem } = line();
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    };
    for (let n = 0; n < 1500; n++) {
      const frame = echo(1, data(200));
      for (let change = 0; change < 1 + (n % 6); change++) frame[12 + (random() % 40)] = random();
      send(frame.slice(0, 14 + (random() % (frame.length - 13))));
      modem.machine.run(modem.machine.cycles + 15_000);
    }
    expect(ask(echo(9, data(9)))).toContainEqual({ kind: 'echo', number: 9, data: data(9) });
    expect(modem.machine.monitors[0]?.crash).toBeUndefined();
  });
});

describe('a flood', () => {
  it('costs the control loop no deadline and no word, and service goes on after it', () => {
    const { send, ask, modem } = line();
    const { machine } = modem;
    const frame = echo(1, data(1000));
    while (machine.monitors[0]?.ended === false && machine.cycles < 150_000_000) {
      for (let n = 0; n < 20; n++) send(frame);
      machine.run(machine.cycles + 200_000);
    }
    const monitor = machine.monitors[0];
    expect(monitor?.outputs.words()).toEqual(rtosModel(0, 64));
    expect(monitor?.ended).toBe(true);
    expect(monitor?.deadlineMax).toBeLessThan(quietDeadline() + DISTURBANCE_TICKS);
    machine.run(machine.cycles + 20 * ANSWERED);
    expect(ask(echo(9, data(9)))).toEqual([{ kind: 'echo', number: 9, data: data(9) }]);
  });
});

describe('the share of the hart that peers may take', () => {
  /** Of a peer that asks again whenever it is answered, as `ping -A` does. */
  const answersIn20Ms = (afterRelease: number): number => {
    const { machine } = bootModem('panic=halt work=1000');
    const frame = echo(1, data(1472));
    let answers = 0;
    const send = machine.attachHost('us', Uint8Array.from(US.mac), () => {
      answers++;
      send(frame);
    });
    machine.run(SETTLED + afterRelease);
    send(frame);
    machine.run(machine.cycles + 20_000_000);
    return answers;
  };

  it('is as large wherever in its period the control loop runs', () => {
    const answers = [0, 10, 20, 30, 40, 500].map((us) => answersIn20Ms(us * 1000));
    // Three take more than 60 us of each period of 1 ms, two do not.
    expect(answers).toEqual([60, 60, 60, 60, 60, 60]);
  });
});

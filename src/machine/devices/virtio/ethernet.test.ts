import { describe, expect, it } from 'vitest';
import { Clock } from '../../clock.ts';
import { Ethernet } from './ethernet.ts';
import { Network, parseMac } from './network.ts';
import { STATUS, VIRTIO } from './registers.ts';
import { ToyDriver } from './toy-driver.ts';

const RECEIVE = 0;
const TRANSMIT = 1;
const LAN = [1, 2, 3].map((last) => parseMac(`52:54:00:00:00:0${last}`));
const BROADCAST = new Uint8Array(6).fill(0xff);
const HEADER = new Uint8Array(12);

function frameOf(to: Uint8Array | undefined, from: Uint8Array | undefined, ...payload: number[]): Uint8Array {
  return Uint8Array.from([...(to ?? []), ...(from ?? []), 0x88, 0xb5, ...payload]);
}

interface Station {
  readonly driver: ToyDriver;
  readonly model: Ethernet;
}

/** Three devices on one network, their drivers running, each with three receive buffers. */
function lan(): { readonly clock: Clock; readonly network: Network; readonly stations: Station[] } {
  const clock = new Clock();
  const network = new Network(clock);
  const stations = LAN.map((mac, index) => {
    const model = new Ethernet({ network, port: `port${index}`, mac });
    const driver = new ToyDriver(model, clock, `virtio${index}`);
    driver.start();
    return { driver, model };
  });
  return { clock, network, stations };
}

/** Buffers for frames; returns where they are. */
function listen(station: Station | undefined, count: number, room = 1526): number[] {
  const buffers = Array.from({ length: count }, () => station?.driver.offer(RECEIVE, [], [room]) ?? []);
  station?.driver.notify(RECEIVE);
  return buffers.flat();
}

function send(station: Station | undefined, frame: Uint8Array, header = HEADER): void {
  station?.driver.offer(TRANSMIT, [header, frame], []);
  station?.driver.notify(TRANSMIT);
  station?.driver.advance(100_000);
}

/** Frames that arrived in those buffers, each checked for its header. */
function heard(station: Station | undefined, buffers: readonly number[]): number[][] {
  return (station?.driver.used(RECEIVE) ?? []).map(({ written }, index) => {
    const packet = [...(station?.driver.bytes(buffers[index] ?? 0, written) ?? [])];
    expect(packet.slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    return packet.slice(12);
  });
}

describe('a virtio network device', () => {
  it('tells its address and that the link is up', () => {
    const { stations } = lan();
    const driver = stations[1]?.driver;
    expect(driver?.get(VIRTIO.DEVICE_ID)).toBe(1);
    expect([driver?.get(VIRTIO.CONFIG), driver?.get(VIRTIO.CONFIG + 4)]).toEqual([0x00005452, 0x0001_0200]);
    driver?.put(VIRTIO.DEVICE_FEATURES_SELECT, 0);
    expect(driver?.get(VIRTIO.DEVICE_FEATURES)).toBe(0x1001_0020);
  });

  it('carries a frame to whom it is for, and to nobody else', () => {
    const { stations } = lan();
    const buffers = stations.map((station) => listen(station, 3));
    const frame = frameOf(LAN[2], LAN[0], 1, 2, 3);
    send(stations[0], frame);
    expect(stations.map((station, index) => heard(station, buffers[index] ?? []))).toEqual([[], [], [[...frame]]]);
    expect([stations[0]?.driver.pin, stations[2]?.driver.pin]).toEqual([true, true]);
  });

  it.each([
    ['for all', BROADCAST],
    ['for a group', Uint8Array.of(0x33, 0x33, 0, 0, 0, 1)],
    ['for nobody known', Uint8Array.of(2, 0, 0, 0, 0, 9)],
  ])('carries a frame %s to all others', (_name, to) => {
    const { stations } = lan();
    const buffers = stations.map((station) => listen(station, 3));
    const frame = frameOf(to, LAN[1], 4);
    send(stations[1], frame);
    expect(stations.map((station, index) => heard(station, buffers[index] ?? []))).toEqual([
      [[...frame]],
      [],
      [[...frame]],
    ]);
  });

  it('is not led astray by a forged sender, nor talks to itself', () => {
    const { stations } = lan();
    const buffers = stations.map((station) => listen(station, 3));
    send(stations[0], frameOf(BROADCAST, LAN[1], 1));
    send(stations[2], frameOf(LAN[1], LAN[2], 2));
    send(stations[2], frameOf(LAN[2], LAN[0], 3));
    const last = stations.map((station, index) => heard(station, buffers[index] ?? []).map((frame) => frame.at(-1)));
    expect(last).toEqual([[], [1, 2], [1]]);
  });

  it('takes a fixed time to a receiver', () => {
    const { clock, stations } = lan();
    listen(stations[1], 1);
    const [first, second] = stations;
    first?.driver.offer(TRANSMIT, [HEADER, frameOf(LAN[1], LAN[0])], []);
    first?.driver.notify(TRANSMIT);
    const start = clock.now;
    // 2 us to be sent, 12 us on the way, 2 us to be received.
    second?.driver.advance(15_999);
    expect(second?.driver.used(RECEIVE)).toEqual([]);
    second?.driver.advance(1);
    expect(second?.driver.used(RECEIVE)).toHaveLength(1);
    expect(clock.now - start).toBe(16_000);
  });

  it('keeps frames until there are buffers, and loses those beyond a bound', () => {
    const { stations } = lan();
    const [first, second] = stations;
    for (let i = 0; i < 70; i++) send(first, frameOf(LAN[1], LAN[0], i));
    expect(second?.model.save().lost).toBe(6);
    expect(second?.model.save().backlog).toHaveLength(64);
    const buffers = listen(second, 2);
    second?.driver.advance(100_000);
    expect(heard(second, buffers).map((frame) => frame.at(-1))).toEqual([0, 1]);
    second?.driver.put(VIRTIO.STATUS, 0);
    expect(second?.model.save().backlog).toEqual([]);
  });

  it('loses a frame that its buffer cannot hold, and goes on with the next', () => {
    const { stations } = lan();
    const buffers = listen(stations[1], 1, 12 + 16);
    send(stations[0], frameOf(LAN[1], LAN[0], 1, 2, 3));
    send(stations[0], frameOf(LAN[1], LAN[0], 8, 9));
    expect(heard(stations[1], buffers).map((frame) => frame.at(-1))).toEqual([9]);
    expect(stations[1]?.model.save().lost).toBe(1);
  });

  it.each([
    ['no frame', 0, HEADER],
    ['a frame too short for its header', 13, HEADER],
    ['a frame too long', 1519, HEADER],
    ['an absurd frame', 0x10000, HEADER],
    ['a checksum left to the device', 60, Uint8Array.of(1, ...HEADER.slice(1))],
    ['segmentation left to the device', 60, Uint8Array.of(0, 1, ...HEADER.slice(2))],
  ])('is broken by %s', (_name, length, header) => {
    const { stations } = lan();
    send(stations[0], new Uint8Array(length), header);
    expect((stations[0]?.driver.get(VIRTIO.STATUS) ?? 0) & STATUS.NEEDS_RESET).not.toBe(0);
    expect(stations.slice(1).map(({ driver }) => driver.device.fault)).toEqual([undefined, undefined]);
  });

  it('takes frames of the least and the greatest length', () => {
    const { stations } = lan();
    const buffers = listen(stations[1], 2, 12 + 1518);
    send(stations[0], frameOf(LAN[1], LAN[0]));
    send(stations[0], frameOf(LAN[1], LAN[0], ...new Uint8Array(1504)));
    expect(heard(stations[1], buffers).map((frame) => frame.length)).toEqual([14, 1518]);
  });

  it('goes on after a restore with what was on its way', () => {
    const { clock, network, stations } = lan();
    listen(stations[1], 2);
    for (const payload of [1, 2]) {
      stations[0]?.driver.offer(TRANSMIT, [HEADER, frameOf(LAN[1], LAN[0], payload)], []);
      stations[0]?.driver.notify(TRANSMIT);
    }
    stations[0]?.driver.advance(8_000);
    expect(network.save().transit).toHaveLength(2);
    const state = structuredClone({
      clock: clock.save(),
      network: network.save(),
      devices: stations.map(({ driver }) => driver.device.save()),
      ram: stations.map(({ driver }) => driver.ram.bytes),
    });
    const other = lan();
    other.stations.forEach(({ driver }, index) => {
      const device = state.devices[index];
      if (device !== undefined) driver.device.restore(device);
      driver.ram.bytes.set(state.ram[index] ?? []);
    });
    other.network.restore(state.network);
    other.clock.restore(state.clock);
    for (const each of [stations[1], other.stations[1]]) each?.driver.advance(100_000);
    expect(other.stations[1]?.driver.used(RECEIVE)).toHaveLength(2);
    const [mine, copied] = [stations[1], other.stations[1]].map((station) => station?.driver.ram.bytes ?? HEADER);
    expect(Buffer.compare(mine ?? HEADER, copied ?? HEADER)).toBe(0);
  });
});

describe('the network', () => {
  it('carries a bounded number of frames at once', () => {
    const clock = new Clock();
    const network = new Network(clock);
    const arrived: number[] = [];
    network.attach('in', parseMac('02:00:00:00:00:01'), (frame) => arrived.push(frame[14] ?? 0));
    const put = network.attach('out', parseMac('02:00:00:00:00:02'), () => {});
    for (let i = 0; i < 300; i++) put(frameOf(BROADCAST, LAN[0], i & 0xff));
    put(new Uint8Array(13));
    expect([network.save().transit.length, network.save().lost]).toEqual([256, 45]);
    clock.now += 12_000;
    clock.runDue();
    expect(arrived).toEqual(Array.from({ length: 256 }, (_, index) => index));
  });

  it('refuses a second port of the same name or address', () => {
    const network = new Network(new Clock());
    network.attach('a', parseMac('02:00:00:00:00:01'), () => {});
    expect(() => network.attach('a', parseMac('02:00:00:00:00:02'), () => {})).toThrow('two devices at the port a');
    expect(() => network.attach('b', parseMac('02:00:00:00:00:01'), () => {})).toThrow('have the same MAC address');
    for (const bad of ['', '02:00', '02-00-00-00-00-01', '02:00:00:00:00:0g', '03:00:00:00:00:01']) {
      expect(() => parseMac(bad)).toThrow(RangeError);
    }
  });
});

import { describe, expect, it } from 'vitest';
import type { Chain } from './chain.ts';
import { DESCRIPTOR } from './descriptors.ts';
import { EmptySlot } from './empty-slot.ts';
import { broken, done, type RequestService, type Served, type VirtioModel, WAITING } from './model.ts';
import { INTERRUPT, STATUS, VIRTIO } from './registers.ts';
import { ENTRIES, OWNER, TOY_RAM, ToyDriver } from './toy-driver.ts';

/** Answers with the bytes it was given, doubled; a first byte of 1 breaks it, of 2 makes it wait until 2s are welcome. */
class Doubler implements VirtioModel {
  readonly deviceId = 42;
  readonly features = 0b101;
  readonly queues = 2;
  readonly config = Uint8Array.of(1, 2, 3, 4, 5);
  readonly latencyCycles = 100;
  request: RequestService = () => {};
  resets = 0;
  patient = true;

  connect(request: RequestService): void {
    this.request = request;
  }

  serve(_queue: number, chain: Chain): Served {
    const bytes = chain.read(0, chain.readableBytes);
    if (bytes[0] === 1) return broken('a one');
    if (bytes[0] === 2 && this.patient) return WAITING;
    chain.write(
      0,
      bytes.map((byte) => 2 * byte),
    );
    return done(Math.min(bytes.length, chain.writableBytes));
  }

  reset(): void {
    this.resets++;
  }

  save(): unknown {
    return { patient: this.patient };
  }

  restore(state: { patient: boolean }): void {
    this.patient = state.patient;
  }
}

function started(): { driver: ToyDriver; model: Doubler } {
  const model = new Doubler();
  const driver = new ToyDriver(model);
  driver.start();
  return { driver, model };
}

describe('an empty slot', () => {
  it('says that it is one', () => {
    const slot = new EmptySlot('virtio3');
    expect([VIRTIO.MAGIC, VIRTIO.VERSION, VIRTIO.DEVICE_ID, VIRTIO.VENDOR_ID].map((at) => slot.read(at, 4, 0))).toEqual(
      [0x74726976, 2, 0, 0],
    );
    expect([slot.write(), slot.read(VIRTIO.STATUS, 4, 0), slot.save()]).toEqual([true, 0, {}]);
  });
});

describe('the registers', () => {
  it('identify the device', () => {
    const driver = new ToyDriver(new Doubler());
    expect([VIRTIO.MAGIC, VIRTIO.VERSION, VIRTIO.DEVICE_ID].map((at) => driver.get(at))).toEqual([0x74726976, 2, 42]);
    expect(driver.get(VIRTIO.SHARED_LENGTH_LOW)).toBe(0xffff_ffff);
    expect([
      driver.device.registerName(0x70),
      driver.device.registerName(0x104),
      driver.device.registerName(4000),
    ]).toEqual(['STATUS', 'CONFIG', 'CONFIG']);
    expect(driver.device.registerName(0x28)).toBe('unimplemented');
  });

  it('read the configuration space in any width', () => {
    const { device } = new ToyDriver(new Doubler());
    expect([device.read(0x100, 4, 0), device.read(0x101, 1, 0), device.read(0x102, 2, 0)]).toEqual([
      0x04030201, 2, 0x0403,
    ]);
    expect(device.read(0x104, 4, 0)).toBe(0xffff_ff05);
    expect(device.write(0x100, 1, 9, 0)).toBe(true);
    expect(device.read(0x100, 1, 0)).toBe(1);
  });

  it('have no effect in other widths', () => {
    const { device } = new ToyDriver(new Doubler());
    device.write(VIRTIO.STATUS, 1, 1, OWNER);
    expect([device.read(VIRTIO.STATUS, 4, 0), device.read(VIRTIO.MAGIC, 2, 0)]).toEqual([0, 0]);
  });

  it('accept features only as a subset of those offered, with VERSION_1', () => {
    const driver = new ToyDriver(new Doubler());
    const settle = (low: number, high: number): number => {
      driver.put(VIRTIO.STATUS, 0);
      driver.put(VIRTIO.DRIVER_FEATURES_SELECT, 0);
      driver.put(VIRTIO.DRIVER_FEATURES, low);
      driver.put(VIRTIO.DRIVER_FEATURES_SELECT, 1);
      driver.put(VIRTIO.DRIVER_FEATURES, high);
      driver.put(VIRTIO.DRIVER_FEATURES_SELECT, 7);
      driver.put(VIRTIO.DRIVER_FEATURES, 0xffff_ffff);
      driver.put(VIRTIO.STATUS, STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK | STATUS.DRIVER_OK);
      return driver.get(VIRTIO.STATUS);
    };
    driver.put(VIRTIO.DEVICE_FEATURES_SELECT, 0);
    expect(driver.get(VIRTIO.DEVICE_FEATURES)).toBe(0x1000_0005);
    driver.put(VIRTIO.DEVICE_FEATURES_SELECT, 1);
    expect(driver.get(VIRTIO.DEVICE_FEATURES)).toBe(1);
    driver.put(VIRTIO.DEVICE_FEATURES_SELECT, 2);
    expect(driver.get(VIRTIO.DEVICE_FEATURES)).toBe(0);
    expect([settle(4, 1), settle(0, 1)]).toEqual([0xf, 0xf]);
    expect([settle(4, 0), settle(2, 1), settle(0, 3), settle(0, 0)]).toEqual([3, 3, 3, 3]);
  });

  it('know queues by number and size', () => {
    const driver = new ToyDriver(new Doubler());
    const sizes = [0, 1, 2, 0xffff_ffff].map((queue) => {
      driver.put(VIRTIO.QUEUE_SELECT, queue);
      driver.put(VIRTIO.QUEUE_SIZE, 8);
      driver.put(VIRTIO.QUEUE_READY, 0);
      return driver.get(VIRTIO.QUEUE_SIZE_MAX);
    });
    expect(sizes).toEqual([256, 256, 0, 0]);
    expect(driver.get(VIRTIO.QUEUE_READY)).toBe(0);
  });
});

describe('a queue', () => {
  it('is served a fixed time after its notification, as the owner of the device', () => {
    const { driver } = started();
    const [answer = 0] = driver.offer(1, [Uint8Array.of(3, 4), Uint8Array.of(5)], [8]);
    driver.notify(1);
    driver.advance(99);
    expect([driver.used(1), driver.pin]).toEqual([[], false]);
    driver.advance(1);
    expect(driver.used(1)).toEqual([{ head: 0, written: 3 }]);
    expect([...driver.bytes(answer, 4)]).toEqual([6, 8, 10, 0xee]);
    expect([...driver.ram.worlds]).toEqual([OWNER]);
  });

  it('interrupts by level until it is acknowledged', () => {
    const { driver } = started();
    driver.ask(0, [Uint8Array.of(3)], [1]);
    expect([driver.pin, driver.get(VIRTIO.INTERRUPT_STATUS)]).toEqual([true, INTERRUPT.USED]);
    driver.put(VIRTIO.INTERRUPT_ACK, INTERRUPT.CONFIG);
    expect(driver.pin).toBe(true);
    driver.put(VIRTIO.INTERRUPT_ACK, INTERRUPT.USED);
    expect([driver.pin, driver.get(VIRTIO.INTERRUPT_STATUS)]).toEqual([false, 0]);
    driver.ram.view.setUint16(driver.areas(0).available - TOY_RAM.base, 1, true);
    driver.ask(0, [Uint8Array.of(3)], [1]);
    expect([driver.used(0).length, driver.pin], 'the driver wants no interrupts').toEqual([2, false]);
  });

  it('keeps the bytes of a chain waiting before the next is served', () => {
    const { driver } = started();
    driver.offer(0, [new Uint8Array(400)], [400]);
    driver.offer(0, [Uint8Array.of(7)], [1]);
    driver.notify(0);
    driver.advance(100);
    expect(driver.used(0)).toHaveLength(1);
    driver.advance(199);
    expect(driver.used(0)).toHaveLength(1);
    driver.advance(1);
    expect(driver.used(0)).toHaveLength(2);
    driver.advance(1000);
    expect(driver.clock.nextCycle()).toBe(Number.POSITIVE_INFINITY);
  });

  it('wraps its indices at 2^16', () => {
    const { driver } = started();
    const state = driver.device.save();
    driver.device.restore({ ...state, queues: state.queues.map((queue) => ({ ...queue, returned: 0xfffe })) });
    const { available, used } = driver.areas(0);
    driver.ram.view.setUint16(available - TOY_RAM.base + 2, 0xfffe, true);
    for (let round = 0; round < 4; round++) driver.ask(0, [Uint8Array.of(round + 3)], [1]);
    expect(driver.device.fault).toBeUndefined();
    expect(driver.ram.view.getUint16(used - TOY_RAM.base + 2, true)).toBe(2);
    const heads = [6, 7, 0, 1].map((place) => driver.ram.view.getUint32(used - TOY_RAM.base + 4 + 8 * place, true));
    expect(heads).toEqual([0, 2, 4, 6]);
  });

  it('waits for DRIVER_OK, and for its model', () => {
    const model = new Doubler();
    const driver = new ToyDriver(model);
    driver.begin();
    driver.setUp(0);
    driver.offer(0, [Uint8Array.of(2)], [1]);
    driver.notify(0);
    driver.advance(1000);
    expect(driver.used(0)).toEqual([]);
    driver.put(VIRTIO.STATUS, driver.get(VIRTIO.STATUS) | STATUS.DRIVER_OK);
    driver.advance(1000);
    expect(driver.used(0), 'the model waits').toEqual([]);
    model.patient = false;
    model.request(0);
    driver.advance(100);
    expect(driver.used(0)).toHaveLength(1);
  });

  it('takes indirect tables, after other descriptors too', () => {
    const { driver } = started();
    const table = driver.place(new Uint8Array(32));
    const answer = driver.place(new Uint8Array(4));
    driver.describe(table, 0, { paddr: driver.place(Uint8Array.of(9)), length: 1, flags: DESCRIPTOR.NEXT, next: 1 });
    driver.describe(table, 1, { paddr: answer, length: 4, flags: DESCRIPTOR.WRITE });
    const { descriptors } = driver.areas(0);
    driver.describe(descriptors, 3, {
      paddr: driver.place(Uint8Array.of(8)),
      length: 1,
      flags: DESCRIPTOR.NEXT,
      next: 5,
    });
    // WRITE means nothing on the way to a table (2.7.5.3.2).
    driver.describe(descriptors, 5, { paddr: table, length: 32, flags: DESCRIPTOR.INDIRECT | DESCRIPTOR.WRITE });
    driver.publish(0, 3);
    driver.notify(0);
    driver.advance(100);
    expect(driver.used(0)).toEqual([{ head: 3, written: 2 }]);
    expect([...driver.bytes(answer, 3)]).toEqual([16, 18, 0]);
  });

  it('stops when it is no longer ready, and begins anew', () => {
    const { driver } = started();
    driver.offer(0, [Uint8Array.of(3)], [1]);
    driver.notify(0);
    driver.put(VIRTIO.QUEUE_SELECT, 0);
    driver.put(VIRTIO.QUEUE_READY, 0);
    driver.advance(1000);
    expect(driver.used(0)).toEqual([]);
    driver.setUp(0);
    driver.ask(0, [Uint8Array.of(3)], [1]);
    expect(driver.used(0)).toEqual([{ head: 0, written: 1 }]);
  });

  it('is deaf to changes while it is ready', () => {
    const { driver } = started();
    driver.put(VIRTIO.QUEUE_SELECT, 0);
    driver.put(VIRTIO.QUEUE_SIZE, 3);
    driver.put(VIRTIO.QUEUE_USED_LOW, 1);
    driver.put(VIRTIO.QUEUE_READY, 1);
    expect([...driver.ask(0, [Uint8Array.of(3)], [1])]).toEqual([6]);
  });
});

describe('a device', () => {
  it('forgets everything on a reset, and fires no more', () => {
    const { driver, model } = started();
    driver.offer(0, [Uint8Array.of(3)], [1]);
    driver.ask(1, [Uint8Array.of(3)], [1]);
    driver.notify(0);
    driver.put(VIRTIO.STATUS, 0);
    expect([driver.pin, driver.get(VIRTIO.STATUS), driver.get(VIRTIO.INTERRUPT_STATUS)]).toEqual([false, 0, 0]);
    expect([driver.get(VIRTIO.QUEUE_READY), driver.clock.nextCycle(), model.resets]).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      2,
    ]);
    driver.start();
    expect([...driver.ask(0, [Uint8Array.of(4)], [1])]).toEqual([8]);
  });

  it('goes on after a restore as if nothing had been', () => {
    const { driver, model } = started();
    driver.offer(0, [Uint8Array.of(3)], [1]);
    driver.notify(0);
    driver.offer(1, [Uint8Array.of(2)], [1]);
    driver.notify(1);
    driver.advance(50);
    const state = structuredClone({ device: driver.device.save(), clock: driver.clock.save(), ram: driver.ram.bytes });
    const other = new ToyDriver(new Doubler());
    other.device.restore(state.device);
    other.clock.restore(state.clock);
    other.ram.bytes.set(state.ram);
    for (const each of [driver, other]) each.advance(60);
    expect(other.used(0)).toEqual([{ head: 0, written: 1 }]);
    model.patient = false;
    for (const each of [driver, other]) each.advance(1000);
    expect([other.pin, other.device.save().notified]).toEqual([true, 0]);
    expect(Buffer.compare(other.ram.bytes, driver.ram.bytes)).toBe(0);
  });
});

describe('a broken queue', () => {
  const NEXT = DESCRIPTOR.NEXT;
  const BUFFER = TOY_RAM.base + 0x20_0000;
  const RAM_END = TOY_RAM.base + TOY_RAM.size;

  /** What the device makes of a chain that begins at descriptor 0 of queue 0. */
  function faultOf(arrange: (driver: ToyDriver, table: number) => void): string | undefined {
    const { driver } = started();
    arrange(driver, driver.areas(0).descriptors);
    if (driver.ram.view.getUint16(driver.areas(0).available - TOY_RAM.base + 2, true) === 0) driver.publish(0, 0);
    driver.notify(0);
    driver.advance(10_000);
    const { fault } = driver.device;
    const isBroken = fault !== undefined;
    expect(driver.get(VIRTIO.STATUS)).toBe(isBroken ? 0x4f : 0x0f);
    expect(driver.get(VIRTIO.INTERRUPT_STATUS)).toBe(isBroken ? INTERRUPT.CONFIG : INTERRUPT.USED);
    expect([driver.pin, driver.used(0).length]).toEqual([true, isBroken ? 0 : 1]);
    expect(driver.ram.accesses).toBeLessThan(128);
    // It stays so, deaf to notifications, until the driver resets it.
    driver.ram.accesses = 0;
    driver.notify(0);
    driver.advance(10_000);
    if (isBroken) expect([driver.ram.accesses, driver.device.fault]).toEqual([0, fault]);
    driver.start();
    expect([driver.get(VIRTIO.STATUS), driver.device.fault]).toEqual([0x0f, undefined]);
    expect([...driver.ask(0, [Uint8Array.of(4)], [1])]).toEqual([8]);
    return fault;
  }

  it.each<[string, string | undefined, (driver: ToyDriver, table: number) => void]>([
    [
      'a chain as long as the queue',
      undefined,
      (driver, table) => {
        for (let index = 0; index < ENTRIES; index++) {
          driver.describe(table, index, {
            paddr: BUFFER,
            length: 1,
            flags: index < ENTRIES - 1 ? NEXT : 0,
            next: index + 1,
          });
        }
      },
    ],
    [
      'a descriptor that leads to itself',
      'a chain of more than 8 descriptors',
      (driver, table) => driver.describe(table, 0, { paddr: BUFFER, length: 1, flags: NEXT, next: 0 }),
    ],
    [
      'a circle',
      'a chain of more than 8 descriptors',
      (driver, table) => {
        driver.describe(table, 0, { paddr: BUFFER, length: 1, flags: NEXT, next: 1 });
        driver.describe(table, 1, { paddr: BUFFER, length: 1, flags: NEXT, next: 0 });
      },
    ],
    ['an empty buffer anywhere', undefined, (driver, table) => driver.describe(table, 0, { paddr: 0, length: 0 })],
    [
      'a buffer below RAM',
      'a buffer at 0x1000, outside RAM',
      (driver, table) => driver.describe(table, 0, { paddr: 0x1000, length: 8 }),
    ],
    [
      'a buffer across the end of RAM',
      `a buffer at 0x${(RAM_END - 4).toString(16)}, outside RAM`,
      (driver, table) => driver.describe(table, 0, { paddr: RAM_END - 4, length: 8 }),
    ],
    [
      'a buffer beyond all numbers',
      'a buffer at 0x10000000000000000, outside RAM',
      (driver, table) => {
        driver.describe(table, 0, { paddr: 0, length: 8 });
        driver.ram.view.setBigUint64(table - TOY_RAM.base, 2n ** 64n - 1n, true);
      },
    ],
    [
      'an absurd length',
      'a chain of more than 268435456 bytes',
      (driver, table) => driver.describe(table, 0, { paddr: TOY_RAM.base, length: 0xffff_ffff }),
    ],
    [
      'a chain of absurd length',
      'a chain of more than 268435456 bytes',
      (driver, table) => {
        driver.put(VIRTIO.QUEUE_SELECT, 0);
        driver.put(VIRTIO.QUEUE_READY, 0);
        driver.setUp(0, 128);
        for (let index = 0; index < 128; index++) {
          driver.describe(table, index, { paddr: TOY_RAM.base, length: 0x3f_0000, flags: NEXT, next: index + 1 });
        }
      },
    ],
    ['a head out of range', 'descriptor 8 of a table of 8', (driver) => driver.publish(0, ENTRIES)],
    [
      'a next out of range',
      'descriptor 65535 of a table of 8',
      (driver, table) => driver.describe(table, 0, { paddr: BUFFER, length: 1, flags: NEXT, next: 0xffff }),
    ],
    ['more chains than entries', '9 chains in a queue of 8', (driver) => driver.publish(0, 0, ENTRIES + 1)],
    ['an index that runs backwards', '65535 chains in a queue of 8', (driver) => driver.publish(0, 0, -1)],
    [
      'a readable buffer behind a writable one',
      'a readable buffer behind a writable one',
      (driver, table) => {
        driver.describe(table, 0, { paddr: BUFFER, length: 1, flags: NEXT | DESCRIPTOR.WRITE, next: 1 });
        driver.describe(table, 1, { paddr: BUFFER, length: 1 });
      },
    ],
    [
      'a table in the middle of a chain',
      'an indirect table in the middle of a chain',
      (driver, table) => driver.describe(table, 0, { paddr: BUFFER, length: 16, flags: DESCRIPTOR.INDIRECT | NEXT }),
    ],
    [
      'a table in a table',
      'an indirect table in an indirect table',
      (driver, table) => {
        driver.describe(table, 0, { paddr: BUFFER, length: 16, flags: DESCRIPTOR.INDIRECT });
        driver.describe(BUFFER, 0, { paddr: BUFFER, length: 16, flags: DESCRIPTOR.INDIRECT });
      },
    ],
    [
      'a table further down in a table',
      'an indirect table in an indirect table',
      (driver, table) => {
        driver.describe(table, 0, { paddr: BUFFER, length: 32, flags: DESCRIPTOR.INDIRECT });
        driver.describe(BUFFER, 0, { paddr: BUFFER, length: 1, flags: NEXT, next: 1 });
        driver.describe(BUFFER, 1, { paddr: BUFFER, length: 16, flags: DESCRIPTOR.INDIRECT });
      },
    ],
    [
      'a table with a circle',
      'a chain of more than 8 descriptors',
      (driver, table) => {
        driver.describe(table, 0, { paddr: BUFFER, length: 16, flags: DESCRIPTOR.INDIRECT });
        driver.describe(BUFFER, 0, { paddr: BUFFER, length: 1, flags: NEXT, next: 0 });
      },
    ],
    [
      'a table that leads out of itself',
      'descriptor 1 of a table of 1',
      (driver, table) => {
        driver.describe(table, 0, { paddr: BUFFER, length: 16, flags: DESCRIPTOR.INDIRECT });
        driver.describe(BUFFER, 0, { paddr: BUFFER, length: 1, flags: NEXT, next: 1 });
      },
    ],
    ...[0, 15, 17, 16 * (ENTRIES + 1), 0xffff_fff0].map(
      (length): [string, string, (driver: ToyDriver, table: number) => void] => [
        `a table of ${length} bytes`,
        `an indirect table of ${length} bytes`,
        (driver, table) => driver.describe(table, 0, { paddr: BUFFER, length, flags: DESCRIPTOR.INDIRECT }),
      ],
    ),
    [
      'a table outside RAM',
      `a descriptor table at 0x${(RAM_END - 8).toString(16)}, outside RAM`,
      (driver, table) => driver.describe(table, 0, { paddr: RAM_END - 8, length: 16, flags: DESCRIPTOR.INDIRECT }),
    ],
    ['what its model does not understand', 'a one', (driver) => driver.offer(0, [Uint8Array.of(1)], [])],
  ])('%s', (_name, expected, arrange) => {
    expect(faultOf(arrange)).toBe(expected);
  });

  it.each<[string, { entries?: number; table?: number }, string]>([
    ['no entries', { entries: 0 }, 'a queue of 0 entries'],
    ['entries that are no power of two', { entries: 12 }, 'a queue of 12 entries'],
    ['too many entries', { entries: 512 }, 'a queue of 512 entries'],
    ['absurdly many entries', { entries: 0x8000_0000 }, 'a queue of 2147483648 entries'],
    ['a misaligned table', { table: 8 }, 'a misaligned queue area at 0x8'],
    ['a table outside RAM', { table: 0 }, 'a queue area at 0x0, outside RAM'],
    [
      'a table at the end of RAM',
      { table: RAM_END - 16 },
      `a queue area at 0x${(RAM_END - 16).toString(16)}, outside RAM`,
    ],
  ])('set up with %s', (_name, { entries = 8, table = TOY_RAM.base }, expected) => {
    const driver = new ToyDriver(new Doubler());
    driver.begin();
    driver.put(VIRTIO.QUEUE_SIZE, entries);
    driver.put(VIRTIO.QUEUE_AVAILABLE_LOW, TOY_RAM.base);
    driver.put(VIRTIO.QUEUE_USED_LOW, TOY_RAM.base);
    driver.put(VIRTIO.QUEUE_DESCRIPTORS_LOW, table);
    driver.put(VIRTIO.QUEUE_READY, 1);
    expect(driver.device.fault).toBe(expected);
    expect([driver.get(VIRTIO.QUEUE_READY), driver.get(VIRTIO.STATUS), driver.pin]).toEqual([0, 0x4b, false]);
    driver.put(VIRTIO.STATUS, driver.get(VIRTIO.STATUS) | STATUS.DRIVER_OK);
    expect(driver.get(VIRTIO.STATUS), "NEEDS_RESET is not the driver's to clear").toBe(0x4f);
  });
});

import { describe, expect, it } from 'vitest';
import { Bus } from './bus.ts';
import type { Device } from './devices/device.ts';
import { REFUSED } from './devices/device.ts';

/** Notes each access; refuses offset 12. */
function device(name: string, log: string[]): Device {
  return {
    name,
    size: 16,
    read(offset, width, world) {
      log.push(`${name} r${width} ${offset} by ${world}`);
      return offset === 12 ? REFUSED : 0xf000_0000 + offset;
    },
    write(offset, width, value, world) {
      log.push(`${name} w${width} ${offset} = ${value.toString(16)} by ${world}`);
      return offset !== 12;
    },
    save: () => ({ name }),
    restore: (state) => log.push(`${name} restored ${JSON.stringify(state)}`),
  };
}

function newBus(): { bus: Bus; log: string[] } {
  const log: string[] = [];
  const bus = new Bus([
    { base: 0x2000, size: 16, device: device('b', log), owner: 1 },
    { base: 0x1000, size: 16, device: device('a', log), owner: -1 },
  ]);
  return { bus, log };
}

describe('the bus', () => {
  it('finds the device of an address and nothing beside it', () => {
    const { bus } = newBus();
    expect(bus.find(0x1000)?.device.name).toBe('a');
    expect(bus.find(0x200f)?.device.name).toBe('b');
    for (const absent of [0, 0xfff, 0x1010, 0x1fff, 0x2010, 2 ** 40]) {
      expect(bus.find(absent)).toBeUndefined();
      expect(bus.read(absent, 1, 0)).toBe(false);
      expect(bus.write(absent, 1, 0, 0, 0)).toBe(false);
      expect(bus.owners(absent, 1, 0, true)).toEqual([]);
    }
  });

  it('splits 64-bit accesses, low half first', () => {
    const { bus, log } = newBus();
    expect(bus.read(0x2000, 8, 2)).toBe(true);
    expect([bus.low, bus.high]).toEqual([0xf000_0000, 0xf000_0004]);
    expect(bus.write(0x2000, 8, -1, 0x1234, 2)).toBe(true);
    expect(log).toEqual(['b r4 0 by 2', 'b r4 4 by 2', 'b w4 0 = ffffffff by 2', 'b w4 4 = 1234 by 2']);
  });

  it('hands narrow stores only their own bits', () => {
    const { bus, log } = newBus();
    bus.write(0x1001, 1, 0xabcd, 0, 0);
    bus.write(0x1002, 2, 0xabcdef, 0, 0);
    expect(log).toEqual(['a w1 1 = cd by 0', 'a w2 2 = cdef by 0']);
    expect(bus.read(0x1002, 2, 0)).toBe(true);
    expect(bus.high).toBe(0);
  });

  it('refuses misaligned accesses without asking the device', () => {
    const { bus, log } = newBus();
    expect(bus.read(0x1001, 2, 0)).toBe(false);
    expect(bus.read(0x1002, 4, 0)).toBe(false);
    expect(bus.write(0x1004, 8, 0, 0, 0)).toBe(false);
    expect(log).toEqual([]);
  });

  it('passes a refusal of either half on', () => {
    const { bus } = newBus();
    expect(bus.read(0x100c, 4, 0)).toBe(false);
    expect(bus.read(0x1008, 8, 0)).toBe(false);
    expect(bus.write(0x1008, 8, 0, 0, 0)).toBe(false);
  });

  it('names the owner of the row, or whom the device names', () => {
    const { bus } = newBus();
    expect(bus.owners(0x2000, 4, 0, true)).toEqual([1]);
    const shared: Device = { ...device('c', []), owners: (offset, _width, value) => [offset / 4, value] };
    const other = new Bus([{ base: 0, size: 16, device: shared, owner: -1 }]);
    expect(other.owners(4, 4, 7, true)).toEqual([1, 7]);
    expect(other.owners(0, 8, 7, true, 1)).toEqual([0, 7, 1]);
  });

  it('saves and restores devices by name and refuses overlapping ones', () => {
    const { bus, log } = newBus();
    expect(bus.save()).toEqual({ a: { name: 'a' }, b: { name: 'b' } });
    bus.restore(bus.save());
    expect(log).toEqual(['a restored {"name":"a"}', 'b restored {"name":"b"}']);
    expect(() => bus.restore({})).toThrow('no state of a');
    const overlapping = { base: 0x1008, size: 16, device: device('c', []), owner: 0 };
    expect(() => new Bus([...bus.mappings, overlapping])).toThrow('overlaps');
  });
});

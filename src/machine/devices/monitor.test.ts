import { describe, expect, it } from 'vitest';
import { LAYER, REFUSED } from './device.ts';
import { MONITOR, Monitor } from './monitor.ts';

class Harness {
  cycle = 0;
  readonly events: string[] = [];
  readonly monitor = new Monitor({
    guest: 1,
    now: () => this.cycle,
    onPhase: (guest, id) => this.events.push(`phase ${id} of ${guest}`),
    onEnd: (guest) => this.events.push(`end of ${guest}`),
  });

  store(register: number, value: bigint, world = 1): void {
    this.monitor.write(register, 4, Number(value & 0xffff_ffffn), world);
    this.monitor.write(register + 4, 4, Number(value >> 32n), world);
  }

  load(register: number): bigint {
    return BigInt(this.monitor.read(register, 4, 1)) | (BigInt(this.monitor.read(register + 4, 4, 1)) << 32n);
  }
}

describe('a monitor page', () => {
  it('says who it is and hands out the mailbox', () => {
    const h = new Harness();
    expect(new TextDecoder().decode(Uint32Array.of(h.monitor.read(MONITOR.MAGIC, 4, 1)))).toBe('taco');
    expect(h.load(MONITOR.GUEST)).toBe(1n);
    expect(h.load(MONITOR.BUG)).toBe(0n);
    h.monitor.setMailbox({ bug: 1n, target: 0x8000_0000_0000_0001n, value: 2n ** 64n - 1n, work: 7n, args: [5n, 6n] });
    expect([MONITOR.BUG, MONITOR.TARGET, MONITOR.VALUE, MONITOR.WORK].map((register) => h.load(register))).toEqual([
      1n,
      0x8000_0000_0000_0001n,
      2n ** 64n - 1n,
      7n,
    ]);
    expect([0, 8, 56].map((offset) => h.load(MONITOR.ARG + offset))).toEqual([5n, 6n, 0n]);
    h.store(MONITOR.BUG, 9n);
    expect(h.load(MONITOR.BUG), 'read-only').toBe(1n);
  });

  it('commits a register with the store to its high half', () => {
    const h = new Harness();
    h.monitor.write(MONITOR.OUTPUT, 4, 5, 1);
    expect(h.monitor.outputs.count).toBe(0);
    h.monitor.write(MONITOR.OUTPUT + 4, 4, 1, 1);
    expect(h.monitor.outputs.words()).toEqual([0x1_0000_0005n]);
    expect(h.load(MONITOR.OUTPUT), 'write-only').toBe(0n);
  });

  it('digests the words that count, in their order, and notes when the last of them came', () => {
    const run = (words: bigint[]): string => {
      const h = new Harness();
      h.monitor.setDigestWords(3);
      for (const word of words) {
        h.cycle += 10;
        h.store(MONITOR.OUTPUT, word);
      }
      expect(h.monitor.completedCycle).toBe(words.length >= 3 ? 30 : -1);
      return h.monitor.digest();
    };
    expect(run([1n, 2n, 3n, 4n])).toBe(run([1n, 2n, 3n]));
    expect(run([1n, 2n, 3n])).not.toBe(run([2n, 1n, 3n]));
    expect(run([1n, 2n, 3n])).not.toBe(run([1n, 2n, 3n << 32n]));
    expect(run([1n, 2n])).not.toBe(run([1n, 2n, 0n]));
  });

  it('samples the sensor by seed and index only', () => {
    const sample = (seed: number, index: bigint): bigint => {
      const h = new Harness();
      h.monitor.setSeed(seed);
      h.store(MONITOR.SENSOR_INDEX, index);
      expect(h.load(MONITOR.SENSOR_INDEX)).toBe(index);
      return h.load(MONITOR.SENSOR);
    };
    expect(sample(1, 5n)).toBe(sample(1, 5n));
    const samples = [sample(1, 5n), sample(1, 6n), sample(2, 5n), sample(1, 5n + 2n ** 32n)];
    expect(new Set(samples).size).toBe(4);
    const h = new Harness();
    h.store(MONITOR.SENSOR_INDEX, 5n);
    h.monitor.setSeed(1);
    expect(h.load(MONITOR.SENSOR), 'a new seed shows at once').toBe(sample(1, 5n));
  });

  it('collects heartbeats, phases, deadlines, reports, the crash and the end', () => {
    const h = new Harness();
    h.cycle = 3;
    h.store(MONITOR.HEARTBEAT, 0n);
    h.store(MONITOR.PHASE, 2n);
    h.cycle = 8;
    h.store(MONITOR.PHASE, 3n);
    h.store(MONITOR.DEADLINE, (1n << 32n) | 40n);
    h.store(MONITOR.DEADLINE, (2n << 32n) | 30n);
    h.store(MONITOR.REPORT, 0xdeadn);
    h.store(MONITOR.CRASH, 13n);
    h.store(MONITOR.CRASH, 5n);
    h.store(MONITOR.END, 1n);
    h.store(MONITOR.END, 1n);
    expect(h.monitor.heartbeats).toBe(1);
    expect(h.monitor.phaseMarks()).toEqual([
      { id: 2, cycle: 3 },
      { id: 3, cycle: 8 },
    ]);
    expect([h.monitor.deadlines.count, h.monitor.deadlineMax, h.monitor.deadlines.high(1)]).toEqual([2, 40, 2]);
    expect(h.monitor.reports.words()).toEqual([0xdeadn]);
    expect([h.monitor.crash, h.monitor.crashes.count]).toEqual([13n, 2]);
    expect([h.monitor.ended, h.monitor.endedCycle]).toEqual([true, 8]);
    expect(h.events).toEqual(['phase 2 of 1', 'phase 3 of 1', 'end of 1']);
  });

  it('counts and drops what any other world stores, the layer too', () => {
    const h = new Harness();
    const before = h.monitor.save();
    h.monitor.write(MONITOR.OUTPUT, 4, 77, 1);
    h.monitor.write(MONITOR.OUTPUT, 4, 88, 0);
    h.monitor.write(MONITOR.OUTPUT + 4, 4, 88, LAYER);
    expect(h.monitor.outputs.count).toBe(0);
    expect(h.monitor.foreignStores).toBe(2);
    h.monitor.write(MONITOR.OUTPUT + 4, 4, 0, 1);
    expect(h.monitor.outputs.words(), 'the latched half is untouched').toEqual([77n]);
    expect(h.monitor.save().digest).not.toEqual(before.digest);
  });

  it('keeps a bounded amount of what a guest sends', () => {
    const h = new Harness();
    for (let index = 0; index < 3000; index++) {
      for (const register of [MONITOR.OUTPUT, MONITOR.PHASE, MONITOR.DEADLINE, MONITOR.REPORT, MONITOR.CRASH]) {
        h.store(register, BigInt(index));
      }
    }
    const { outputs, phases, deadlines, reports, crashes } = h.monitor;
    expect([outputs.kept, phases.kept, deadlines.kept, reports.kept, crashes.kept]).toEqual([256, 1024, 1024, 1024, 1]);
    expect([outputs.count, phases.count, deadlines.count]).toEqual([3000, 3000, 3000]);
    expect(h.monitor.phaseMarks()).toHaveLength(1024);
    expect(h.monitor.deadlineMax).toBe(2999);
  });

  it('refuses other widths and what lies beyond its registers', () => {
    const { monitor } = new Harness();
    expect(monitor.read(0, 1, 1)).toBe(REFUSED);
    for (const offset of [0x78, 0x7c, 0xc0, 0xffc]) {
      expect(monitor.read(offset, 4, 1)).toBe(REFUSED);
      expect(monitor.write(offset, 4, 0, 1)).toBe(false);
      expect(monitor.registerName(offset)).toBe('unimplemented');
    }
    expect([monitor.registerName(0x1c), monitor.registerName(0xb8)]).toEqual(['OUTPUT', 'ARG7']);
  });

  it('goes on after a restore as it would have gone', () => {
    const h = new Harness();
    h.monitor.setSeed(4);
    h.monitor.setDigestWords(40);
    h.monitor.setMailbox({ bug: 1n, target: 2n, value: 3n, work: 4n, args: [] });
    for (let index = 0; index < 20; index++) {
      h.store(MONITOR.OUTPUT, BigInt(index));
      h.store(MONITOR.PHASE, BigInt(index));
    }
    h.monitor.write(MONITOR.OUTPUT, 4, 99, 1);
    const state = structuredClone(h.monitor.save());
    const other = new Harness();
    other.monitor.restore(state);
    expect(other.monitor.save()).toEqual(state);
    for (const each of [h, other]) {
      each.monitor.write(MONITOR.OUTPUT + 4, 4, 1, 1);
      each.store(MONITOR.SENSOR_INDEX, 3n);
    }
    expect(other.monitor.save()).toEqual(h.monitor.save());
  });
});

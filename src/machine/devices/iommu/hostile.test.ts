// Garbage in registers, tables and queues, from whoever can write them: never an exception of the host, bounded work, and the
// same outcome each time.

import { describe, expect, it } from 'vitest';
import { StateHash } from '../../hash.ts';
import { Random } from '../toy-random.ts';
import { TOY_RAM } from '../virtio/toy-driver.ts';
import { IOMMU } from './registers.ts';
import { AT, DEVICE, GPA, PTE, ToyHypervisor } from './toy-hypervisor.ts';

const ROUNDS = 24_000;
/** A directory of three levels, tables of four, a fault record. */
const ACCESSES_PER_TRANSLATION = 3 + 4 + 1;
/** An entry of the queue, what a fence stores. */
const ACCESSES_PER_COMMAND = 2;
const TABLES = Object.values(AT) as [number, ...number[]];
/** No RAM. */
const NOWHERE = 0x1000;
/** Entries that an access of GPA uses. */
const LIVE = [
  AT.DIRECTORY + 32 * DEVICE,
  AT.DIRECTORY + 32 * DEVICE + 8,
  AT.ROOT + 8 * Math.floor(GPA / 2 ** 30),
  AT.MIDDLE + 8 * (Math.floor(GPA / 2 ** 21) % 512),
] as const;

class Saboteur {
  readonly h = new ToyHypervisor();
  readonly random: Random;
  readonly causes = new Set<number>();
  arrived = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.h.mapPage();
    this.h.start();
  }

  /** Often near what means something. */
  doubleword(): bigint {
    const { random } = this;
    const any = (BigInt(random.word()) << 32n) | BigInt(random.word());
    const page = BigInt((random.oneIn(3) ? NOWHERE : random.pick(...TABLES)) >>> 12);
    const flags = BigInt(random.below(256)) | (random.oneIn(8) ? PTE.N : 0n);
    return random.pick(any, (page << 10n) | flags, (page << 10n) | 1n, page | (BigInt(random.below(16)) << 60n), flags);
  }

  address(): number {
    const { random } = this;
    return random.pick(
      GPA,
      GPA,
      random.word(),
      random.word() * 2 ** 21,
      2 ** 64,
      TOY_RAM.base + random.below(TOY_RAM.size),
    );
  }

  act(): void {
    const { h, random } = this;
    h.ram.accesses = 0;
    switch (random.below(4)) {
      case 0: {
        const at = !random.oneIn(4) ? random.pick(...LIVE) : random.pick(...TABLES) + 8 * random.below(512);
        h.store(at, this.doubleword());
        return;
      }
      case 1:
        h.set(random.pick(random.below(1024) * 4, ...Object.values(IOMMU)), Number(this.doubleword() & 0xffff_ffffn));
        expect(h.ram.accesses, 'a register access').toBe(0);
        return;
      case 2: {
        const device = random.pick(DEVICE, DEVICE, random.below(128), random.below(2 ** 24));
        const result = h.access(this.address(), random.oneIn(2), device);
        if (result < 512) this.causes.add(result);
        else this.arrived++;
        expect(h.ram.accesses).toBeLessThanOrEqual(ACCESSES_PER_TRANSLATION);
        return;
      }
      default:
        h.clock.now += random.below(200);
        if (h.clock.nextCycle() <= h.clock.now) {
          h.clock.now = h.clock.nextCycle();
          h.clock.runDue();
          expect(h.ram.accesses).toBeLessThanOrEqual(ACCESSES_PER_COMMAND);
        }
        // Now and then all is as it should be.
        if (random.oneIn(4)) {
          h.mapPage();
          h.start();
          h.forget();
        }
    }
  }

  digest(): string {
    const hash = new StateHash();
    hash.value({ iommu: this.h.iommu.save(), clock: this.h.clock.save() });
    hash.bytes(this.h.ram.bytes);
    return hash.hex();
  }
}

describe('an IOMMU that is given garbage', () => {
  it('answers with the causes there are, after bounded work, over and over alike', () => {
    const first = new Saboteur(1);
    const second = new Saboteur(1);
    for (let round = 0; round < ROUNDS; round++) {
      first.act();
      second.act();
      if (round === ROUNDS / 2) {
        const state = structuredClone(second.h.iommu.save());
        second.h.iommu.restore(state);
        expect(second.h.iommu.save()).toEqual(state);
      }
    }
    expect(second.digest()).toBe(first.digest());
    expect(
      [...first.causes].sort((a, b) => a - b),
      'each of them was met',
    ).toEqual([5, 7, 21, 23, 256, 257, 258, 259, 260]);
    expect(first.arrived).toBeGreaterThan(10);
  });
});

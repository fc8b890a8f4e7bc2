import { describe, expect, it } from 'vitest';
import { constants, layouts } from '../../images/index.ts';
import { readBuiltImage } from '../../test/built-images.ts';
import type { WorldsRule } from '../machine/index.ts';
import type { BootMachine, BootPlan, OwnedRange } from './boot.ts';
import { bootScenario, planBoots } from './boot.ts';
import { openImages } from './image-set.ts';
import { loadScenario } from './load.ts';
import { findMode } from './modes.ts';

const text = `
machine: { ram: 64M }
guests:
  first: { image: rtos, memory: 0x80400000+4M, priority: 2, budget: 2ms/10ms, bound: 200us }
  second: { image: rtos, memory: 0x81000000+8M, dma: false }
`;
const loaded = loadScenario('two.yaml', text);
const images = openImages(loaded, readBuiltImage);
const plans = (mode: string): BootPlan[] => planBoots(findMode(mode), loaded.scenario, images);

function onlyPlan(mode: string): BootPlan {
  const [plan, ...rest] = plans(mode);
  if (plan === undefined || rest.length > 0) throw new Error(`${mode} does not boot exactly once`);
  return plan;
}

function configOf(plan: BootPlan): DataView {
  const bytes = plan.loads.find(({ name }) => name === 'config')?.bytes ?? new Uint8Array();
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const u64 = (view: DataView, at: number): bigint => view.getBigUint64(at, true);

interface ConfigRegion {
  readonly guest: number;
  readonly base: bigint;
  readonly size: bigint;
  readonly perms: number;
}

function regionsOf(plan: BootPlan): ConfigRegion[] {
  const view = configOf(plan);
  const { fields, size } = layouts.region_config;
  return Array.from({ length: view.getUint32(layouts.config.fields.region_count.offset, true) }, (_, index) => {
    const at = layouts.config.fields.regions.offset + index * size;
    expect(u64(view, at + fields.gpa.offset)).toBe(u64(view, at + fields.spa.offset));
    return {
      guest: view.getUint32(at + fields.guest.offset, true),
      base: u64(view, at + fields.gpa.offset),
      size: u64(view, at + fields.size.offset),
      perms: view.getUint32(at + fields.perms.offset, true),
    };
  });
}

describe('the configuration block', () => {
  it('says who runs, where and how', () => {
    const view = configOf(onlyPlan('colocated'));
    const { fields } = layouts.config;
    const guest = (index: number, field: keyof typeof layouts.guest_config.fields): number =>
      fields.guests.offset + index * layouts.guest_config.size + layouts.guest_config.fields[field].offset;
    expect(u64(view, fields.magic.offset)).toBe(constants.CONFIG_MAGIC);
    expect(view.getUint32(fields.guest_count.offset, true)).toBe(2);
    expect(view.getUint32(fields.scheduling.offset, true)).toBe(constants.SCHEDULE_BUDGET);
    expect(u64(view, guest(0, 'ram_base'))).toBe(0x8040_0000n);
    expect(u64(view, guest(1, 'entry'))).toBe(0x8100_0000n);
    expect(u64(view, guest(1, 'dtb'))).toBe(0x817f_0000n);
    expect(u64(view, guest(0, 'budget'))).toBe(20_000n);
    expect(u64(view, guest(1, 'period'))).toBe(0n);
    expect(u64(view, guest(0, 'sources'))).toBe((1n << 10n) | (1n << 16n) | (1n << 24n));
    expect(u64(view, guest(1, 'sources'))).toBe((1n << 11n) | (1n << 25n));
    expect(view.getUint32(guest(0, 'priority'), true)).toBe(2);
    expect(view.getUint32(guest(1, 'uart'), true)).toBe(1);
  });

  it('sends the firmware to the guest in native and to the hypervisor with H kept in virtualized', () => {
    const { next_entry: entry, next_arg: argument, keep_h: keep } = layouts.config.fields;
    const [, second] = plans('native');
    const native = configOf(second ?? onlyPlan('native'));
    expect(u64(native, entry.offset)).toBe(0x8100_0000n);
    expect(u64(native, argument.offset)).toBe(0x817f_0000n);
    expect(native.getUint32(keep.offset, true)).toBe(0);
    const virtualized = configOf(onlyPlan('virtualized'));
    expect(u64(virtualized, entry.offset)).toBe(0x8020_0000n);
    expect(u64(virtualized, argument.offset)).toBe(BigInt(constants.CONFIG_BASE));
    expect(virtualized.getUint32(keep.offset, true)).toBe(1);
  });
});

describe('modes', () => {
  it('native boots each guest alone', () => {
    const [first, second, ...rest] = plans('native');
    expect(rest).toEqual([]);
    expect(first?.guests.map(({ name }) => name)).toEqual(['first']);
    expect(second?.guests.map(({ name }) => name)).toEqual(['second']);
    expect(second?.worlds).toEqual({ machineMode: 'firmware', supervisorMode: 'guest', only: 1 });
    expect(second?.ownership.some(({ owner }) => owner === 0)).toBe(false);
  });

  const basesOf = (mode: string, guest: number): bigint[] =>
    regionsOf(onlyPlan(mode))
      .filter((region) => region.guest === guest)
      .map(({ base }) => base);

  it('virtualized maps to a guest its slot and its own devices, and nothing else', () => {
    expect(basesOf('virtualized', 0)).toEqual([0x8040_0000n, 0x1000_0000n, 0x1002_0000n, 0x1004_0000n]);
    expect(basesOf('virtualized', 1)).toEqual([0x8100_0000n, 0x1001_0000n, 0x1002_1000n]);
  });

  it('partitioned gives to a guest the same, and the PLIC', () => {
    for (const guest of [0, 1]) {
      expect(basesOf('partitioned', guest)).toEqual([...basesOf('virtualized', guest), 0x0c00_0000n]);
    }
  });

  it('colocated and partitioned differ in the configuration block alone', () => {
    const differing = (plan: BootPlan): object => ({
      ...plan,
      mode: '',
      loads: plan.loads.filter(({ name }) => name !== 'config'),
    });
    expect(differing(onlyPlan('partitioned'))).toEqual(differing(onlyPlan('colocated')));
    const { pmp_module: flag } = layouts.config.fields;
    expect(configOf(onlyPlan('colocated')).getUint32(flag.offset, true)).toBe(0);
    expect(configOf(onlyPlan('partitioned')).getUint32(flag.offset, true)).toBe(1);
  });

  it('open maps all RAM and every device but the PLIC to every guest', () => {
    const plan = onlyPlan('open');
    const plic = 0x0c00_0000n;
    for (const guest of [0, 1]) {
      const regions = regionsOf(plan).filter((region) => region.guest === guest);
      expect(regions[0]).toEqual({ guest, base: 0x8000_0000n, size: 2n ** 26n, perms: 7 });
      expect(regions.some(({ base, size }) => base <= plic && plic < base + size)).toBe(false);
      expect(regions.map(({ base }) => base)).toEqual(expect.arrayContaining([0x10_0000n, 0x200_0000n, 0x1004_1000n]));
    }
    expect(u64(configOf(plan), layouts.config.fields.vplic_sources.offset)).toBe(0xffff_ffff_ffff_ffffn);
  });

  it('open and virtualized differ in table data alone', () => {
    const data = (plan: BootPlan): object[] => plan.loads.filter(({ name }) => name !== 'config');
    expect(data(onlyPlan('open'))).toEqual(data(onlyPlan('virtualized')));
    expect(onlyPlan('open').worlds).toEqual(onlyPlan('virtualized').worlds);
  });

  it('load the same guests and device trees in every mode', () => {
    const guests = (mode: string): object[] =>
      plans(mode).flatMap((plan) => plan.loads.filter(({ name }) => /^(first|second)/.test(name)));
    for (const mode of ['colocated', 'partitioned', 'open', 'virtualized'])
      expect(guests(mode)).toEqual(guests('native'));
  });

  it('give every byte of RAM one owner', () => {
    for (const mode of ['native', 'colocated', 'partitioned', 'open', 'virtualized']) {
      for (const plan of plans(mode)) {
        let next = 0x8000_0000;
        for (const { base, size } of plan.ownership) {
          expect(base).toBe(next);
          next = base + size;
        }
        expect(next).toBe(0x8400_0000);
      }
    }
    expect(onlyPlan('virtualized').ownership).toEqual([
      { base: 0x8000_0000, size: 0x18_0000, owner: 'firmware' },
      { base: 0x8018_0000, size: 0x28_0000, owner: 'layer' },
      { base: 0x8040_0000, size: 0x40_0000, owner: 0 },
      { base: 0x8080_0000, size: 0x80_0000, owner: 'free' },
      { base: 0x8100_0000, size: 0x80_0000, owner: 1 },
      { base: 0x8180_0000, size: 0x280_0000, owner: 'free' },
    ]);
  });

  it('load nothing outside the part of RAM that it is for', () => {
    for (const mode of ['native', 'colocated', 'partitioned', 'open', 'virtualized']) {
      for (const plan of plans(mode)) {
        for (const guest of plan.guests) {
          for (const load of plan.loads.filter(({ name }) => name.split('.')[0] === guest.name)) {
            expect(load.base).toBeGreaterThanOrEqual(guest.memory.base);
            expect(load.base + load.bytes.length).toBeLessThanOrEqual(guest.memory.base + guest.memory.size);
          }
        }
      }
    }
  });
});

describe('booting', () => {
  it('writes, says who owns what, and starts in M-mode with the configuration block', () => {
    const calls: string[] = [];
    const plan = onlyPlan('virtualized');
    const machine: BootMachine = {
      write: (paddr) => void calls.push(`write ${paddr.toString(16)}`),
      ownership: (ranges: readonly OwnedRange[]) => void calls.push(`ownership of ${ranges.length}`),
      worlds: (rule: WorldsRule) => void calls.push(`worlds ${rule.roots?.length}`),
      start: (entry, a0, a1) => void calls.push(`start ${entry.toString(16)} ${a0} ${a1.toString(16)}`),
    };
    expect(bootScenario(() => machine, plan)).toBe(machine);
    expect(calls).toContain('write 80180000');
    expect(calls.slice(-3)).toEqual(['ownership of 6', 'worlds 2', 'start 80000000 0 80180000']);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootProbe } from './boot-rig.ts';
import type { ReachRow } from './records.ts';
import { mergeReach, type ProbeRig, pageCount, sweepFetches, sweepPages, sweepRegisters } from './sweep.ts';

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, args: "panic=halt" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, args: "panic=halt map=own" }
`;
/** 4 MiB of firmware and layer, 4 MiB of unix. */
const FOREIGN_PAGES = 1024 + 1024;

const loaded = loadScenario('small.yaml', SCENARIO);
const images = openImages(loaded, readBuiltImage);
const boot = (mode: string, guest = 0): ProbeRig => bootProbe(findMode(mode), loaded.scenario, images, guest);

const sum = (rows: readonly ReachRow[], field: 'tried' | 'reached') =>
  rows.reduce((total, row) => total + row[field], 0);
const of = (rows: readonly ReachRow[], access: ReachRow['access']) => rows.filter((row) => row.access === access);

describe('the page sweep', () => {
  it.each(['colocated', 'open'])('reaches every foreign page in %s, by load, store and fetch', (mode) => {
    const at = boot(mode);
    expect(pageCount(at)).toBe(FOREIGN_PAGES);
    const rows = [...sweepPages(at), ...sweepFetches(at, 0, pageCount(at))];
    for (const access of ['r', 'w', 'x'] as const) {
      expect([sum(of(rows, access), 'reached'), sum(of(rows, access), 'tried')]).toEqual([
        FOREIGN_PAGES,
        FOREIGN_PAGES,
      ]);
    }
  });

  it.each(['partitioned', 'virtualized'])('reaches none in %s', (mode) => {
    const at = boot(mode);
    const rows = [...sweepPages(at), ...sweepFetches(at, 0, pageCount(at))];
    expect(sum(rows, 'tried')).toBe(3 * FOREIGN_PAGES);
    expect(sum(rows, 'reached')).toBe(0);
  });

  it('goes through both slots', () => {
    const at = boot('colocated', 1);
    expect(pageCount(at)).toBe(1024 + 512);
    expect(sum(sweepPages(at), 'reached')).toBe(2 * pageCount(at));
  });

  it('gives the same rows in pieces', () => {
    const at = boot('virtualized');
    const whole = sweepFetches(at, 0, 300);
    expect(mergeReach([...sweepFetches(at, 100, 300), ...sweepFetches(at, 0, 100)])).toEqual(mergeReach(whole));
  });

  it('refuses to go on when ledger and probe disagree', () => {
    const at = boot('colocated');
    Object.defineProperty(at.rig.machine.ledger, 'entries', { get: () => [] });
    expect(() => sweepPages(at)).toThrow('the ledger saw nothing, and yet the probe was not refused');
  });
});

describe('the sweep of registers', () => {
  let rows: Record<string, ReachRow[]>;
  beforeAll(() => {
    rows = Object.fromEntries(
      ['colocated', 'partitioned', 'open', 'virtualized'].map((mode) => [mode, mergeReach(sweepRegisters(boot(mode)))]),
    );
  });
  const reached = (mode: string, resource: string, access: 'r' | 'w') =>
    rows[mode]?.find((row) => row.resource === resource && row.access === access)?.reached;

  it('tries each foreign register once for load and store, and none of the guest’s own', () => {
    const at = boot('colocated');
    const addresses = at.registers.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(sum(rows.colocated ?? [], 'tried')).toBe(2 * addresses.length);
    expect(addresses).toContain(0x0c00_0000 + 4 * 17);
    expect(addresses).not.toContain(0x0c00_0000 + 4 * 16);
    expect(addresses).not.toContain(0x1000_0000);
    expect(addresses).toContain(0x1001_0000);
  });

  it('reaches timer, reset and monitor where nothing is between, and nothing at all in virtualized', () => {
    for (const resource of ['clint', 'finisher', 'foreign-monitor', 'foreign-uart', 'foreign-dma', 'doorbell']) {
      for (const mode of ['colocated', 'open']) expect(reached(mode, resource, 'w'), resource).toBeGreaterThan(0);
    }
    expect(sum(rows.virtualized ?? [], 'reached')).toBe(0);
    const others = (rows.partitioned ?? []).filter(({ resource }) => resource !== 'plic');
    expect(sum(others, 'reached')).toBe(0);
    expect(sum(rows.virtualized ?? [], 'tried')).toBeGreaterThan(200);
  });

  it('reaches the neighbour’s interrupt source through the layer in open', () => {
    expect(reached('open', 'plic', 'w')).toBeGreaterThan(0);
    expect(reached('colocated', 'plic', 'w')).toBeGreaterThan(reached('open', 'plic', 'w') ?? Number.NaN);
    // Address alone does not tell sources apart: a window opens all of it or none.
    expect(reached('partitioned', 'plic', 'w')).toBe(reached('colocated', 'plic', 'w'));
  });
});

it('registers are the same in every mode, else rows could not be compared', () => {
  const of = (mode: string) => boot(mode).registers;
  expect(of('open')).toEqual(of('virtualized'));
  expect(of('colocated')).toEqual(of('virtualized'));
  expect(of('partitioned')).toEqual(of('virtualized'));
});

describe('the disk of a neighbour', () => {
  const withDisk = loadScenario('disk.yaml', SCENARIO.replace('priority: 1,', 'priority: 1, disk: 64K,'));
  const disks = openImages(withDisk, readBuiltImage);
  const probe = (mode: string, guest: number): ProbeRig => bootProbe(findMode(mode), withDisk.scenario, disks, guest);
  const RTOS = 0;
  const UNIX = 1;
  /** Of virtio slot 1: QEMU's `virt` has it there, with that source. */
  const SLOT = 0x1000_2000;
  const PRIORITY = 0x0c00_0000 + 4 * 2;

  it('is swept from the other guest, with its interrupt source, and is its owner’s own', () => {
    const addresses = (guest: number) => probe('colocated', guest).registers.map(({ address }) => address);
    expect(addresses(RTOS)).toEqual(expect.arrayContaining([SLOT, SLOT + 0x70, SLOT + 0x100, PRIORITY]));
    const slot = (address: number) => address >= SLOT && address < SLOT + 0x1000;
    expect(addresses(UNIX).filter((address) => slot(address) || address === PRIORITY)).toEqual([]);
    expect(boot('colocated').registers.filter(({ address }) => slot(address))).toEqual([]);
  });

  it.each([
    ['colocated', true],
    ['open', true],
    ['partitioned', false],
    ['virtualized', false],
  ])('is reached in %s: %s', (mode, all) => {
    const at = probe(mode, RTOS);
    const rows = mergeReach(sweepRegisters(at)).filter(({ resource }) => resource === 'foreign-disk');
    expect(rows).toHaveLength(2);
    for (const { tried, reached } of rows) expect(reached).toBe(all ? tried : 0);
    expect(at.rig.symbolAt(SLOT + 0x70)).toBe('unix:disk+0x70');
  });
});

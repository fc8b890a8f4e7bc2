import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootRows, bootsLong, measureBoot } from './boot-cost.ts';

const TEXT = `
machine: { ram: 16M }
factors: { restart: never }
guests:
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 4, bound: 50ms, args: "panic=halt map=own work=24" }
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 4, bound: 300us, args: "panic=halt work=40" }
warmup: 20ms
`;
const { scenario } = loadScenario('boot.yaml', TEXT);
const images = openImages(loadScenario('boot.yaml', TEXT), readBuiltImage);
const [unix] = scenario.guests;
if (unix === undefined) throw new RangeError('there is no unix');

const MODES = ['native', 'colocated', 'virtualized'];
const rows = bootRows(MODES.flatMap((mode) => measureBoot(findMode(mode), scenario, images, unix) ?? []));

describe('the boot of a guest', () => {
  it('is measured up to its first mark in every mode', () => {
    expect(rows.map(({ mode }) => mode)).toEqual(MODES);
    for (const { elapsed, cycles, layerCycles } of rows) expect(elapsed).toBeGreaterThan(cycles + layerCycles - 1);
  });

  it('has a cause for each exit', () => {
    for (const { entries, causes } of rows) {
      const caused = causes.reduce((sum, { count }) => sum + count, 0);
      // The mark may come while the layer is at work for it.
      expect(Math.abs(entries - caused)).toBeLessThanOrEqual(1);
      expect(entries).toBeGreaterThan(0);
    }
    const names = new Map(rows.map(({ mode, causes }) => [mode, causes.map(({ cause }) => cause)]));
    expect(names.get('native')).toContain('call from S-mode');
    expect(names.get('virtualized')).toContain('call from VS-mode');
  });

  it.each(['native', 'colocated', 'virtualized'])(
    'has its own exits alone beside a guest on another hart, when %s',
    (mode) => {
      const text = TEXT.replace('restart: never', 'restart: never, cpus: dedicated');
      const apart = loadScenario('boot.yaml', text);
      const own = openImages(apart, readBuiltImage);
      for (const guest of apart.scenario.guests) {
        const row = measureBoot(findMode(mode), apart.scenario, own, guest);
        const caused = row?.causes.reduce((sum, { count }) => sum + count, 0) ?? Number.NaN;
        expect(caused).toBe(row?.entries);
        expect(row?.entries).toBeGreaterThan(0);
      }
    },
  );

  it('walks longer where there are two stages, and costs more than in native', () => {
    const [native, colocated, virtualized] = rows;
    const each = (row = native) => (row?.references ?? 0) / (row?.refills ?? 0);
    // Sv39 and leaves of 4 KiB: up to three references; each of them, and the page itself, goes through the second stage.
    expect(each()).toBeGreaterThan(1);
    expect(each()).toBeLessThanOrEqual(3);
    expect(each(colocated)).toBeLessThanOrEqual(3);
    expect(each(virtualized)).toBeGreaterThan(6);
    expect(each(virtualized)).toBeLessThanOrEqual(15);
    expect(native?.ratio).toBe(1);
    expect(virtualized?.ratio).toBeGreaterThan(1);
    for (const { walkCycles, refills, references } of rows) expect(walkCycles).toBe(2 * refills + 4 * references);
  });

  it('is measured of kernels that have a warm-up, and of no others', () => {
    expect(bootsLong(scenario)).toEqual([]);
    const stranger = { ...unix, image: { kind: 'file', path: 'guests/debian/vmlinux' } } as const;
    expect(bootsLong({ ...scenario, guests: [stranger] })).toEqual([stranger]);
    const { warmupTicks: _, ...cold } = scenario;
    expect(bootsLong({ ...cold, guests: [stranger] })).toEqual([]);
  });
});

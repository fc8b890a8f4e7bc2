// What the hypervisor makes of an IOMMU: a guest's devices reach what the guest reaches, wherever its memory lies, and no
// transfer that goes astray costs anybody else anything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';
import type { Booted, BootOptions, ModeName } from './boot-guests.ts';
import { bootAssembled, bootPlan, END, report, runToEnd, runUntil, SHARED_MODES, slotOf } from './boot-guests.ts';
import { transferOf, WORKER } from './snippets.ts';

const CYCLES = 4_000_000;
const DONE = 2n;
const FAILED = 6n;
const NEIGHBOUR = slotOf(1) + 0x10_0000;

/** Starts what `transferOf` told it, waits for the end; t0 = status. */
const START = `
  li t0, 1
  sw t0, 24(s4)
901:
  lw t0, 28(s4)
  andi t1, t0, 1
  bnez t1, 901b
`;
const ONCE = (to: string | number): string => `
  li t0, 0x1234
  li t1, DATA
  sd t0, 0(t1)
  ${transferOf(64, 'DATA', String(to))}
  ${START}
  ${report('t0')}`;
const IDLE = '1: wfi\n j 1b';

const boot = (mode: ModeName, source: string, options: BootOptions = {}): Booted =>
  bootAssembled(mode, [{ source }, { source: IDLE }], { iommu: true, ...options });

const neighbours = ({ machine }: Booted): number => machine.read(NEIGHBOUR, 64).reduce((sum, byte) => sum + byte, 0);

describe('a DMA channel behind an IOMMU', () => {
  it.each(SHARED_MODES)('serves its guest, when %s', (mode) => {
    const booted = boot(mode, `${ONCE('DATA + 4096')} ${END}`);
    booted.machine.run(CYCLES);
    expect(booted.reports(0)).toEqual([DONE]);
    expect(booted.machine.read(slotOf(0) + 0x10_1000, 2)).toEqual(Uint8Array.of(0x34, 0x12));
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('reaches no neighbour, when virtualized: an error for the guest, a record for the hypervisor', () => {
    const booted = boot('virtualized', `${ONCE(NEIGHBOUR)} ${END}`);
    booted.machine.run(CYCLES);
    expect(booted.reports(0)).toEqual([FAILED]);
    expect(neighbours(booted)).toBe(0);
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.layerVariable('iommu_faults')).toBe(1);
    expect(booted.machine.layerConsole.text()).toBe('');
  });

  it.each(['colocated', 'partitioned', 'open'] as const)('reaches one, when %s', (mode) => {
    const booted = boot(mode, `${ONCE(NEIGHBOUR)} ${END}`);
    booted.machine.run(CYCLES);
    expect(booted.reports(0)).toEqual([DONE]);
    expect(neighbours(booted)).toBe(0x34 + 0x12);
    expect(booted.machine.ledger.entries.map(({ kind, owner }) => [kind, owner])).toEqual([['dma', 1]]);
  });

  it('keeps the hypervisor busy once, however often it goes astray', () => {
    const storm = `${transferOf(64, 'DATA', String(NEIGHBOUR))}\n800:\n ${START} j 800b`;
    const guests = (first: string) => [{ source: first, priority: 2, budget: '100us/500us' }, { source: WORKER }];
    const [stray, calm] = [storm, storm.replace(String(NEIGHBOUR), 'DATA')].map((source) => {
      const booted = bootAssembled('virtualized', guests(source), { iommu: true });
      expect(booted.machine.run(CYCLES).kind).toBe('limit');
      return booted;
    });
    expect(stray?.layerVariable('iommu_faults')).toBe(1);
    const heartbeats = [stray, calm].map((booted) => booted?.monitor(1).heartbeats ?? 0);
    expect(Math.abs((heartbeats[0] ?? 0) - (heartbeats[1] ?? 0))).toBeLessThan(5);
    expect(heartbeats[0]).toBeGreaterThan(1000);
  });

  it('is heard of again once its guest began anew', () => {
    const again = `${ONCE(NEIGHBOUR)} ${ONCE(NEIGHBOUR)}
      li a0, 1
      li a1, 0
      li a6, 0
      li a7, 0x53525354
      ecall
      ${END}`;
    const booted = boot('virtualized', again, { restarts: 2 });
    runUntil(booted, 'three lives', () => booted.reports(0).length === 6, 100_000_000);
    booted.machine.run(booted.machine.cycles + CYCLES);
    expect(booted.reports(0)).toEqual(Array(6).fill(FAILED));
    expect(booted.layerVariable('iommu_faults')).toBe(3);
  });
});

describe('slots elsewhere than their guests believe', () => {
  const FILE = 'scenarios/iommu.yaml';
  const text = readFileSync(join(import.meta.dirname, '..', '..', FILE), 'utf8');
  const outcome = (edit: (text: string) => string): object[] => {
    const loaded = loadScenario(FILE, edit(text.replace(/modes: .*/, 'modes: [virtualized]')));
    const [plan] = planBoots(findMode('virtualized'), loaded.scenario, openImages(loaded, readBuiltImage));
    if (plan === undefined) throw new RangeError('virtualized boots nothing');
    const booted = bootPlan('virtualized', plan);
    runToEnd(booted, 300_000_000);
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.layerVariable('iommu_faults')).toBe(0);
    return booted.plan.guests.map(({ index, memory, physicalBase }) => ({
      isMoved: memory.base !== physicalBase,
      words: booted.monitor(index).outputs.words(),
      console: booted.machine.consoles[index]?.text(),
    }));
  };

  it('have devices that work as if they were there: DMA channels, and a disk', () => {
    const shifted = outcome((text) => text.replace('placement: identity', 'placement: shifted'));
    const identity = outcome((text) => text);
    expect(shifted.map((guest) => ({ ...guest, isMoved: false }))).toEqual(identity);
    expect(shifted).toMatchObject([{ isMoved: true }, { isMoved: true }]);
    expect(identity[1]).toHaveProperty('console', expect.stringContaining('a disk of 64K'));
  });
});

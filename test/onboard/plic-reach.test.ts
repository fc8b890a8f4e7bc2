// Whose interrupts a guest can reach: everybody's where there is one PLIC for all, its own where it has a virtual one. The
// control shows that the difference is the mask of sources, which is data.
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../src/machine/index.ts';
import { VIRTUAL_PLIC_BASE } from '../../src/machine/virtual-devices.ts';
import type { Service } from '../../src/scenario/services.ts';
import { bootAssembled, END, type ModeName, plicSource, report, runUntil, SHARED_MODES } from './boot-guests.ts';
import { transferOf } from './snippets.ts';

const ATTACKER = 0;
const VICTIM = 1;
const VICTIM_SOURCE = plicSource('dma', VICTIM);
/** A source that only the layer may raise. */
const LAYER_SOURCE = 31;
/** One that nobody raises, so that the layer has no reason to look at its own enables. */
const SILENT_SOURCE = 30;
const ABSENT_SOURCE = 80;

const priorityOf = (source: number): string => `PLIC + ${4 * source}`;
const S_ENABLES = 'PLIC + 0x2080';
const M_ENABLES = 'PLIC + 0x2000';
const M_THRESHOLD = 'PLIC + 0x200000';
const CLAIM = 'PLIC + 0x201004';

const store = (address: string, value: string | number): string =>
  `li t0, ${address}\n li t1, ${value}\n sw t1, 0(t0)\n`;
const load = (address: string, op = 'lwu'): string => `li t0, ${address}\n ${op} t0, 0(t0)\n ${report('t0')}`;

/** Copies by DMA and waits for the interrupt, for ever; a heartbeat each. */
const WORKER = `
  ${transferOf(8)}
  li s2, ${S_ENABLES}
  li s3, ${CLAIM}
  li s0, MONITOR + MONITOR_HEARTBEAT
  li t0, 1 << DMA_IRQ
  sw t0, 0(s2)
  li t0, 0x200
  csrw sie, t0
1:
  li t0, 3
  sw t0, 24(s4)
2:
  wfi
  lwu t1, 0(s3)
  beqz t1, 2b
  li t0, 6
  sw t0, 28(s4)
  sw t1, 0(s3)
  sd zero, 0(s0)
  j 1b`;

interface Attack {
  readonly reports: bigint[];
  /** What the victim got done afterwards, as a share of what it does unharmed. */
  readonly work: number;
  readonly effects: readonly Pick<LedgerEntry, 'kind' | 'from' | 'onBehalf' | 'owner'>[];
}

/** @param ticks of mtime from the attacker's first instruction to its attack */
function attack(mode: ModeName, acts: string, ticks = 500, services: readonly Service[] = []): Attack {
  const work = (source: string): [number, ReturnType<typeof bootAssembled>] => {
    const booted = bootAssembled(mode, [{ source, priority: 2 }, { source: WORKER }], { services });
    runUntil(booted, 'ended', () => booted.monitor(ATTACKER).ended, 5_000_000);
    const before = booted.monitor(VICTIM).heartbeats;
    booted.machine.run(booted.machine.cycles + 1_000_000);
    return [booted.monitor(VICTIM).heartbeats - before, booted];
  };
  // The victim has enabled its source when the attack begins.
  const sleep = `
  li t0, 0x20
  csrw sie, t0
  csrr t1, time
  addi t1, t1, ${ticks}
  csrw stimecmp, t1
  wfi
`;
  const [unharmed] = work(`${sleep} ${END}`);
  const [harmed, booted] = work(`${sleep} ${acts} ${END}`);
  expect(unharmed).toBeGreaterThan(100);
  expect(booted.machine.layerConsole.text()).toBe('');
  return {
    reports: booted.reports(ATTACKER),
    work: harmed / unharmed,
    effects: booted.machine.ledger.entries.map(({ kind, from, onBehalf, owner }) => ({ kind, from, onBehalf, owner })),
  };
}

/** How the machine names an act of the attacker that the layer carries out, or it itself. */
function effectOn(mode: ModeName, kind: LedgerEntry['kind'], owner: number | 'layer'): Attack['effects'][number] {
  return mode === 'open'
    ? { kind, from: 'layer', onBehalf: ATTACKER, owner }
    : { kind, from: ATTACKER, onBehalf: undefined, owner };
}

const REACHING = ['colocated', 'partitioned', 'open'] as const;

describe('the priority of another’s source', () => {
  const acts = store(priorityOf(VICTIM_SOURCE), 0) + load(priorityOf(VICTIM_SOURCE));

  it.each(REACHING)('can be taken away, and its interrupts with it, when %s', (mode) => {
    const { reports, work, effects } = attack(mode, acts);
    expect(reports).toEqual([0n]);
    expect(work).toBeLessThan(0.02);
    expect(effects).toContainEqual(effectOn(mode, 'mmio-write', VICTIM));
  });

  it('is out of reach when virtualized', () => {
    const { reports, work, effects } = attack('virtualized', acts);
    expect({ reports, effects }).toEqual({ reports: [0n], effects: [] });
    expect(work).toBeGreaterThan(0.98);
  });

  it('reads as zero when virtualized, whatever it is', () => {
    const { reports } = attack('virtualized', load(priorityOf(VICTIM_SOURCE)) + load(priorityOf(LAYER_SOURCE)));
    expect(reports).toEqual([0n, 0n]);
    expect(attack('open', load(priorityOf(VICTIM_SOURCE))).reports).toEqual([1n]);
  });
});

describe('a PLIC of its own, which its layer has for a guest with virtual devices,', () => {
  const all = (1n << BigInt(VICTIM_SOURCE)) | (1n << BigInt(LAYER_SOURCE));
  const acts = (
    store(priorityOf(VICTIM_SOURCE), 0) +
    store(priorityOf(LAYER_SOURCE), 0) +
    load(priorityOf(VICTIM_SOURCE)) +
    store(S_ENABLES, `0x${all.toString(16)}`) +
    load(S_ENABLES) +
    store(CLAIM, VICTIM_SOURCE) +
    load(CLAIM) +
    store(M_ENABLES, 1 << SILENT_SOURCE) +
    load(M_ENABLES) +
    store(M_THRESHOLD, 5) +
    load(M_THRESHOLD)
  ).replaceAll(/\bPLIC\b/g, String(VIRTUAL_PLIC_BASE));

  it.each(['colocated', 'partitioned', 'virtualized'] as const)('has nothing of a neighbour’s, when %s', (mode) => {
    const { reports, work, effects } = attack(mode, acts, 500, [{ kind: 'console', of: [ATTACKER] }]);
    expect({ reports, effects }).toEqual({ reports: [0n, 0n, 0n, 0n, 0n], effects: [] });
    expect(work).toBeGreaterThan(0.98);
  });
});

describe('the enable bits of other sources', () => {
  const bits = (1n << BigInt(VICTIM_SOURCE)) | (1n << BigInt(LAYER_SOURCE));
  const acts =
    store(S_ENABLES, `0x${bits.toString(16)}`) + load(S_ENABLES) + load(S_ENABLES, 'lw') + store(S_ENABLES, 0);

  it.each(REACHING)('are the context’s that has them when %s', (mode) => {
    const { reports, effects } = attack(mode, acts);
    expect(reports).toEqual([bits, BigInt.asUintN(64, BigInt.asIntN(32, bits))]);
    expect(effects).toContainEqual(effectOn(mode, 'mmio-write', VICTIM));
  });

  it('do not exist when virtualized', () => {
    const { reports, work, effects } = attack('virtualized', acts);
    expect({ reports, effects }).toEqual({ reports: [0n, 0n], effects: [] });
    expect(work).toBeGreaterThan(0.98);
  });
});

describe('the request of another', () => {
  // Enables the victim's source in the own context, and claims and completes as fast as it can.
  const steal = `
  ${store(S_ENABLES, 1 << VICTIM_SOURCE)}
  li s2, ${CLAIM}
  li s3, 300
  li s4, 0
1:
  lwu t0, 0(s2)
  snez t1, t0
  add s4, s4, t1
  li t1, ${VICTIM_SOURCE}
  sw t1, 0(s2)
  addi s3, s3, -1
  bnez s3, 1b
  snez s4, s4
  ${report('s4')}`;
  // The victim's transfer is over when its owner has long lost the hart: its request pends.
  const pend = `
  ${load('PLIC + 0x1000')}`;

  // Not at each of these moments is one of the victim's transfers under way, or just over.
  const MOMENTS = [500, 503, 506, 509, 512, 515, 518];

  it.each(MOMENTS)('is neither seen nor claimed nor completed when virtualized, after %i ticks', (ticks) => {
    const { reports, work, effects } = attack('virtualized', pend + steal, ticks);
    expect({ reports, effects }).toEqual({ reports: [0n, 0n], effects: [] });
    expect(work).toBeGreaterThan(0.98);
  });

  it('is there to be taken in the control, at one moment or another', () => {
    expect(MOMENTS.map((ticks) => attack('open', steal, ticks).reports)).toContainEqual([1n]);
  });
});

describe('the M context', () => {
  const acts =
    store(M_ENABLES, 1 << SILENT_SOURCE) +
    load(M_ENABLES) +
    store(M_THRESHOLD, 5) +
    load(M_THRESHOLD) +
    load('PLIC + 0x200004') +
    store(M_ENABLES, 0) +
    store(M_THRESHOLD, 0);

  it.each(REACHING)('is reached when %s', (mode) => {
    const { reports } = attack(mode, acts);
    expect(reports.slice(0, 2)).toEqual([1n << BigInt(SILENT_SOURCE), 5n]);
  });

  it('reads zero and takes nothing when virtualized', () => {
    const { reports, work, effects } = attack('virtualized', acts);
    expect({ reports, effects }).toEqual({ reports: [0n, 0n, 0n], effects: [] });
    expect(work).toBeGreaterThan(0.98);
  });
});

describe('what is nobody’s', () => {
  const acts =
    store(priorityOf(ABSENT_SOURCE), 3) +
    load(priorityOf(ABSENT_SOURCE)) +
    store('PLIC + 0x2100', 0xff) +
    load('PLIC + 0x2100') +
    store('PLIC + 0x2088', 0xff) +
    load('PLIC + 0x2088') +
    store('PLIC + 0x1008', 0xff) +
    load('PLIC + 0x1008') +
    store('PLIC + 0x202000', 7) +
    load('PLIC + 0x202000') +
    store('PLIC + 0x201008', 7) +
    load('PLIC + 0x201008') +
    load('PLIC + 0x5ffffc');

  it.each(SHARED_MODES)('reads zero, and a store has no effect, when %s', (mode) => {
    const { reports, work } = attack(mode, acts);
    expect(reports).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 0n]);
    expect(work).toBeGreaterThan(0.98);
  });
});

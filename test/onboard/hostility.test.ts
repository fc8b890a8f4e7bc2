// No act of a guest stops, spins or exhausts a layer, makes the host wait or grow, or takes from its neighbour more than
// the scenario gives it.
import { describe, expect, it } from 'vitest';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootAssembled, ISOLATING_MODES, runUntil, SHARED_MODES } from './boot-guests.ts';
import { HOSTILE } from './hostile-programs.ts';
import { SLEEP, WORKER } from './snippets.ts';

const CYCLES = 4_000_000;
/** A run may end a little late: with the longest instruction or trap. */
const SLACK = 1_000;
const LOG_KEPT = 1024;
const CONSOLE_KEPT = 64 * 1024 + 100;

function expectBounded({ machine, monitor }: Booted): void {
  expect(machine.cycles).toBeLessThan(CYCLES + SLACK);
  expect(machine.consoles[0]?.text().length).toBeLessThan(CONSOLE_KEPT);
  const { outputs, phases, deadlines, reports, crashes } = monitor(0);
  for (const log of [outputs, phases, deadlines, reports, crashes]) expect(log.kept).toBeLessThanOrEqual(LOG_KEPT);
  expect(machine.layerConsole.text()).toBe('');
  expect(machine.ledger.entries).toEqual([]);
}

describe('a machine of its own', () => {
  it.each(HOSTILE)('survives a guest that $name', ({ source, idles }) => {
    const booted = bootAssembled('native', [{ source }]);
    const stop = booted.machine.run(CYCLES);
    expectBounded(booted);
    expect(stop.kind).toBe(idles ? 'idle' : 'limit');
  });
});

/** Of `WORKER`: 1000 turns of two cycles, and the store. */
const HEARTBEAT_CYCLES = 2100;

/** Sleeps 50 us, and reports by how many ticks it slept too long. */
const SLEEPER = `
  li s0, MONITOR + MONITOR_REPORT
  li t0, 0x20
  csrw sie, t0
  csrr s1, time
1:
  addi s1, s1, 500
  ${SLEEP}
  sd t0, 0(s0)
  j 1b
`;

const BUDGET = '100us/500us';
/** What the budget leaves to others, less the switches. */
const LEFT = 0.785;
/** Ticks of 100 ns: the longest that a layer does at a guest's bidding, which is to print 64 bytes, and the switch. */
const LATENESS = 100n;

describe.each(SHARED_MODES)('a neighbour, when %s,', (mode: ModeName) => {
  it.each(HOSTILE)('keeps its share beside a guest of higher priority that $name', ({ source }) => {
    const booted = bootAssembled(mode, [{ source, priority: 2, budget: BUDGET }, { source: WORKER }]);
    expect(booted.machine.run(CYCLES).kind).toBe('limit');
    expectBounded(booted);
    const { guests, layer, firmware } = booted.machine.accounting();
    const afterBoot = CYCLES - layer.cycles - firmware.cycles;
    expect((guests[1]?.cycles ?? 0) / afterBoot).toBeGreaterThan(LEFT);
    expect(booted.monitor(1).heartbeats).toBeGreaterThan((LEFT * afterBoot) / HEARTBEAT_CYCLES);
  });

  it.each(HOSTILE)('wakes in time above a guest that $name', ({ source }) => {
    const booted = bootAssembled(mode, [{ source }, { source: SLEEPER, priority: 2 }]);
    expect(booted.machine.run(CYCLES).kind).toBe('limit');
    expectBounded(booted);
    const late = booted.reports(1);
    expect(late.length).toBeGreaterThan(CYCLES / 100 / 600);
    expect(late.reduce((most, ticks) => (ticks > most ? ticks : most), 0n)).toBeLessThan(LATENESS);
  });
});

describe('a layer that its guest has destroyed', () => {
  /** Writes zeros over the first 64 KiB of the layer, then calls it: M-mode meets illegal instructions for ever. */
  const source = `
  li t0, 0x80000000
  li t1, 0x80010000
1:
  sd zero, 0(t0)
  addi t0, t0, 8
  bltu t0, t1, 1b
  li a7, 0x10
  ecall
2: j 2b`;

  it.each(['native', 'colocated', 'open'] as const)('does not keep the host, when %s', (mode) => {
    const booted = bootAssembled(mode, [{ source, priority: 2 }, { source: WORKER }]);
    expect(booted.machine.run(CYCLES).kind).toBe('limit');
    expect(booted.machine.cycles).toBeLessThan(CYCLES + SLACK);
    const [entry] = booted.machine.ledger.entries;
    expect(entry).toMatchObject({ kind: 'write', from: 0, changed: true, tainted: false });
    expect(booted.machine.ledger.tainted).toBe(true);
    // The layer does not get far: its neighbour stands still with it.
    if (mode === 'colocated') expect(booted.monitor(1).heartbeats).toBe(0);
  });

  it.each(ISOLATING_MODES)('is not within reach when %s', (mode) => {
    const booted = bootAssembled(mode, [{ source, priority: 2, budget: BUDGET }, { source: WORKER }]);
    expect(booted.machine.run(CYCLES).kind).toBe('limit');
    expectBounded(booted);
    expect(booted.monitor(1).heartbeats).toBeGreaterThan(1000);
  });
});

describe('a machine that a guest switches off', () => {
  const FINISHER_PASS = 0x5555;
  const source = `li t0, 0x100000\n li t1, ${FINISHER_PASS}\n sw t1, 0(t0)\n 1: j 1b`;

  it.each(['native', 'colocated', 'open'] as const)('stops at once, and it is said by whom, when %s', (mode) => {
    const booted = bootAssembled(mode, [{ source: '1: j 1b' }, { source, priority: 2 }], { alone: 1 });
    expect(booted.machine.run(CYCLES)).toMatchObject({ kind: 'finished', finish: { kind: 'pass' }, by: 1 });
    expect(booted.machine.ledger.entries).toMatchObject([{ kind: 'mmio-write', from: 1, owner: 'layer' }]);
  });

  it.each(ISOLATING_MODES)('goes on when %s', (mode) => {
    const booted = bootAssembled(mode, [{ source: WORKER }, { source, priority: 2, budget: BUDGET }]);
    expect(booted.machine.run(CYCLES).kind).toBe('limit');
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.monitor(0).heartbeats).toBeGreaterThan(1000);
  });
});

describe('the ledger', () => {
  it('stays bounded where a guest touches ever other registers of the layer', () => {
    const LIMIT = 2 ** 17;
    const source = `
  li t0, PLIC + 0x2100
  li t1, PLIC + 0x2100 + ${4 * (LIMIT + 10_000)}
1:
  lwu t2, 0(t0)
  addi t0, t0, 4
  bltu t0, t1, 1b
  li t6, MONITOR + MONITOR_END
  sd t6, 0(t6)
2: j 2b`;
    const booted = bootAssembled('colocated', [{ source }, { source: WORKER }]);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 20 * CYCLES);
    expect(booted.machine.ledger.size).toBe(LIMIT);
    expect(booted.machine.ledger.dropped).toBe(10_000);
  });
});

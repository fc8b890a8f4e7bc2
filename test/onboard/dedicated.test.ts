// Each guest on a hart of its own, under one layer: what it does is what it does when they share one, and what becomes of
// one is nothing to the other.
import { describe, expect, it } from 'vitest';
import { createMachine } from '../../src/machine/index.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import type { AssembledGuest, Booted, BootOptions, ModeName } from './boot-guests.ts';
import {
  bootAssembled,
  END,
  ISOLATING_MODES,
  openShipped,
  report,
  runToEnd,
  runUntil,
  SHARED_MODES,
  slotOf,
} from './boot-guests.ts';
import { SCHEDULES } from './boot-harts.ts';
import { WORKER } from './snippets.ts';

const MS = 1_000_000;

/** @param work of each guest: jobs and units */
const shipped = (cpus: 'shared' | 'dedicated', work: number) =>
  openShipped((text) =>
    text
      .replace('factors: {', `factors: { cpus: ${cpus},`)
      .replaceAll('work: 64,', `work: ${work},`)
      .replaceAll('panic=halt', `panic=halt work=${work}`),
  );

function outcomes(mode: string, { scenario, images }: ReturnType<typeof shipped>, schedule: BootOptions['schedule']) {
  const all: Record<string, object> = {};
  for (const plan of planBoots(findMode(mode), scenario, images)) {
    const machine = bootScenario(createMachine, {
      ...plan,
      machine: { ...plan.machine, ...(schedule && { schedule }) },
    });
    for (const { index, work } of plan.guests) machine.monitors[index]?.setDigestWords(work);
    machine.run(200 * MS);
    expect(machine.ledger.entries).toEqual([]);
    for (const { name, index, boundTicks } of plan.guests) {
      const monitor = machine.monitors[index];
      expect(monitor?.deadlineMax).toBeLessThan(boundTicks);
      const { ended, crash } = monitor ?? {};
      all[name] = { ended, crash, digest: monitor?.digest(), console: machine.consoles[index]?.text() };
    }
    const { guests, idle, firmware, layer } = machine.accounting();
    const busy = guests.reduce((sum, guest) => sum + guest.cycles + guest.layerCycles, 0);
    expect(busy + idle + firmware.cycles + layer.cycles).toBe(machine.cycles * machine.ports.length);
  }
  return all;
}

describe('the shipped scenario on two harts', () => {
  const expected = outcomes('native', shipped('shared', 64), undefined);

  it('has something to do', () => expect(expected).toMatchObject({ rtos: { ended: true }, unix: { ended: true } }));

  it.each(['native', ...SHARED_MODES])('does the same work when %s, in time, and touches nothing foreign', (mode) => {
    expect(outcomes(mode, shipped('dedicated', 64), { kind: 'coarse' })).toEqual(expected);
  });

  it.each(SHARED_MODES)('does it under any schedule when %s', (mode) => {
    const little = outcomes('native', shipped('shared', 4), undefined);
    for (const schedule of SCHEDULES) expect(outcomes(mode, shipped('dedicated', 4), schedule)).toEqual(little);
  });
});

const boot = (mode: ModeName, guests: readonly AssembledGuest[], options: BootOptions = {}): Booted =>
  bootAssembled(mode, guests, { cpus: 'dedicated', ...options });

const beats = (booted: Booted, guest: number): number => booted.monitor(guest).heartbeats;

const reset = (type: number): string => `li a0, ${type}\n li a1, 0\n li a6, 0\n li a7, 0x53525354\n ecall\n`;
const HEARTBEAT = 'li t0, MONITOR + MONITOR_HEARTBEAT\n sd t0, 0(t0)\n';

describe.each(SHARED_MODES)('beside a guest on another hart, when %s,', (mode) => {
  const alone = beats(runFor(boot(mode, [{ source: END }, { source: WORKER }]), 20), 1);

  function runFor(booted: Booted, ms: number): Booted {
    booted.machine.run(ms * MS);
    return booted;
  }

  it.each([
    ['spins with interrupts off', 'csrw sie, zero\n 1: j 1b'],
    ['asks for everything that the layer has', `1: li a7, 0x10\n li a6, 0\n ecall\n j 1b`],
    ['shuts itself down', reset(0)],
    ['waits with all masked', 'csrw sie, zero\n 1: wfi\n j 1b'],
    ['stops its hart', 'li a7, 0x48534d\n li a6, 1\n ecall\n 1: j 1b'],
    ['traps for ever', 'la t0, 1f\n csrw stvec, t0\n .balign 4\n 1: .word 0'],
    ['jumps to where nothing is', 'li t0, 0x1000\n csrw stvec, t0\n jr t0'],
  ])('which %s, one goes on as if it were not there', (_, source) => {
    const booted = runFor(boot(mode, [{ source, priority: 9 }, { source: WORKER }]), 20);
    expect(beats(booted, 1)).toBeGreaterThan(alone * 0.99);
    expect(booted.machine.layerConsole.text()).toBe('');
  });

  it('which restarts, one goes on, and it has all its lives', () => {
    const booted = boot(mode, [{ source: `${HEARTBEAT} ${reset(1)} 1: j 1b`, priority: 9 }, { source: WORKER }]);
    runFor(booted, 20);
    expect(beats(booted, 0)).toBe(4);
    expect(beats(booted, 1)).toBeGreaterThan(alone * 0.99);
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('one restarts, and the other goes on', () => {
    const booted = boot(mode, [{ source: WORKER }, { source: `${HEARTBEAT} ${reset(1)} 1: j 1b`, priority: 9 }]);
    runFor(booted, 20);
    expect(beats(booted, 1)).toBe(4);
    expect(beats(booted, 0)).toBeGreaterThan(alone * 0.99);
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('one reaches its memory where the mode lets it, and only there', () => {
    const store = `
      la t0, 1f
      csrw stvec, t0
      li t1, SLOT - 0x200000 + 0x100000
      li t2, 42
      li s1, 1
      sd t2, 0(t1)
      li s1, 0
      .balign 4
    1: ${report('s1')} ${END}`;
    const booted = boot(mode, [{ source: END }, { source: store }]);
    runToEnd(booted, 20 * MS);
    const reached = !ISOLATING_MODES.some((name) => name === mode);
    expect(booted.reports(1)).toEqual([reached ? 0n : 1n]);
    const [at = 0] = booted.machine.read(slotOf(0) + 0x10_0000, 1);
    expect(at).toBe(reached ? 42 : 0);
    expect(booted.machine.ledger.entries.map(({ kind, from, owner }) => [kind, from, owner])).toEqual(
      reached ? [['write', 1, 0]] : [],
    );
  });
});

// Guest 0's S context at the PLIC is number 1, guest 1's is number 3.
describe('the interrupts of another hart', () => {
  const taken = (mode: ModeName): Booted => {
    // By then the other runs.
    const source = `
      li t0, 100000
    1:
      addi t0, t0, -1
      bnez t0, 1b
      li t0, PLIC + 0x203000
      li t1, 7
      sw t1, 0(t0)
      lwu s0, 0(t0)
      ${report('s0')} ${END}`;
    const booted = boot(mode, [{ source }, { source: END }]);
    runToEnd(booted, 20 * MS);
    return booted;
  };

  it.each(['colocated', 'partitioned'] as const)('can be masked when %s, which is a foreign effect', (mode) => {
    const booted = taken(mode);
    expect(booted.reports(0)).toEqual([7n]);
    expect(booted.machine.ledger.entries).toContainEqual(
      expect.objectContaining({ kind: 'mmio-write', from: 0, owner: 1, changed: true }),
    );
  });

  it('cannot when virtualized', () => {
    const booted = taken('virtualized');
    expect(booted.reports(0)).toEqual([0n]);
    expect(booted.machine.ledger.entries).toEqual([]);
  });
});

describe('what both harts call', () => {
  const SERVICES = 0x0900_7ac0;
  const [RING, TAKE, SEND, RECEIVE] = [1, 2, 3, 4];
  const WORDS = 200;
  const RINGS = 2000;
  const call = (service: number, a0: number, a1 = 'zero'): string =>
    `li a0, ${a0}\n mv a1, ${a1}\n li a6, ${service}\n li a7, ${SERVICES}\n ecall\n`;
  /** Sends 1, 2, ... to its peer and adds up what comes, by turns, until both are through. */
  const correspondent = (peer: number): string => `
    li s0, 1
    li s1, 0
    li s2, 0
    li s3, ${WORDS}
  1:
    bgt s0, s3, 2f
    ${call(SEND, peer, 's0')}
    bnez a0, 2f
    addi s0, s0, 1
  2:
    ${call(RECEIVE, peer)}
    bnez a0, 3f
    add s1, s1, a1
    addi s2, s2, 1
  3:
    blt s2, s3, 1b
    ble s0, s3, 1b
    ${report('s1')} ${END}`;

  it.each(SHARED_MODES)('loses and doubles nothing, under any schedule, when %s', (mode) => {
    for (const schedule of SCHEDULES) {
      const booted = boot(mode, [{ source: correspondent(1) }, { source: correspondent(0) }], { schedule });
      runToEnd(booted, 100 * MS);
      const sum = BigInt((WORDS * (WORDS + 1)) / 2);
      expect([booted.reports(0), booted.reports(1)]).toEqual([[sum], [sum]]);
      expect(booted.machine.ledger.entries).toEqual([]);
    }
  });

  // One that is lost is waited for in vain.
  it.each(SHARED_MODES)('forgets no ring while its receiver looks, under fine schedules, when %s', (mode) => {
    const rings = `li s3, ${RINGS}\n 1: ${call(RING, 1)} 2: ${call(RECEIVE, 1)} bnez a0, 2b\n addi s3, s3, -1\n bnez s3, 1b\n ${END}`;
    const looks = `1: ${call(TAKE, 0)} beqz a1, 1b\n ${call(SEND, 0)} j 1b\n`;
    for (const schedule of SCHEDULES.slice(1)) {
      const booted = boot(mode, [{ source: rings }, { source: looks }], { schedule });
      runUntil(booted, 'through', () => booted.monitor(0).ended, 100 * MS);
    }
  });

  it('answers though the lock that guards it was overwritten', () => {
    const called = boot('colocated', [{ source: END }, { source: `1: ${call(SEND, 0)} ${HEARTBEAT} j 1b` }]);
    called.machine.run(MS);
    called.machine.write(called.plan.layers.get('nanokernel')?.address('served') ?? 0, Uint8Array.of(1, 2, 3, 4));
    const until = beats(called, 1);
    called.machine.run(20 * MS);
    expect(beats(called, 1)).toBeGreaterThan(until + 1000);
  });
});

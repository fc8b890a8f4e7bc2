// A guest's timer is kept to the tick, whichever way it is set, and on a hart without Sstc too.
import { describe, expect, it } from 'vitest';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootAssembled, END, MODES, report, runUntil } from './boot-guests.ts';

const MS = 1_000_000;
const SPIN = '1: j 1b';

describe('a timer', () => {
  const WAKES = 400;
  /** Sleeps to one tick after the other's end, by stimecmp or by the SBI, and reports how many ticks late it woke. */
  const sleeper = (set: string): string => `
  li s0, MONITOR + MONITOR_REPORT
  li t0, 0x20
  csrw sie, t0
  csrr s1, time
  li s2, ${WAKES}
1:
  addi s1, s1, 333
  mv a0, s1
  ${set}
  wfi
  csrr t0, time
  sub t0, t0, s1
  sd t0, 0(s0)
  addi s2, s2, -1
  bnez s2, 1b
  ${END}`;
  const WAYS = { stimecmp: 'csrw stimecmp, a0', SBI: 'li a6, 0\n li a7, 0x54494d45\n ecall' };

  function latenesses(mode: ModeName, set: string, neighbour: string, prepare?: (booted: Booted) => void): number[] {
    const booted = bootAssembled(mode, [{ source: sleeper(set), priority: 2 }, { source: neighbour }]);
    prepare?.(booted);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 40 * MS);
    const late = booted.reports(0).map(Number);
    expect(late.length).toBe(WAKES);
    return late;
  }

  it.each(MODES)('wakes never early and at once when %s', (mode) => {
    for (const set of Object.values(WAYS)) {
      for (const neighbour of [SPIN, END]) {
        const late = latenesses(mode, set, neighbour);
        expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...late)).toBeLessThan(30);
      }
    }
  });

  it.each(MODES)('that is past already wakes as soon as it is asked for, when %s', (mode) => {
    const set = 'csrr s1, time\n csrw stimecmp, s1';
    const booted = bootAssembled(mode, [{ source: sleeper(set), priority: 2 }, { source: END }]);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, MS);
    expect(Math.max(...booted.reports(0).map(Number))).toBeLessThan(10);
  });

  // Sstc is switched off behind the layer's back when it has just probed for it: from then on every timer is memory of
  // the layer, its own timer stands in, and STIP is a bit that it sets.
  const STCE = 1n << 63n;
  function withoutSstc({ machine, plan }: Booted): void {
    const [table] = plan.layers.values();
    if (table === undefined) throw new RangeError('no layer');
    while (machine.accounting().guests.every(({ instret }) => instret === 0)) machine.run(machine.cycles + 1);
    machine.write(table.address('machine_features'), new Uint8Array([0]));
    machine.setCsr('menvcfg', machine.csr('menvcfg') & ~STCE);
  }

  it.each(['native', 'colocated'] as const)('does so on a hart without Sstc when %s', (mode) => {
    for (const neighbour of [SPIN, END, sleeper(WAYS.SBI)]) {
      const late = latenesses(mode, WAYS.SBI, neighbour, withoutSstc);
      expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...late)).toBeLessThan(40);
    }
  });

  it.each(['native', 'colocated'] as const)(
    'raises STIP once, and set_timer clears it, without Sstc, when %s',
    (mode) => {
      const set = (ticks: number): string =>
        `csrr a0, time\n li t0, ${ticks}\n add a0, a0, t0\n li a6, 0\n li a7, 0x54494d45\n ecall\n`;
      const pending = `csrr t0, sip\n andi t0, t0, 0x20\n ${report('t0')}`;
      const source = `
  la t0, no
  csrw stvec, t0
  ${set(100)} ${pending}
1:
  csrr t0, sip
  andi t0, t0, 0x20
  beqz t0, 1b
  ${set(100_000)} ${pending}
  csrr t0, stimecmp
  .align 2
no:
  csrr t0, scause
  ${report('t0')}
  ${END}`;
      const booted = bootAssembled(mode, [{ source, priority: 2 }, { source: SPIN }]);
      withoutSstc(booted);
      runUntil(booted, 'ended', () => booted.monitor(0).ended, MS);
      expect(booted.reports(0)).toEqual([0n, 0n, 2n]);
    },
  );
});

// A guest that hangs is noticed by its timer, of which it takes no interrupt: it is restarted, and no other ever is.
import { describe, expect, it } from 'vitest';
import { planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import type { AssembledGuest, Booted, BootOptions } from './boot-guests.ts';
import { bootAssembled, bootPlan, END, openShipped, runUntil, SHARED_MODES } from './boot-guests.ts';

const MS = 1_000_000;
/** In ticks of 100 ns, as times in the programs below. */
const WATCHDOG = 10_000;
const HEARTBEAT = 'li t0, MONITOR + MONITOR_HEARTBEAT\n sd t0, 0(t0)\n';
const armed = (ticks: number): string => `csrr t1, time\n li t2, ${ticks}\n add t1, t1, t2\n csrw stimecmp, t1\n`;
const TIMER_ON = 'li t0, 0x20\n csrw sie, t0\n';
const SPIN = '9: j 9b\n';
/** Its timer every 50 us, while it computes without a pause. */
const BUSY = `
  ${HEARTBEAT}
  la t0, 2f
  csrw stvec, t0
  ${armed(500)}
  ${TIMER_ON}
  csrsi sstatus, 2
  ${SPIN}
  .align 2
2:
  ${armed(500)}
  sret
`;

const REST: BootOptions = { restart: 'on-reset-or-crash' };
const HANGS = `${HEARTBEAT} ${armed(500)} ${TIMER_ON} ${SPIN}`;
const watched = (source: string, more: Partial<AssembledGuest> = {}): AssembledGuest => ({
  source,
  watchdog: WATCHDOG,
  ...more,
});

describe.each(SHARED_MODES)('a watched guest, when %s,', (mode) => {
  const lives = (guests: readonly AssembledGuest[], options: BootOptions = REST): Booted => {
    const booted = bootAssembled(mode, guests, options);
    booted.machine.run(30 * MS);
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.machine.layerConsole.text()).toBe('');
    return booted;
  };

  it.each([
    ['masks its interrupts and spins', HANGS, 4],
    ['waits with them masked, though its timer has come', `${HEARTBEAT} ${armed(500)} ${TIMER_ON} 9: wfi\n j 9b`, 4],
    ['asks again and again', `${HEARTBEAT} ${armed(500)} ${TIMER_ON} li a7, 0x10\n li a6, 0\n 9: ecall\n j 9b`, 4],
    ['is busy, and serves its timer', BUSY, 1],
    ['has no timer', `${HEARTBEAT} ${SPIN}`, 1],
    ['has turned off the interrupt of its timer', `${HEARTBEAT} ${armed(500)} ${SPIN}`, 1],
    [
      'only waits for its timer',
      `${HEARTBEAT} ${armed(50_000)} ${TIMER_ON} wfi\n li t1, -1\n csrw stimecmp, t1\n 9: wfi\n j 9b`,
      1,
    ],
  ])('which %s, has its lives', (_, source, expected) => {
    expect(lives([watched(source), { source: END }]).monitor(0).heartbeats).toBe(expected);
  });

  it('is restarted as often as others, and then parked: those below it go on', () => {
    const beat = `1: ${HEARTBEAT} j 1b`;
    const booted = lives([watched(HANGS, { priority: 2 }), { source: beat }], { ...REST, restarts: 1 });
    expect(booted.monitor(0).heartbeats).toBe(2);
    expect(booted.monitor(1).heartbeats).toBeGreaterThan(10_000);
  });

  it('hangs for no less than its limit, and no more than twice that', () => {
    const booted = bootAssembled(mode, [watched(HANGS)], { ...REST, restarts: 1 });
    const beats = (count: number): number => {
      runUntil(booted, 'alive', () => booted.monitor(0).heartbeats === count, 30 * MS);
      return booted.machine.accounting().guests[0]?.cycles ?? 0;
    };
    const [first, second] = [beats(1), beats(2)];
    expect(second - first).toBeGreaterThan(100 * WATCHDOG);
    expect(second - first).toBeLessThan(100 * (2 * WATCHDOG + 1000));
  });

  it('hangs only in its own time: one that others keep from running is not blamed', () => {
    const hog = { source: SPIN, priority: 9, window: '0ms+9ms/10ms' };
    expect(lives([watched(BUSY), hog]).monitor(0).heartbeats).toBe(1);
    expect(lives([watched(HANGS), hog]).monitor(0).heartbeats).toBe(2);
  });

  it('is watched only where crashes lead to a restart', () => {
    for (const restart of ['never', 'on-reset'] as const) {
      const booted = lives([watched(HANGS), { source: END }], { restart });
      expect(booted.monitor(0).heartbeats).toBe(1);
    }
  });
});

describe.each(SHARED_MODES)('unix that hangs, when %s,', (mode) => {
  const SPIN_MASKED = 5n;
  const boot = (watchdog: string) => {
    const { scenario, images } = openShipped((text) =>
      text.replace(/( {2}unix: \{)/, `$1${watchdog}`).replace('restart: on-reset,', 'restart: on-reset-or-crash,'),
    );
    const plan = planBoots(findMode(mode), scenario, images)[0];
    if (plan === undefined) throw new Error('nothing to boot');
    const index = scenario.guests.findIndex(({ name }) => name === 'unix');
    const booted = bootPlan(mode, plan);
    booted.monitor(index).setMailbox({ bug: SPIN_MASKED, target: 0n, value: 0n, work: 3n, args: [] });
    return { ...booted, index };
  };

  it('does its work in its next life, and hangs for ever without a watchdog', () => {
    const booted = boot(' watchdog: 5ms,');
    const monitor = booted.monitor(booted.index);
    runUntil(booted, 'hung', () => monitor.heartbeats >= 3, 200 * MS);
    booted.machine.run(booted.machine.cycles + 2 * MS);
    monitor.setMailbox({ bug: 0n, target: 0n, value: 0n, work: 0n, args: [] });
    runUntil(booted, 'ended', () => monitor.ended, 400 * MS);

    const unwatched = boot('');
    unwatched.machine.run(150 * MS);
    expect(unwatched.monitor(unwatched.index).ended).toBe(false);
  });
});

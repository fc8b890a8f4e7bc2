// One scheduler serves both layers: priorities, budgets, turns of equals, and timers that are kept.
import { describe, expect, it } from 'vitest';
import type { AssembledGuest, Booted, BootOptions, ModeName } from './boot-guests.ts';
import { bootAssembled, END, runUntil, SHARED_MODES } from './boot-guests.ts';
import { transferOf } from './snippets.ts';

const MS = 1_000_000;
const SPIN = '1: j 1b';

/** Share of each guest in what follows the boot, its layer's time included. */
function shares(booted: Booted, cycles: number): number[] {
  const { machine } = booted;
  // Boot is over when the first guest has run.
  runUntil(booted, 'booted', () => machine.accounting().guests.some((guest) => guest.instret > 0), 10 * MS);
  const usage = (): number[] => machine.accounting().guests.map((guest) => guest.cycles + guest.layerCycles);
  const before = usage();
  const start = machine.cycles;
  machine.run(start + cycles);
  return usage().map((used, guest) => (used - (before[guest] ?? 0)) / (machine.cycles - start));
}

function runShares(mode: ModeName, guests: AssembledGuest[], cycles: number, options: BootOptions = {}): number[] {
  return shares(bootAssembled(mode, guests, options), cycles).slice(0, guests.length);
}

const HOGS = [
  ['spins with interrupts on', `csrsi sstatus, 2\n ${SPIN}`],
  ['spins with interrupts off', SPIN],
] as const;

describe.each(SHARED_MODES)('when %s', (mode) => {
  it.each(HOGS)('a guest that %s has its budget of 2ms/10ms, and its neighbour the rest', (_what, source) => {
    const [hog, neighbour] = runShares(mode, [{ source, priority: 2, budget: '2ms/10ms' }, { source: SPIN }], 20 * MS);
    expect(hog).toBeCloseTo(0.2, 2);
    expect(neighbour).toBeCloseTo(0.8, 2);
  });

  it('a guest pays in its next period for the call that outlasted its budget', () => {
    // Each call prints 64 bytes, which takes the layer a fifth of this budget.
    const source = `1: li a0, 64\n li a1, SLOT\n li a2, 0\n li a6, 0\n li a7, 0x4442434e\n ecall\n j 1b`;
    const guests = [{ source, priority: 2, budget: '50us/500us' }, { source: SPIN }];
    const [caller = 0] = runShares(mode, guests, 40 * MS);
    // Less than half a microsecond of 500 is the switch, which is charged here and not by the layer.
    expect(caller).toBeGreaterThan(0.099);
    expect(caller).toBeLessThan(0.1005);
  });

  it('a guest that waits with all masked has nothing, and its neighbour everything', () => {
    const source = 'csrw sie, zero\n 1: wfi\n j 1b';
    const [, neighbour] = runShares(mode, [{ source, priority: 2, budget: '2ms/10ms' }, { source: SPIN }], 5 * MS);
    expect(neighbour).toBeGreaterThan(0.999);
  });

  it('the higher priority has everything where nothing limits it', () => {
    const guests = [{ source: SPIN }, { source: SPIN, priority: 2 }];
    const [lower, higher] = runShares(mode, guests, 5 * MS);
    expect(lower).toBe(0);
    expect(higher).toBe(1);
  });

  it('budgets do not count where the scenario schedules by priority alone', () => {
    const guests = [{ source: SPIN }, { source: SPIN, priority: 2, budget: '2ms/10ms' }];
    expect(runShares(mode, guests, 5 * MS, { scheduling: 'priority' })).toEqual([0, 1]);
  });

  it('equals take turns of 10 ms', () => {
    const booted = bootAssembled(mode, [{ source: SPIN }, { source: SPIN }, { source: SPIN }]);
    const { machine } = booted;
    machine.run(5 * MS);
    const turns: (number | undefined)[] = [];
    for (let turn = 0; turn < 4; turn++) {
      turns.push(machine.world);
      machine.run(machine.cycles + 10 * MS);
    }
    expect(turns).toEqual([0, 1, 2, 0]);
  });

  it('four guests have what priorities and budgets leave them', () => {
    const guests = [
      { source: SPIN },
      { source: SPIN, priority: 3, budget: '1ms/5ms' },
      { source: SPIN, priority: 2, budget: '3ms/10ms' },
      { source: SPIN },
    ];
    const [first = 0, second, third, fourth = 0] = runShares(mode, guests, 60 * MS);
    expect(second).toBeCloseTo(0.2, 2);
    expect(third).toBeCloseTo(0.3, 2);
    expect(first + fourth).toBeCloseTo(0.5, 2);
    expect(Math.abs(first - fourth)).toBeLessThan(0.18); // a turn of 10 ms
  });

  it('a budget that was not used is not saved for later', () => {
    // Sleeps for 35 ms, then never lets go: at most one budget until the period's end, and one in each period.
    const source = `
  li t0, 0x20
  csrw sie, t0
  csrr t1, time
  li t0, 350000
  add t1, t1, t0
  csrw stimecmp, t1
  wfi
  ${SPIN}`;
    const booted = bootAssembled(mode, [{ source, priority: 2, budget: '2ms/10ms' }, { source: SPIN }]);
    booted.machine.run(34 * MS);
    const [sleeper = 0] = shares(booted, 16 * MS);
    expect(sleeper * 16).toBeGreaterThan(2);
    expect(sleeper * 16).toBeLessThan(4.1);
  });

  it('a guest runs in its window, all of it, and never beside it', () => {
    const window = '2ms+3ms/10ms';
    const booted = bootAssembled(mode, [{ source: SPIN, priority: 2, window }, { source: SPIN }]);
    const [windowed, other] = shares(booted, 20 * MS);
    expect(windowed).toBeCloseTo(0.3, 2);
    expect(other).toBeCloseTo(0.7, 2);
    // Looked at every 50 us: how long it runs and rests at a stretch, both whole.
    const { machine } = booted;
    const used = (): number => machine.accounting().guests[0]?.cycles ?? 0;
    const looks = Array.from({ length: 600 }, () => {
      const before = used();
      machine.run(machine.cycles + MS / 20);
      return used() > before;
    });
    const turns = looks.flatMap((runs, at) => (at > 0 && runs !== looks[at - 1] ? [at] : []));
    const stretches = turns.slice(1).map((at, before) => at - (turns[before] ?? 0));
    for (const length of stretches) expect([60, 61, 139, 140]).toContain(length);
    expect(stretches.length).toBeGreaterThan(3);
  });

  it('nobody runs between windows, and windows hold before priorities', () => {
    const guests = [
      { source: SPIN, window: '0us+1ms/4ms' },
      { source: SPIN, priority: 2, window: '2ms+1ms/4ms' },
      { source: SPIN, priority: 3, window: '2ms+200us/4ms' },
    ];
    const [first, second, third] = runShares(mode, guests, 40 * MS);
    expect(first).toBeCloseTo(0.25, 2);
    expect(second).toBeCloseTo(0.2, 2);
    expect(third).toBeCloseTo(0.05, 2);
  });

  it('a budget holds inside a window, and a window not where priority alone counts', () => {
    const window = '0us+5ms/10ms';
    const limited = [{ source: SPIN, priority: 2, budget: '1ms/10ms', window }, { source: SPIN }];
    expect(runShares(mode, limited, 20 * MS)[0]).toBeCloseTo(0.1, 2);
    expect(runShares(mode, limited, 5 * MS, { scheduling: 'priority' })[0]).toBe(1);
  });

  it('a guest whose timer is due outside its window wakes as that opens', () => {
    const source = `
  li t0, 0x20
  csrw sie, t0
  csrr t1, time
  li t0, 45000
  add t1, t1, t0
  csrw stimecmp, t1
  wfi
  li s0, MONITOR + MONITOR_HEARTBEAT
  sw zero, 0(s0)
  sw zero, 4(s0)
  ${END}`;
    // Sleeps from its first window into the time between two: it wakes with the second, 10 ms after the first.
    const booted = bootAssembled(mode, [{ source, priority: 2, window: '0us+2ms/10ms' }, { source: SPIN }]);
    const { machine } = booted;
    runUntil(booted, 'booted', () => machine.accounting().guests.some((guest) => guest.instret > 0), 10 * MS);
    const start = machine.cycles;
    machine.run(start + 9.9 * MS);
    expect(machine.monitors[0]?.heartbeats).toBe(0);
    machine.run(start + 10.1 * MS);
    expect(machine.monitors[0]?.heartbeats).toBe(1);
  });

  it('a guest of lower priority disturbs a higher one at most once by an interrupt that it waits for', () => {
    // The lower one starts a long transfer while the higher sleeps; its end falls into the time of the higher one.
    const lower = `
  ${transferOf(0x10_0000, 'SLOT', 'SLOT + 0x100000')}
  li s2, PLIC + 0x2080
  li t0, 1 << DMA_IRQ
  sw t0, 0(s2)
  li t0, 0x200
  csrw sie, t0
  li t0, 3
  sw t0, 24(s4)
  wfi
  ${END}`;
    const higher = `
  li t0, 0x20
  csrw sie, t0
  csrr t1, time
  addi t1, t1, 1000
  csrw stimecmp, t1
  wfi
  li s0, MONITOR + MONITOR_HEARTBEAT
  sd zero, 0(s0)
  ${SPIN}`;
    const booted = bootAssembled(mode, [{ source: lower }, { source: higher, priority: 2 }]);
    runUntil(booted, 'awake', () => booted.monitor(1).heartbeats > 0, 5 * MS);
    const entries = (): number => booted.machine.accounting().guests[1]?.entries ?? 0;
    const before = entries();
    booted.machine.run(booted.machine.cycles + 5 * MS);
    expect(entries() - before).toBeLessThanOrEqual(1);
    expect(booted.monitor(0).ended).toBe(false);
    expect(booted.machine.world).toBe(1);
  });

  it('an interrupt wakes its owner above a guest that never lets go', () => {
    // Transfers of 4 KiB for ever, each waited for: how many ticks after its end is the owner there?
    const owner = `
  ${transferOf(0x1000)}
  li s0, MONITOR + MONITOR_REPORT
  li s2, PLIC + 0x2080
  li s3, PLIC + 0x201000
  li t0, 1 << DMA_IRQ
  sw t0, 0(s2)
  li t0, 0x200
  csrw sie, t0
1:
  csrr s5, time
  li t0, 3
  sw t0, 24(s4)
  wfi
  csrr t0, time
  sub t0, t0, s5
  sd t0, 0(s0)
  lwu t1, 4(s3)
  li t0, 6
  sw t0, 28(s4)
  sw t1, 4(s3)
  j 1b`;
    const booted = bootAssembled(mode, [{ source: owner, priority: 2 }, { source: SPIN }]);
    booted.machine.run(3 * MS);
    const waits = booted.reports(0).map(Number);
    const TRANSFER_TICKS = (100 + 0x1000 / 8) / 100;
    expect(waits.length).toBeGreaterThan(50);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(Math.floor(TRANSFER_TICKS));
    expect(Math.max(...waits)).toBeLessThan(TRANSFER_TICKS + 60);
    expect(booted.layerVariable('world_switches')).toBeGreaterThan(2 * waits.length - 2);
  });
});

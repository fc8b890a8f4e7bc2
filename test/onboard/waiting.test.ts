// Who waits, rests: what may not wake a guest disturbs nobody, and a layer with nothing to run sleeps itself.
import { describe, expect, it } from 'vitest';
import type { Booted } from './boot-guests.ts';
import { bootAssembled, END, runUntil, SHARED_MODES } from './boot-guests.ts';
import { transferOf } from './snippets.ts';

const MS = 1_000_000;
const SPIN = '1: j 1b';
const TIMER_PENDING = 'csrwi stimecmp, 0\n li t0, 0x20\n csrw sie, t0\n';

/** Traps into the layer, whoever runs. */
const entries = ({ machine }: Booted): number =>
  machine.accounting().guests.reduce((sum, guest) => sum + guest.entries, 0);

/** A transfer that ends soon; its interrupt is enabled, but does not exceed the threshold. */
const RAISED = `
  ${transferOf(8)}
  li s2, PLIC + 0x2080
  li s3, PLIC + 0x201000
  li t0, 1 << DMA_IRQ
  sw t0, 0(s2)
  li t0, 1
  sw t0, 0(s3)
  li t0, 0x200
  csrw sie, t0
  li t0, 3
  sw t0, 24(s4)
`;
const HEARTBEAT = 'li s0, MONITOR + MONITOR_HEARTBEAT\n sd zero, 0(s0)\n';

describe.each(SHARED_MODES)('when %s', (mode) => {
  it.each([
    ['below the threshold', ''],
    ['not enabled in sie', 'sw zero, 0(s3)\n li t0, 0x20\n csrw sie, t0'],
    ['not enabled at the PLIC', 'sw zero, 0(s3)\n sw zero, 0(s2)'],
  ])('a source that is %s does not wake its owner, nor disturb who runs', (_why, mask) => {
    const owner = `${RAISED} ${mask}\n wfi\n ${HEARTBEAT} ${SPIN}`;
    const booted = bootAssembled(mode, [{ source: owner, priority: 2 }, { source: SPIN }]);
    booted.machine.run(2 * MS);
    const before = entries(booted);
    booted.machine.run(4 * MS);
    expect(booted.monitor(0).heartbeats).toBe(0);
    expect(booted.machine.world).toBe(1);
    expect(entries(booted) - before).toBe(0);
  });

  it('and wakes it once the threshold lets it through', () => {
    // Its timer wakes it first; it lowers the threshold, and waits again.
    const owner = `
  ${RAISED}
  csrr t0, time
  addi t0, t0, 1000
  csrw stimecmp, t0
  li t0, 0x220
  csrw sie, t0
  wfi
  ${HEARTBEAT}
  sw zero, 0(s3)
  li t0, 0x200
  csrw sie, t0
  wfi
  lwu t1, 4(s3)
  ${HEARTBEAT}
  ${END}`;
    const booted = bootAssembled(mode, [{ source: owner, priority: 2 }, { source: SPIN }]);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 3 * MS);
    expect(booted.monitor(0).heartbeats).toBe(2);
  });

  it('a guest out of budget, its interrupts pending, lets the machine rest', () => {
    const guests = [{ source: `${TIMER_PENDING} ${SPIN}`, budget: '100us/500us' }, { source: END }];
    const booted = bootAssembled(mode, guests);
    booted.machine.run(MS);
    const idle = booted.machine.accounting().idle;
    const before = entries(booted);
    booted.machine.run(6 * MS);
    expect((booted.machine.accounting().idle - idle) / (5 * MS)).toBeCloseTo(0.8, 1);
    expect(entries(booted) - before).toBeLessThanOrEqual(11);
  });

  it.each([
    ['stopped', 'li a6, 1\n li a7, 0x48534d\n ecall'],
    ['reset', 'li a0, 1\n li a1, 0\n li a6, 0\n li a7, 0x53525354\n ecall'],
  ])('a guest that is %s, its interrupts pending, lets the machine rest for good', (_how, call) => {
    const guests = [{ source: `${TIMER_PENDING} ${call}\n ${HEARTBEAT}` }, { source: END, priority: 2 }];
    const booted = bootAssembled(mode, guests, { restart: 'never' });
    expect(booted.machine.run(5 * MS).kind).toBe('idle');
    expect(booted.monitor(0).heartbeats).toBe(0);
  });

  it('a guest alone keeps its interrupts over the end of its budget', () => {
    // An interrupt of its own every 50 us while it runs; each is a heartbeat.
    const source = `
  la t0, handler
  csrw stvec, t0
  li s0, MONITOR + MONITOR_HEARTBEAT
  csrwi stimecmp, 0
  li t0, 0x20
  csrw sie, t0
  csrsi sstatus, 2
  ${SPIN}
  .align 2
handler:
  csrr t0, time
  addi t0, t0, 500
  csrw stimecmp, t0
  sd zero, 0(s0)
  sret`;
    const booted = bootAssembled(mode, [{ source, budget: '200us/1ms' }, { source: END }]);
    booted.machine.run(20 * MS);
    // Four or five in each period of 1 ms, the first of them at its very begin.
    expect(booted.monitor(0).heartbeats).toBeGreaterThanOrEqual(19 * 4);
    expect(booted.monitor(0).heartbeats).toBeLessThanOrEqual(20 * 5);
  });

  it('an interrupt that comes while its owner is out of budget waits for the budget', () => {
    const source = `
  li s0, MONITOR + MONITOR_REPORT
  csrr s1, time
  li t0, 1500
  add t0, s1, t0
  csrw stimecmp, t0
  la t0, handler
  csrw stvec, t0
  li t0, 0x20
  csrw sie, t0
  csrsi sstatus, 2
  ${SPIN}
  .align 2
handler:
  csrr t0, time
  sub t0, t0, s1
  sd t0, 0(s0)
  ${END}`;
    const booted = bootAssembled(mode, [{ source, priority: 2, budget: '100us/500us' }, { source: SPIN }]);
    booted.machine.run(2 * MS);
    const [ticks = 0n] = booted.reports(0);
    // Due after 150 us, when the budget of 100 us is spent; it comes with the next period, which begins 500 us after
    // the first.
    expect(Number(ticks)).toBeGreaterThan(4900);
    expect(Number(ticks)).toBeLessThan(5050);
  });
});

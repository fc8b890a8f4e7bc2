// What SBI calls do, apart from their answer: the same in every mode.
import { describe, expect, it } from 'vitest';
import type { BootOptions } from './boot-guests.ts';
import { bootAssembled, END, MODES, type ModeName, report, runUntil } from './boot-guests.ts';
import { buildTables, turnOnPaging, windowAddress } from './page-tables.ts';
import { HSM, IPI, RFENCE, SRST, SUCCESS, TIME } from './sbi-calls.ts';

const sbi = (id: number, fid: number, ...args: (number | string)[]): string =>
  `${args.map((arg, i) => `  li a${i}, ${arg}`).join('\n')}\n  li a6, ${fid}\n  li a7, ${id}\n  ecall\n`;

describe('what a call does', () => {
  const boot = (mode: ModeName, source: string, options: BootOptions = {}) =>
    bootAssembled(mode, [{ source, priority: 2 }, { source: `1: j 1b` }], options);

  it.each(MODES)('set_timer raises the timer interrupt then, and takes it back when set anew, when %s', (mode) => {
    const pending = `csrr t0, sip\n andi t0, t0, 0x20\n ${report('t0')}`;
    const source = `
  csrr s0, time
  addi s0, s0, 200
  mv a0, s0
  li a6, 0
  li a7, ${TIME}
  ecall
  csrr t0, stimecmp
  sub t0, t0, s0
  ${report('t0')}
  ${pending}
1:
  csrr t0, sip
  andi t0, t0, 0x20
  beqz t0, 1b
  csrr t0, time
  sub t0, t0, s0
  ${report('t0')}
  ${sbi(TIME, 0, -1)}
  ${pending}
  ${END}`;
    const booted = boot(mode, source);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 1_000_000);
    const [compare, before, late = 99n, after] = booted.reports(0);
    expect([compare, before, after]).toEqual([0n, 0n, 0n]);
    expect(late).toBeLessThan(2n);
  });

  it.each(MODES)('an ipi to itself raises the software interrupt, which the guest takes back, when %s', (mode) => {
    const source = `
  la t0, trapped
  csrw stvec, t0
  csrwi sie, 2
  csrsi sstatus, 2
  ${sbi(IPI, 0, 1, 0)}
  ${report('s0')}
  ${sbi(IPI, 0, 0, -1)}
  ${report('s0')}
  csrr t0, sip
  andi t0, t0, 2
  ${report('t0')}
  ${END}
  .align 2
trapped:
  addi s0, s0, 1
  csrr t0, scause
  ${report('t0')}
  csrci sip, 2
  sret`;
    const booted = boot(mode, source);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 1_000_000);
    const SOFTWARE = (1n << 63n) | 1n;
    expect(booted.reports(0)).toEqual([SOFTWARE, 1n, SOFTWARE, 2n, 0n]);
  });

  it.each(MODES)('hart_suspend waits for the next enabled interrupt when %s', (mode) => {
    const source = `
  csrr s0, time
  addi s0, s0, 500
  csrw stimecmp, s0
  li t0, 0x20
  csrw sie, t0
  ${sbi(HSM, 3, 0, 0, 0)}
  ${report('a0')}
  csrr t0, time
  sub t0, t0, s0
  ${report('t0')}
  ${END}`;
    const booted = boot(mode, source);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 1_000_000);
    const [error, late = 99n] = booted.reports(0);
    expect(error).toBe(SUCCESS);
    expect(late).toBeLessThan(50n);
  });

  it.each(MODES)('hart_stop parks the caller, and nobody else, when %s', (mode) => {
    const neighbour = `li s0, MONITOR + MONITOR_HEARTBEAT\n1: sd s0, 0(s0)\n j 1b`;
    const source = `${sbi(HSM, 1)} ${report('a0')} ${END}`;
    const booted = bootAssembled(mode, [{ source, priority: 2 }, { source: neighbour }]);
    booted.machine.run(5_000_000);
    expect(booted.reports(0)).toEqual([]);
    expect(booted.monitor(0).ended).toBe(false);
    if (mode !== 'native') expect(booted.monitor(1).heartbeats).toBeGreaterThan(10_000);
  });

  it.each(MODES)('a reset parks its caller where it is a guest’s affair, when %s', (mode) => {
    const booted = boot(mode, `${sbi(SRST, 0, 1, 0)} ${report('a0')} ${END}`);
    const stop = booted.machine.run(5_000_000);
    expect(stop.kind).toBe(mode === 'native' ? 'idle' : 'limit');
    expect(booted.reports(0)).toEqual([]);
  });

  it.each(MODES)('a reset ends the machine where that is the policy, when %s', (mode) => {
    const kinds = [
      { type: 0, reason: 0, kind: 'pass' },
      { type: 0, reason: 1, kind: 'fail' },
      { type: 1, reason: 0, kind: 'reset' },
      { type: 2, reason: 1, kind: 'reset' },
    ];
    for (const { type, reason, kind } of kinds) {
      const booted = boot(mode, `${sbi(SRST, 0, type, reason)} ${report('a0')} ${END}`, { reset: 'machine' });
      expect(booted.machine.run(5_000_000)).toMatchObject({ kind: 'finished', finish: { kind }, by: 'layer' });
      expect(booted.reports(0)).toEqual([]);
    }
  });

  it.each(MODES)('a remote fence makes a changed page table count when %s', (mode) => {
    // The page is read once, then its entry is changed: a TLB may still hold the old one, until the fence.
    const ROOT = 'DATA + 0x10000';
    const LEAF = `${ROOT} + 0x2000 + ${8 * ((windowAddress(0) / 4096) % 512)}`;
    const pages = [{ number: 0, physical: 'DATA' }];
    const read = `ld t0, 0(s0)\n ${report('t0')}`;
    const source = `
  li t0, DATA
  li t1, 11
  sd t1, 0(t0)
  li t0, DATA + 0x1000
  li t1, 22
  sd t1, 0(t0)
  ${buildTables(ROOT, pages)}
  ${turnOnPaging(ROOT, 7)}
  li s0, ${windowAddress(0)}
  ${read}
  li t0, ${LEAF}
  ld t1, 0(t0)
  li t2, 0x400
  add t1, t1, t2
  sd t1, 0(t0)
  ${read}
  ${sbi(RFENCE, 2, 1, 0, windowAddress(0), 4096, 7)}
  ${read}
  ${END}`;
    const booted = boot(mode, source);
    runUntil(booted, 'ended', () => booted.monitor(0).ended, 1_000_000);
    expect(booted.reports(0)).toEqual([11n, 11n, 22n]);
  });
});

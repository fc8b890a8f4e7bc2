// Firmware, nanokernel and hypervisor answer every SBI call alike, whatever a guest asks.
import { describe, expect, it } from 'vitest';
import type { BootOptions } from './boot-guests.ts';
import { bootAssembled, END, MODES, type ModeName, report, runToEnd, runUntil, slotOf } from './boot-guests.ts';
import { buildTables, turnOnPaging, windowAddress } from './page-tables.ts';

const BASE = 0x10;
const TIME = 0x54494d45;
const IPI = 0x735049;
const RFENCE = 0x52464e43;
const HSM = 0x48534d;
const SRST = 0x53525354;
const DBCN = 0x4442434e;
const VENDOR = 0x0900_7ac0;
const ALL_ONES = (1n << 64n) - 1n;

const SUCCESS = 0n;
const FAILED = BigInt.asUintN(64, -1n);
const NOT_SUPPORTED = BigInt.asUintN(64, -2n);
const INVALID_PARAM = BigInt.asUintN(64, -3n);
const ALREADY_AVAILABLE = BigInt.asUintN(64, -6n);

interface Call {
  readonly name: string;
  readonly id: number | bigint;
  readonly function: number | bigint;
  /** Numbers, or expressions of the assembler. */
  readonly args?: readonly (number | bigint | string)[];
  readonly error: bigint;
  readonly value?: bigint | number;
}

const base = (name: string, fid: number, value: number | bigint, arg: number | bigint = 0): Call => ({
  name: `base ${name}`,
  id: BASE,
  function: fid,
  args: [arg],
  error: SUCCESS,
  value,
});
const probe = (name: string, id: number | bigint, value: number): Call => base(`probe ${name}`, 3, value, id);
const call = (name: string, id: number | bigint, fid: number | bigint, args: Call['args'], error: bigint): Call => ({
  name,
  id,
  function: fid,
  ...(args === undefined ? {} : { args }),
  error,
});

const SLOT_END = 'SLOT + 0x200000';
const write = (name: string, args: readonly (number | bigint | string)[], printed: number): Call => ({
  ...call(`write ${name}`, DBCN, 0, args, SUCCESS),
  value: printed,
});
const refused = (name: string, args: readonly (number | bigint | string)[]): Call =>
  call(`write ${name}`, DBCN, 0, args, INVALID_PARAM);

const CALLS: readonly Call[] = [
  base('spec version', 0, 0x0200_0000),
  base('implementation', 1, 0x7ac0),
  base('implementation version', 2, 1),
  base('mvendorid', 4, 0),
  base('marchid', 5, 0),
  base('mimpid', 6, 0),
  probe('base', BASE, 1),
  probe('time', TIME, 1),
  probe('ipi', IPI, 1),
  probe('rfence', RFENCE, 1),
  probe('hsm', HSM, 1),
  probe('srst', SRST, 1),
  probe('dbcn', DBCN, 1),
  probe('pmu', 0x504d55, 0),
  probe('legacy console', 1, 0),
  probe('more than 32 bits', 0x1_0000_0010n, 0),
  call('base beyond its functions', BASE, 7, [], NOT_SUPPORTED),
  call('base, no function at all', BASE, ALL_ONES, [], NOT_SUPPORTED),
  call('unknown extension', 0x1234_5678, 0, [1, 2], NOT_SUPPORTED),
  call('extension of all ones', ALL_ONES, 0, [], NOT_SUPPORTED),
  call('extension of more than 32 bits', 0x1_0000_0010n, 0, [], NOT_SUPPORTED),
  call('legacy set_timer', 0, 0, [ALL_ONES], NOT_SUPPORTED),
  call('legacy putchar', 1, 0, [0x21], NOT_SUPPORTED),
  call('legacy shutdown', 8, 0, [], NOT_SUPPORTED),
  call('the service extension', VENDOR, 0, [], NOT_SUPPORTED),
  call('timer of never', TIME, 0, [ALL_ONES], SUCCESS),
  call('timer, unknown function', TIME, 1, [0], NOT_SUPPORTED),
  call('ipi to nobody', IPI, 0, [0, 0], SUCCESS),
  call('ipi to an absent hart', IPI, 0, [2, 0], INVALID_PARAM),
  call('ipi to absent harts further up', IPI, 0, [1, 64], INVALID_PARAM),
  call('ipi, unknown function', IPI, 1, [1, 0], NOT_SUPPORTED),
  call('fence.i of all harts', RFENCE, 0, [0, ALL_ONES], SUCCESS),
  call('sfence.vma of the own hart', RFENCE, 1, [1, 0, 0, ALL_ONES], SUCCESS),
  call('sfence.vma of an ASID', RFENCE, 2, [1, 0, 0, 0x1000, 5], SUCCESS),
  call('sfence.vma of an absent hart', RFENCE, 1, [2, 0, 0, 0], INVALID_PARAM),
  call('hfence.gvma', RFENCE, 3, [1, 0, 0, 0], NOT_SUPPORTED),
  call('hfence.vvma', RFENCE, 6, [1, 0, 0, 0], NOT_SUPPORTED),
  call('start of the own hart', HSM, 0, [0, 'SLOT', 0], ALREADY_AVAILABLE),
  call('start of an absent hart', HSM, 0, [1, 'SLOT', 0], INVALID_PARAM),
  call('status of the own hart', HSM, 2, [0], SUCCESS),
  call('status of an absent hart', HSM, 2, [1], INVALID_PARAM),
  call('suspend without memory', HSM, 3, [0x8000_0000, 0, 0], NOT_SUPPORTED),
  call('suspend of a reserved kind', HSM, 3, [1, 0, 0], INVALID_PARAM),
  call('hsm, unknown function', HSM, 4, [0], NOT_SUPPORTED),
  call('reset of a reserved type', SRST, 0, [3, 0], INVALID_PARAM),
  call('reset for a reserved reason', SRST, 0, [0, 2], INVALID_PARAM),
  call('reset, unknown function', SRST, 1, [0, 0], NOT_SUPPORTED),
  write('a line', [6, 'text', 0], 6),
  write('nothing', [0, 'text', 0], 0),
  write('more than a call takes', [100, 'text', 0], 64),
  write('a length without end', [ALL_ONES, 'text', 0], 64),
  write('the last bytes of the slot', [8, `${SLOT_END} - 8`, 0], 8),
  refused('across the end of the slot', [8, `${SLOT_END} - 7`, 0]),
  refused('before the slot', [8, 'SLOT - 4', 0]),
  refused('from the neighbour', [8, String(slotOf(1) + 0x1000), 0]),
  refused('from the layer', [8, 0x8000_0000, 0]),
  refused('from a device', [8, 0x1000_0000, 0]),
  refused('around the end of all addresses', [64, ALL_ONES, 0]),
  refused('beyond 64 bits', [8, 'text', 1]),
  call('read', DBCN, 1, [8, 'DATA', 0], SUCCESS),
  call('write of a byte', DBCN, 2, [0x2e], SUCCESS),
  call('console, unknown function', DBCN, 3, [0], NOT_SUPPORTED),
];
const TEXT = 'hello, this is the text that the guest has for its console; it is longer than a call may be, so it ends';
const PRINTED = `${TEXT.slice(0, 6)}${TEXT.slice(0, 64)}${TEXT.slice(0, 64)}the-end!.`;

/** Registers a2 to a7 keep what they held; what changed is counted. */
const KEPT = ['a2', 'a3', 'a4', 'a5', 'a6', 'a7'];

const program = (setup: string): string => `
  j start
text:
  .ascii "${TEXT}"
  .align 3
start:
  li t0, ${SLOT_END} - 8
  li t1, 0x${Buffer.from('the-end!').reverse().toString('hex')}
  sd t1, 0(t0)
  ${setup}
${CALLS.map(({ id, function: fid, args = [] }) => {
  const values = [...args, ...Array.from({ length: 6 - args.length }, (_, i) => 0x5a5a + i), fid, id];
  return `
${values.map((value, i) => (value === 'text' ? `  la a${i}, text` : `  li a${i}, ${value}`)).join('\n')}
${KEPT.map((name, i) => `  mv s${i + 2}, ${name}`).join('\n')}
  ecall
  li t0, 0
${KEPT.map((name, i) => `  sub t1, s${i + 2}, ${name}\n  snez t1, t1\n  add t0, t0, t1`).join('\n')}
  ${report('a0')} ${report('a1')} ${report('t0')}`;
}).join('')}
  ${END}`;

const answer = (name: string, error: bigint, value: bigint, changed: bigint): string =>
  `${name}: error ${BigInt.asIntN(64, error)}, value ${value}, ${changed} registers changed`;

function answers(mode: ModeName, setup = ''): { answers: string[]; printed: string | undefined } {
  const booted = bootAssembled(mode, [{ source: program(setup) }, { source: END }]);
  runToEnd(booted, 10_000_000);
  expect(booted.machine.ledger.entries).toEqual([]);
  expect(booted.machine.layerConsole.text()).toBe('');
  const words = booted.reports(0);
  return {
    answers: CALLS.map(({ name }, i) =>
      answer(name, words[3 * i] ?? FAILED, words[3 * i + 1] ?? FAILED, words[3 * i + 2] ?? FAILED),
    ),
    printed: booted.machine.consoles[0]?.text(),
  };
}

describe('the SBI', () => {
  const wanted = {
    answers: CALLS.map(({ name, error, value }) => answer(name, error, BigInt(value ?? 0), 0n)),
    printed: PRINTED,
  };

  it.each(MODES)('answers every call, all of it, when %s', (mode) => {
    expect(answers(mode)).toEqual(wanted);
  });

  // Addresses of the SBI are physical, whatever the guest translates.
  it.each(MODES)('answers the same to a guest with paging when %s', (mode) => {
    const ROOT = 'DATA + 0x10000';
    expect(answers(mode, `${buildTables(ROOT, [])}\n${turnOnPaging(ROOT, 9)}`)).toEqual(wanted);
  });

  it.each(MODES)('is not for user mode: its ecall goes to the kernel, when %s', (mode) => {
    const source = `
  la t0, trapped
  csrw stvec, t0
  la t0, user
  csrw sepc, t0
  sret
user:
  li a7, ${SRST}
  li a6, 0
  ecall
  .align 2
trapped:
  csrr t0, scause
  ${report('t0')}
  csrr t0, sepc
  la t1, user
  sub t0, t0, t1
  ${report('t0')}
  ${report('a7')}
  ${END}`;
    const booted = bootAssembled(mode, [{ source }, { source: END }]);
    runToEnd(booted, 10_000_000);
    expect(booted.reports(0).map(Number)).toEqual([8, 12, SRST]);
  });
});

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

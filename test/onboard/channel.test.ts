// The message channel between guests: what arrives, in which order, what is refused, and that a hostile peer costs nobody
// else anything. The programs are also the example of its use.
import { describe, expect, it } from 'vitest';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootAssembled, END, MODES, report, runToEnd, runUntil, SHARED_MODES, slotOf } from './boot-guests.ts';
import { buildTables, turnOnPaging } from './page-tables.ts';

const EID = 0x0900_7ac0;
const [SELF, RING, TAKE, SEND, RECEIVE, WRITE, READ] = [0, 1, 2, 3, 4, 5, 6];
const SUCCESS = 0n;
const FAILED = BigInt.asUintN(64, -1n);
const NOT_SUPPORTED = BigInt.asUintN(64, -2n);
const INVALID_PARAM = BigInt.asUintN(64, -3n);
const QUEUE_WORDS = 32;
const QUEUE_BYTES = 512;
const BYTES_PER_CALL = 64;
const SOURCE = (guest: number): number => 24 + guest;

type Argument = number | bigint | string;
/** A call; error and value are left in a0 and a1. */
const service = (fid: number | bigint, ...args: readonly Argument[]): string =>
  `${[...args].map((value, n) => `  li a${n}, ${value}\n`).join('')}  li a6, ${fid}\n  li a7, ${EID}\n  ecall\n`;
const told = (fid: number | bigint, ...args: readonly Argument[]): string =>
  `${service(fid, ...args)} ${report('a0')} ${report('a1')}`;
const BASE_PROBE = `li a0, ${EID}\n li a6, 3\n li a7, 0x10\n ecall\n ${report('a1')}`;

function reportsOf(mode: ModeName, source: string, peer = END): bigint[] {
  const booted = bootAssembled(mode, [{ source: `${source} ${END}` }, { source: peer }]);
  runToEnd(booted, 20_000_000);
  expect(booted.machine.ledger.entries).toEqual([]);
  expect(booted.machine.layerConsole.text()).toBe('');
  return booted.reports(0);
}

/** Sleeps until its service interrupt comes, claims it, does `body`, completes it, and so on. */
const onInterrupt = (guest: number, body: string): string => `
  li s2, PLIC + 0x2080
  li t0, 1 << ${SOURCE(guest)}
  sw t0, 0(s2)
  li s3, PLIC + 0x201004
  li t0, 0x200
  csrw sie, t0
10:
  wfi
  lwu s4, 0(s3)
  beqz s4, 10b
  ${body}
  sw s4, 0(s3)
  j 10b`;

describe('without a peer', () => {
  it('native has no services, and says so', () => {
    const reports = reportsOf(
      'native',
      `${BASE_PROBE} ${told(SELF)} ${told(SEND, 1, 5)} ${told(WRITE, 1, 8, 'SLOT', 0)}`,
    );
    expect(reports).toEqual([0n, NOT_SUPPORTED, 0n, NOT_SUPPORTED, 0n, NOT_SUPPORTED, 0n]);
  });
});

describe.each(SHARED_MODES)('the channel, when %s,', (mode) => {
  it('is there, and says who one is and how many there are', () => {
    expect(reportsOf(mode, `${BASE_PROBE} ${told(SELF)}`)).toEqual([1n, SUCCESS, 2n << 32n]);
  });

  it('carries words, in order, and an answer to each', () => {
    // The peer outranks the asker and adds one to whatever comes.
    const adder = onInterrupt(1, `${service(RECEIVE, 0)} addi a1, a1, 1\n li a0, 0\n li a6, ${SEND}\n ecall\n`);
    const ask = (n: number): string =>
      `${service(SEND, 1, n)} 11: ${service(RECEIVE, 1)} bnez a0, 11b\n ${report('a1')}`;
    const asking = [10, 20, 30, 2 ** 31].map(ask).join('').replaceAll('11:', '12:').replaceAll('11b', '12b');
    const booted = bootAssembled(mode, [{ source: `${asking} ${END}` }, { source: adder, priority: 2 }]);
    runUntil(booted, 'answered', () => booted.monitor(0).ended, 20_000_000);
    expect(booted.reports(0)).toEqual([11n, 21n, 31n, 2n ** 31n + 1n]);
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('rings a sleeping peer once for each time, and tells it by whom', () => {
    const taker = onInterrupt(1, `${service(TAKE)} ${report('a1')}`);
    const pause = 'li t0, 30000\n 13: addi t0, t0, -1\n bnez t0, 13b\n';
    const ringing = `${service(RING, 1)} ${service(RING, 1)} ${pause} ${service(RING, 1)} ${pause}`;
    const booted = bootAssembled(mode, [{ source: `${ringing} ${END}` }, { source: taker, priority: 2 }]);
    runUntil(booted, 'rung', () => booted.monitor(0).ended, 20_000_000);
    booted.machine.run(booted.machine.cycles + 1_000_000);
    expect(booted.reports(1)).toEqual([1n, 1n, 1n]);
  });

  it('carries bytes like a UART, as many as there is room for', () => {
    const fill = `li t0, DATA\n li t1, 0\n 14: sb t1, 0(t0)\n addi t0, t0, 1\n addi t1, t1, 1\n li t2, 600\n bltu t1, t2, 14b\n`;
    const writes = Array.from({ length: 9 }, (_, n) => told(WRITE, 1, 100, `DATA + ${n * BYTES_PER_CALL}`, 0)).join('');
    const reader = `
  li s5, DATA + 0x800
15:
  mv s6, s5
  li a0, 0
  li a1, 40
  mv a2, s5
  li a3, 0
  li a6, ${READ}
  li a7, ${EID}
  ecall
  add s5, s5, a1
  li t0, DATA + 0x800 + ${QUEUE_BYTES}
  bltu s5, t0, 15b
  ${END}`;
    const booted = bootAssembled(mode, [{ source: `${fill} ${writes} ${END}`, priority: 2 }, { source: reader }]);
    runToEnd(booted, 20_000_000);
    const answers = booted.reports(0);
    const counts = answers.filter((_, n) => n % 2 === 1);
    expect(answers.filter((_, n) => n % 2 === 0).every((error) => error === SUCCESS)).toBe(true);
    expect(counts).toEqual([...Array<bigint>(8).fill(64n), 0n]);
    const got = booted.machine.read(slotOf(1) + 0x10_0000 + 0x800, QUEUE_BYTES);
    expect([...got]).toEqual(Array.from({ length: QUEUE_BYTES }, (_, n) => n % 256));
    expect(booted.machine.ledger.entries).toEqual([]);
  });

  it('refuses what is beyond its queues, and loses nothing that it took', () => {
    const flood = `li s5, 0\n 16: ${service(SEND, 1, 7)} bnez a0, 17f\n addi s5, s5, 1\n j 16b\n 17: ${report('s5')} ${report('a0')}`;
    expect(reportsOf(mode, flood)).toEqual([BigInt(QUEUE_WORDS), FAILED]);
    expect(reportsOf(mode, `${told(RECEIVE, 1)} ${told(READ, 1, 64, 'DATA', 0)} ${told(TAKE)}`)).toEqual([
      FAILED,
      0n,
      SUCCESS,
      0n,
      SUCCESS,
      0n,
    ]);
  });

  it('has no peer but the other guests', () => {
    const ALL_ONES = (1n << 64n) - 1n;
    for (const fid of [RING, SEND, RECEIVE, WRITE, READ]) {
      const peers = [0, 2, 4, 64, 1n << 32n, (1n << 32n) + 1n, ALL_ONES].map((peer) =>
        told(fid ?? 0, peer, 8, 'DATA', 0),
      );
      const errors = reportsOf(mode, peers.join('')).filter((_, n) => n % 2 === 0);
      expect(errors, `function ${fid}`).toEqual(Array(7).fill(INVALID_PARAM));
    }
  });

  it('knows no other function', () => {
    const unknown = [7, 8, 255, 1n << 32n, 1n << 63n, (1n << 64n) - 1n].map((fid) => told(fid, 1, 1, 1, 1));
    expect(reportsOf(mode, unknown.join('')).filter((_, n) => n % 2 === 0)).toEqual(Array(6).fill(NOT_SUPPORTED));
  });

  const OUTSIDE: readonly (readonly [string, readonly Argument[]])[] = [
    ['of the neighbour', [String(slotOf(1) + 0x1000), 0]],
    ['of the layer', [0x8000_0000, 0]],
    ['of a device', [0x1000_0000, 0]],
    ['across the end of the slot', ['SLOT + 0x200000 - 7', 0]],
    ['before the slot', ['SLOT - 1', 0]],
    ['at the end of all addresses', [(1n << 64n) - 1n, 0]],
    ['beyond 64 bits', ['DATA', 1]],
  ];

  it('reads and writes only memory of the caller, with paging or without', () => {
    const peer = `li t0, DATA\n ${service(WRITE, 0, 64, 'DATA', 0)} ${END}`;
    const calls = OUTSIDE.flatMap(([, at]) => [told(WRITE, 1, 8, ...at), told(READ, 1, 8, ...at)]).join('');
    const wait = 'li t0, 100000\n 18: addi t0, t0, -1\n bnez t0, 18b\n';
    for (const setup of ['', `${buildTables('DATA + 0x10000', [])} ${turnOnPaging('DATA + 0x10000', 3)}`]) {
      // The guests take turns, so the peer's bytes are there; they stay there, refusal by refusal.
      const sleep =
        'csrr t1, time\n li t0, 2000\n add t1, t1, t0\n csrw stimecmp, t1\n li t0, 0x20\n csrw sie, t0\n wfi\n';
      const source = `${sleep} ${setup} ${wait} ${calls} ${told(READ, 1, 64, 'DATA', 0)}`;
      const answers = reportsOf(mode, source, peer);
      const errors = answers.slice(0, -2).filter((_, n) => n % 2 === 0);
      expect(errors).toEqual(Array(2 * OUTSIDE.length).fill(INVALID_PARAM));
      expect(answers.slice(-2)).toEqual([SUCCESS, 64n]);
    }
  });

  it('is empty after a restart, in both directions', () => {
    const reboot = 'li a0, 1\n li a1, 0\n li a6, 0\n li a7, 0x53525354\n ecall\n';
    const source = `${told(RECEIVE, 1)} ${told(TAKE)} ${service(SEND, 1, 5)} ${service(RING, 1)} ${service(WRITE, 1, 9, 'DATA', 0)}
  csrr t1, time
  li t0, 3000
  add t1, t1, t0
  csrw stimecmp, t1
  li t0, 0x20
  csrw sie, t0
  wfi
  ${reboot}`;
    const peer = `${service(SEND, 0, 6)} ${service(RING, 0)} csrr t1, time
  li t0, 200000
  add t1, t1, t0
  csrw stimecmp, t1
  li t0, 0x20
  csrw sie, t0
  wfi
  ${told(RECEIVE, 0)} ${told(READ, 0, 64, 'DATA', 0)} ${told(TAKE)} ${END}`;
    const booted = bootAssembled(mode, [{ source, priority: 2 }, { source: peer }], { restarts: 1 });
    runUntil(booted, 'ended', () => booted.monitor(1).ended, 100_000_000);
    // Twice nothing has come: in the first life because the sender had not run, in the second because it is another.
    expect(booted.reports(0)).toEqual([FAILED, 0n, SUCCESS, 0n, FAILED, 0n, SUCCESS, 0n]);
    expect(booted.reports(1).slice(0, 4)).toEqual([SUCCESS, 5n, SUCCESS, 9n]);
  });
});

const FLOODS: readonly (readonly [string, string])[] = [
  ['rings', `1: ${service(RING, 1)} j 1b`],
  ['sends', `1: ${service(SEND, 1, 3)} j 1b`],
  ['writes', `1: ${service(WRITE, 1, 64, 'SLOT', 0)} j 1b`],
  ['calls what there is not', `1: ${service(99, 1)} j 1b`],
];

describe.each(SHARED_MODES)('a peer that floods the channel, when %s,', (mode) => {
  it.each(FLOODS)('and %s for ever takes nothing from one that does not listen', (_, source) => {
    const CYCLES = 4_000_000;
    const beat =
      'li s0, MONITOR + MONITOR_HEARTBEAT\n 1: li t0, 1000\n 2: addi t0, t0, -1\n bnez t0, 2b\n sd zero, 0(s0)\n j 1b';
    const guests = [{ source, priority: 2, budget: '100us/500us' }, { source: beat }];
    const booted: Booted = bootAssembled(mode, guests);
    expect(booted.machine.run(CYCLES).kind).toBe('limit');
    expect(booted.monitor(1).heartbeats).toBeGreaterThan((0.75 * CYCLES) / 2100);
    expect(booted.machine.ledger.entries).toEqual([]);
    expect(booted.machine.layerConsole.text()).toBe('');
  });
});

it('there are as many modes with services as there are shared ones', () => {
  expect(MODES.filter((mode) => reportsOf(mode, BASE_PROBE)[0] === 1n)).toEqual([...SHARED_MODES]);
});

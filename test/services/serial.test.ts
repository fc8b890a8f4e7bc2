// The virtual UART: each end judged by the board's own 16550A, which is another's work, and both ends by what goes between
// them.
import { describe, expect, it } from 'vitest';
import { virtualSource } from '../../src/machine/board.ts';
import { Ns16550a } from '../../src/machine/devices/ns16550a.ts';
import type { Service } from '../../src/scenario/services.ts';
import {
  type Booted,
  bootAssembled,
  END,
  type ModeName,
  report,
  runToEnd,
  SHARED_MODES,
} from '../onboard/boot-guests.ts';
import { pageOf } from './driver.ts';

const MS = 1_000_000;
const page = pageOf('serial');
const JOINED: readonly Service[] = [{ kind: 'serial', of: [0, 1] }];

const DATA = 0;
const IER = 1;
const FCR = 2;
const IIR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;
const DTR_RTS = 3;
const OVERRUN = 2;
const EMPTY = 0x60;
const READY = 1;

const put = (register: number, value: number): string => `li t1, ${value}\n sb t1, ${register}(s0)\n`;
const get = (register: number): string => `lbu t1, ${register}(s0)\n ${report('t1')}`;
const text = (bytes: string): string => [...bytes].map((c) => put(DATA, c.charCodeAt(0))).join('');
/** Sleeps until the guest's virtual source interrupts, and reports which it was. */
const wait = `
88: wfi
  csrr t0, sip
  andi t0, t0, 0x200
  beqz t0, 88b
  li t0, PLIC + 0x201004
  lwu t1, 0(t0)
  ${report('t1')}
`;
/** Once its reason is gone: a level that is still high would be pending anew. */
const complete = (guest: number): string => `
  li t0, PLIC + 0x201004
  li t1, ${virtualSource(guest)}
  sw t1, 0(t0)
`;

const open = (guest: number): string => `
  li s0, ${page}
  li t0, 1 << ${virtualSource(guest)}
  li t1, PLIC + 0x2080
  sw t0, 0(t1)
  li t0, 0x200
  csrw sie, t0
  ${put(FCR, 0x07)}${put(MCR, DTR_RTS)}`;

/** The first guest runs whenever it can. */
function join(mode: ModeName, first: string, second: string): Booted {
  const booted = bootAssembled(
    mode,
    [first, second].map((source, guest) => ({ source: `${open(guest)} ${source} ${END}`, priority: 2 - guest })),
    { services: JOINED },
  );
  runToEnd(booted, 50 * MS);
  expect(booted.machine.ledger.entries).toEqual([]);
  return booted;
}

const numbers = (words: readonly bigint[]): number[] => words.map(Number);

type Act = readonly ['put' | 'get', number, number];

/** What the board's UART answers; looped back, so that no peer matters. */
function boardAnswers(acts: readonly Act[]): number[] {
  const uart = new Ns16550a({ name: 'oracle', onByte: () => {} });
  return acts.flatMap(([act, register, value]) => {
    if (act === 'get') return [uart.read(register, 1, 0)];
    uart.write(register, 1, value, 0);
    return [];
  });
}

function virtualAnswers(mode: ModeName, acts: readonly Act[]): number[] {
  const source = acts.map(([act, register, value]) => (act === 'get' ? get(register) : put(register, value))).join('');
  const booted = bootAssembled(mode, [{ source: `li s0, ${page}\n ${source} ${END}` }, { source: END }], {
    services: JOINED,
  });
  runToEnd(booted, 50 * MS);
  return numbers(booted.reports(0));
}

/** Reproducible acts, most of them such as drivers do. Modem-status interrupts are left out: the board's never change. */
function acts(seed: number, count: number): Act[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % below;
  };
  const one = (): Act => {
    const value = random(256);
    switch (random(9)) {
      case 0:
        return ['put', IER, value & 7];
      case 1:
        return ['put', FCR, value];
      case 2:
        return ['put', LCR, value & (random(4) ? 0x7f : 0xff)];
      case 3:
      case 4:
        return ['put', DATA, value];
      case 5:
        return ['put', random(2) ? SCR : LSR, value];
      default:
        return ['get', [DATA, IER, IIR, LCR, MCR, LSR, SCR][random(7)] ?? SCR, 0];
    }
  };
  // The divisor is another at power-on, and it is DLM's low half that IER is.
  const begin: Act[] = [
    ['put', LCR, 0x80],
    ['put', DATA, 12],
    ['put', IER, 0],
    ['put', LCR, 0],
    ['put', MCR, 0x10],
  ];
  return [...begin, ...Array.from({ length: count }, one)];
}

describe.each(SHARED_MODES)('the virtual UART, when %s,', (mode) => {
  it.each([1, 2, 3])('answers as the board’s own does, looped back, act by act, seed %i', (seed) => {
    const script = acts(seed, 600);
    expect(virtualAnswers(mode, script)).toEqual(boardAnswers(script));
  });

  it('passes the test for loopback by which drivers look for one', () => {
    const { reports } = join(mode, `${put(MCR, 0x1a)}${get(MSR)}${put(MCR, 0x15)}${get(MSR)}`, '');
    expect(numbers(reports(0)).map((lines) => lines & 0xf0)).toEqual([0x90, 0x60]);
  });

  it('has eight registers, and beyond them nothing', () => {
    const catching = `la t0, 77f\n csrw stvec, t0\n lbu t1, 8(s0)\n .align 2\n 77: csrr t1, scause\n ${report('t1')}`;
    expect(numbers(join(mode, catching, '').reports(0))).toEqual([5]);
  });

  it('carries bytes to the other end, each way, and an interrupt with them', () => {
    const { reports } = join(
      mode,
      `${put(IER, 1)}${wait}${get(IIR)}${get(LSR)}${get(DATA)}${get(LSR)}${get(IIR)}${text('ok')}`,
      `${get(LSR)}${put(IER, 1)}${text('a')}${wait}${get(IIR)}${get(DATA)}${get(DATA)}${get(LSR)}`,
    );
    expect(numbers(reports(0))).toEqual([virtualSource(0), 0xc4, EMPTY | READY, 0x61, EMPTY, 0xc1]);
    expect(numbers(reports(1))).toEqual([EMPTY, virtualSource(1), 0xc4, 0x6f, 0x6b, EMPTY]);
  });

  it('keeps back what the receiver has no room for; what is sent nevertheless is lost, and both can tell', () => {
    const sent = Array.from({ length: 34 }, (_, n) => put(DATA, n) + ([15, 16, 31, 33].includes(n) ? get(LSR) : ''));
    const { reports } = join(
      mode,
      `${put(IER, 4)}${wait}${get(IIR)}${get(LSR)}${get(LSR)}${get(IIR)}${get(DATA).repeat(33)}${get(LSR)}`,
      `${sent.join('')}${put(IER, 2)}${wait}${get(IIR)}${get(IIR)}${get(LSR)}`,
    );
    const [source, identity, ...rest] = numbers(reports(0));
    expect([source, identity]).toEqual([virtualSource(0), 0xc6]);
    expect(rest.slice(0, 3)).toEqual([EMPTY | READY | OVERRUN, EMPTY | READY, 0xc1]);
    // The 33rd woke the reader, who then made room for it: only that one was lost.
    expect(rest.slice(3)).toEqual([...Array.from({ length: 32 }, (_, n) => n), 0, EMPTY]);
    expect(numbers(reports(1))).toEqual([EMPTY, 0, 0, EMPTY, virtualSource(1), 0xc2, 0xc1, EMPTY]);
  });

  it('shows one end the lines of the other; what is sent to nobody goes nowhere', () => {
    const { reports } = join(
      mode,
      `${put(MCR, 0)}${put(IER, 8)}${wait}${get(IIR)}${get(MSR)}${get(MSR)}${get(IIR)}${complete(0)}
       ${wait}${get(MSR)}${get(LSR)}${put(MCR, DTR_RTS)}${put(IER, 1)}${complete(0)}${wait}${get(DATA)}${get(LSR)}`,
      `${get(MSR)}${text('x'.repeat(40))}${get(LSR)}${put(MCR, 1)}${get(MSR)}${text('a')}`,
    );
    const source = virtualSource(0);
    const there = [source, 0xc0, 0xbb, 0xb0, 0xc1];
    expect(numbers(reports(0))).toEqual([...there, source, 0xa1, EMPTY, source, 0x61, EMPTY]);
    // The first had raised DTR and RTS, and lowered them again.
    expect(numbers(reports(1))).toEqual([0x0b, EMPTY, 0xbb]);
  });
});

// Firmware, nanokernel and hypervisor answer every SBI call alike, whatever a guest asks.
import { describe, expect, it } from 'vitest';
import { bootAssembled, END, MODES, type ModeName, report, runToEnd } from './boot-guests.ts';
import { buildTables, turnOnPaging } from './page-tables.ts';
import { CALLS, FAILED, PRINTED, SLOT_END, SRST, TEXT } from './sbi-calls.ts';

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

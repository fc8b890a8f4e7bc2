// What a guest does to its PLIC and what it must see. A DMA channel is the level-sensitive source: its line is high from
// the end of a transfer until the guest clears DONE. A second source is the UART's empty transmitter.
import { assemble } from '../../src/machine/isa/assemble.ts';
import { END, report } from './boot-guests.ts';
import { buildTables, turnOnPaging, windowAddress } from './page-tables.ts';
import { transferOf } from './snippets.ts';

/** Something done, or something seen: a value left in t0 that is reported, and what it must be. */
export interface Step {
  readonly act: string;
  readonly name?: string;
  readonly value?: number;
}

/** Numbers that stand for the guest's own sources, which differ from guest to guest. */
export const DMA_SOURCE = 1001;
export const UART_SOURCE = 1002;

const act = (text: string): Step => ({ act: text });
const see = (name: string, text: string, value: number): Step => ({ act: text, name, value });

// Registers: s1 priority word of the DMA source, s2 enable word, s3 threshold, s4 DMA, s5 its bit, s6 UART, s7 its bit,
// s8 priority word of the UART source, s9 pending word.
const line = (name: string, value: number): Step =>
  see(`${name}: external interrupt`, 'csrr t0, sip\n srli t0, t0, 9\n andi t0, t0, 1', value);
const pending = (name: string, value: number): Step =>
  see(`${name}: pending bit`, 'lwu t0, 0(s9)\n and t0, t0, s5\n snez t0, t0', value);
const claim = (name: string, value: number): Step => see(`${name}: claim`, 'lwu t0, 4(s3)', value);
const complete = (source: string): Step => act(`li t0, ${source}\n sw t0, 4(s3)`);
const enable = (bits: string): Step => act(`mv t0, ${bits}\n sw t0, 0(s2)`);
const ENABLE = enable('s5');
const DISABLE = enable('zero');
const priority = (value: number, word = 's1'): Step => act(`li t0, ${value}\n sw t0, 0(${word})`);
const threshold = (value: number): Step => act(`li t0, ${value}\n sw t0, 0(s3)`);
const RAISE = act(`
  ${transferOf(8)}
  li t0, 3
  sw t0, 24(s4)
1:
  lwu t0, 28(s4)
  andi t0, t0, 2
  beqz t0, 1b`);
const LOWER = act('li t0, 6\n sw t0, 28(s4)');
const RAISE_UART = act('li t0, 2\n sb t0, 1(s6)');
const LOWER_UART = act('sb zero, 1(s6)');

const claimAndComplete = (name: string): Step[] => [
  claim(name, DMA_SOURCE),
  complete('DMA_IRQ'),
  line(name, 0),
  claim(`${name}, nothing left`, 0),
];

export const CONFORMANCE: readonly Step[] = [
  line('at first', 0),
  pending('at first', 0),
  claim('of nothing', 0),
  see('priority at first', 'lwu t0, 0(s1)', 1),
  see('threshold at first', 'lwu t0, 0(s3)', 0),
  see('enables at first', 'lwu t0, 0(s2)', 0),
  complete('DMA_IRQ'),
  claim('after a completion without claim', 0),

  priority(7),
  see('priority 7', 'lwu t0, 0(s1)', 7),
  priority(0xff),
  see('priority 0xff, of which three bits are', 'lwu t0, 0(s1)', 7),
  priority(1),
  threshold(0xff),
  see('threshold 0xff', 'lwu t0, 0(s3)', 7),
  threshold(0),
  act('li t0, -1\n sw t0, 0(s2)'),
  see('enables: the own bit', 'lwu t0, 0(s2)\n and t0, t0, s5\n snez t0, t0', 1),
  see('enables: source 0 is none', 'lwu t0, 0(s2)\n andi t0, t0, 1', 0),
  DISABLE,

  RAISE,
  pending('a source that is not enabled', 1),
  line('a source that is not enabled', 0),
  claim('a source that is not enabled', 0),
  act('sw zero, 0(s9)'),
  pending('after a store to the pending word', 1),
  ENABLE,
  line('enabled', 1),
  claim('enabled', DMA_SOURCE),
  pending('claimed', 0),
  line('claimed', 0),
  claim('claimed, again', 0),
  complete('DMA_IRQ'),
  pending('completed with the line still high', 1),
  line('completed with the line still high', 1),
  claim('raised anew', DMA_SOURCE),
  LOWER,
  complete('DMA_IRQ'),
  pending('completed with the line low', 0),
  line('completed with the line low', 0),
  claim('completed with the line low', 0),

  RAISE,
  LOWER,
  pending('a request is not taken back', 1),
  line('a request is not taken back', 1),
  ...claimAndComplete('a request is not taken back'),

  RAISE,
  threshold(1),
  line('priority not above the threshold', 0),
  pending('priority not above the threshold', 1),
  threshold(0),
  line('threshold lowered', 1),
  threshold(7),
  line('threshold raised', 0),
  priority(7),
  line('priority 7 under threshold 7', 0),
  claim('a claim does not ask the threshold', DMA_SOURCE),
  LOWER,
  complete('DMA_IRQ'),
  threshold(6),
  RAISE,
  line('priority 7 over threshold 6', 1),
  priority(6),
  line('priority lowered', 0),
  priority(0),
  threshold(0),
  line('priority 0', 0),
  pending('priority 0', 1),
  claim('priority 0', 0),
  priority(1),
  line('priority 1 again', 1),
  DISABLE,
  line('disabled while pending', 0),
  claim('disabled while pending', 0),
  ENABLE,
  claim('enabled again', DMA_SOURCE),
  DISABLE,
  complete('DMA_IRQ'),
  ENABLE,
  line('a completion while disabled is ignored', 0),
  pending('a completion while disabled is ignored', 0),
  complete('0'),
  complete('63'),
  complete('64'),
  complete('-1'),
  complete('DMA_IRQ | 1 << 16'),
  complete('UART_IRQ'),
  line('completions of others are ignored', 0),
  complete('DMA_IRQ'),
  line('a completion while enabled counts', 1),
  claim('a completion while enabled counts', DMA_SOURCE),
  LOWER,
  complete('DMA_IRQ'),
  complete('DMA_IRQ'),
  line('two completions', 0),

  act('or s10, s5, s7'),
  RAISE_UART,
  RAISE,
  enable('s10'),
  line('two sources', 1),
  claim('the lower number of equals first', UART_SOURCE),
  line('the other waits', 1),
  claim('then the other', DMA_SOURCE),
  line('both claimed', 0),
  complete('DMA_IRQ'),
  complete('UART_IRQ'),
  priority(3),
  claim('the higher priority first', DMA_SOURCE),
  threshold(2),
  line('the lesser source is under the threshold', 0),
  claim('and is claimed nevertheless', UART_SOURCE),
  threshold(0),
  LOWER,
  LOWER_UART,
  complete('UART_IRQ'),
  complete('DMA_IRQ'),
  line('both low', 0),
  priority(1),
  see('priority of source 0', 'lwu t0, 0(s0)\n', 0),
  act('li t0, 5\n sw t0, 0(s0)'),
  see('priority of source 0 is fixed', 'lwu t0, 0(s0)', 0),
  see('behind the last context', 'li t0, PLIC + 0x3ff004\n lwu t0, 0(t0)', 0),
  see('between the registers', 'lwu t0, 8(s3)', 0),
];

/** As instructions see the registers: widths, faults, forms. */
export const ACCESS: readonly Step[] = [
  see('64 bits: threshold and claim', 'ld t0, 0(s3)', 0),
  priority(5),
  act('srli s11, s1, 3\n slli s11, s11, 3'),
  see('ld of two priorities', 'ld t0, 0(s11)\n sub t1, s1, s11\n slli t1, t1, 3\n srl t0, t0, t1\n andi t0, t0, 7', 5),
  see('lw', 'lw t0, 0(s1)', 5),
  see('c.lw', 'mv a0, s1\n c.lw a1, 0(a0)\n mv t0, a1', 5),
  see('c.lwsp', 'mv sp, s1\n c.lwsp a1, 0(sp)\n mv t0, a1', 5),
  see('c.sw', 'mv a0, s1\n li a1, 6\n c.sw a1, 0(a0)\n lw t0, 0(s1)', 6),
  see('sw zero', 'sw zero, 0(s1)\n lw t0, 0(s1)', 0),
  see('lw into x0 loads', 'lw zero, 0(s1)\n li t0, 1', 1),
  act('li t0, -1\n sw t0, 0(s2)'),
  see('lwu extends by zero', 'li t1, PLIC + 0x1000\n lwu t0, 0(t1)\n srli t0, t0, 32', 0),
  DISABLE,
  priority(1),
  ...(
    [
      ['lb', 'lb a0, 0(s1)', 5],
      ['lhu', 'lhu a0, 0(s1)', 5],
      ['sb', 'sb a0, 0(s1)', 7],
      ['sh', 'sh a0, 0(s1)', 7],
      ['lw misaligned', 'lw a0, 2(s1)', 5],
      ['sw misaligned', 'sw a0, 1(s1)', 7],
      ['ld misaligned', 'ld a0, 4(s11)', 5],
      ['amoswap.w', 'amoswap.w a0, a0, (s1)', 7],
      ['lr.w', 'lr.w a0, (s1)', 5],
      ['jr', 'jr s1', 1],
    ] as const
  ).map(([name, text, cause]) => see(`${name}: cause`, `li t0, 0\n la s10, 1f\n ${text}\n1:`, cause)),
  see('nothing of that took effect', 'lw t0, 0(s1)', 1),
];

/** The layers carry out plain integer accesses alone; what else the bare PLIC takes is refused where it is virtual. */
export const FLOATING: readonly Step[] = [
  see('flw: cause', 'li t0, 0\n la s10, 1f\n flw fa0, 0(s1)\n1:', 5),
  see('fsw: cause', 'li t0, 0\n la s10, 1f\n fsw fa0, 0(s1)\n1:', 7),
];

/** Under paging, by instructions of which each half lies in another page, and the pages do not lie side by side. */
const ROOT = 'DATA + 0x10000';
const half = (at: string, bits: number): string => `li t0, ${at}\n li t1, ${bits}\n sh t1, 0(t0)\n`;
function acrossPages(text: string, page: number): string {
  const bytes = new DataView(assemble(`${text}\n c.jr s10`, 0).buffer);
  const [first, second] = [`DATA + ${0x1000 * page}`, `DATA + ${0x8000 + 0x1000 * page}`];
  return (
    half(`${first} + 0xffe`, bytes.getUint16(0, true)) +
    half(second, bytes.getUint16(2, true)) +
    half(`${second} + 2`, bytes.getUint16(4, true))
  );
}
export const CROSSING_SETUP = [
  acrossPages('lwu t0, 0(s11)', 0),
  acrossPages('sw t0, 0(s11)', 2),
  buildTables(ROOT, [
    { number: 0, physical: 'DATA' },
    { number: 1, physical: 'DATA + 0x8000' },
    { number: 2, physical: 'DATA + 0x2000' },
    { number: 3, physical: 'DATA + 0xa000' },
    { number: 9, physical: 'PLIC' },
  ]),
  turnOnPaging(ROOT, 1),
  'fence.i',
].join('\n');
const enterAt = (page: number): string => `la s10, 1f\n li t2, ${windowAddress(page) - 2}\n jr t2\n1:`;
export const CROSSING: readonly Step[] = [
  act(`li s11, ${windowAddress(9)} + 4 * DMA_IRQ`),
  see('lwu', `li t0, 0\n ${enterAt(1)}`, 1),
  act(`li t0, 6\n ${enterAt(3)}`),
  see('sw', 'lwu t0, 0(s1)', 6),
];

/** Delivered by trap: as many interrupts as transfers, each taken once. */
export const DELIVERY: readonly Step[] = [
  act(`
  la t0, interrupted
  csrw stvec, t0
  li t0, 0x200
  csrw sie, t0
  csrsi sstatus, 2
  li s10, 0
  j over
  .align 2
interrupted:
  lwu s11, 4(s3)
  csrr t1, scause
  li t0, 6
  sw t0, 28(s4)
  sw s11, 4(s3)
  addi s10, s10, 1
  csrr t0, sepc
  sret
over:`),
  ENABLE,
  ...Array.from({ length: 20 }, () =>
    act(`
  addi t2, s10, 1
  li t0, 8
  sd t0, 16(s4)
  li t0, 3
  sw t0, 24(s4)
1:
  bne s10, t2, 1b`),
  ),
  see('interrupts', 'mv t0, s10', 20),
  see('their source', 'mv t0, s11', DMA_SOURCE),
  see('their cause', 'slli t0, t1, 1\n srli t0, t0, 1', 9),
  act('csrci sstatus, 2'),
  line('afterwards', 0),
];

/** The steps in their order; what is seen is reported, one word each. */
export const program = (steps: readonly Step[], setup = ''): string => `
  la t0, fault
  csrw stvec, t0
  li t0, 0x6000
  csrs sstatus, t0
  ${setup}
  li s0, PLIC
  li s1, PLIC + 4 * DMA_IRQ
  li s8, PLIC + 4 * UART_IRQ
  li s2, PLIC + 0x2080
  li s3, PLIC + 0x201000
  li s9, PLIC + 0x1000
  li s4, DMA
  li s5, 1 << DMA_IRQ
  li s6, UART
  li s7, 1 << UART_IRQ
  j begin
  .align 2
fault:                        # goes on at s10 with the cause in t0
  csrr t0, scause
  csrw sepc, s10
  li t6, 0x100
  csrs sstatus, t6
  sret
begin:
${steps.map(({ act: text, name }) => `${text}\n${name === undefined ? '' : report('t0')}`).join('\n')}
  ${END}`;

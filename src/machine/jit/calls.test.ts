// Regions call functions of the core: what these find in the state, and what they change of it.
import { expect, it } from 'vitest';
import type { MachineOptions } from '../index.ts';
import { BASE, DATA, pair, RAM } from './pair.ts';
import { PAGES, translated } from './translated.ts';

/** Runs both machines to every so many cycles, and compares them there. */
function compare(
  text: string,
  { from = 1000, to = 1600, step = 1 }: { from?: number; to?: number; step?: number } = {},
  options: Partial<MachineOptions> = {},
) {
  const made = pair(text, { ram: RAM, ...options });
  for (let cycle = from; cycle < to; cycle += step) {
    made.both((machine) => machine.run(cycle));
    made.same(`cycle ${cycle}`);
  }
  expect(made.regions.regionsCompiled).toBeGreaterThan(0);
  return made;
}

/** A handler in M-mode that goes on behind the instruction of four bytes which trapped, and counts. */
const HANDLED = `
    la t0, handler
    csrw mtvec, t0
    j begin
    .align 2
  handler:
    csrr t6, mepc
    addi t6, t6, 4
    csrw mepc, t6
    addi s11, s11, 1
    csrr t6, mtval
    add s10, s10, t6
    mret
  begin:`;

it('atomics stop at every cycle that is asked for', () => {
  const { regions } = compare(`
    li s0, ${DATA}
  loop:
    lr.d a0, (s0)
    addi a0, a0, 3
    sc.d a1, a0, (s0)
    amoadd.w a2, a0, (s0)
    amomaxu.d a3, s0, (s0)
    sc.d a4, a0, (s0)
    j loop`);
  expect([regions.x(11), regions.x(14)]).toEqual([0n, 1n]);
});

it.each(['amoadd.d a2, a0, (s0)', 'lr.w a3, (s1)', 'csrw cycle, a0'])('%s faults where it stands', (faulting) => {
  const { regions } = compare(`${HANDLED}
    li s0, ${DATA + 4}
    li s1, 7
  loop:
    addi a0, a0, 1
    ${faulting}
    addi a1, a1, 1
    j loop`);
  expect(regions.x(27)).toBeGreaterThan(5n);
});

it('counters show the time of the instruction that reads them', () => {
  compare(`
    li s0, ${DATA}
  loop:
    addi a0, a0, 1
    csrr a1, cycle
    mul a2, a0, a0
    csrr a3, instret
    xor a4, a4, a1
    csrr a5, time
    add a6, a6, a3
    beqz a4, loop
    csrr a7, cycle
    add a6, a6, a7
    j loop`);
});

it('a CSR write lets in the interrupt that has waited for it', () => {
  const { regions } = compare(`${HANDLED}
    li t0, 0x2000000
    li t1, 1
    sw t1, 0(t0)
    csrwi mie, 8
  loop:
    csrw mscratch, a0
    addi a0, a0, 1
    csrsi mstatus, 8
    nop
    csrci mstatus, 8
    addi a1, a1, 1
    j loop`);
  expect(regions.x(27)).toBeGreaterThan(5n);
});

it('a CSR write that turns FP state off or clean is heeded by what follows', () => {
  const { regions } = compare(`${HANDLED}
    li s0, 3 << 13
    li s1, 1 << 13
    csrs mstatus, s0
  loop:
    fadd.d f1, f1, f2
    csrc mstatus, s0
    fmv.d.x f2, a0
    addi a0, a0, 1
    csrs mstatus, s1
    fadd.d f3, f3, f1
    csrr a2, mstatus
    csrs mstatus, s0
    j loop`);
  expect(regions.x(27)).toBeGreaterThan(5n);
});

it('an atomic that overwrites its own region is the last of it to run', () => {
  const { regions } = compare(
    `
    la s0, patched
    lw s1, 0(s0)
    li s2, 1 << 20
    li s3, ${DATA}
    xor s4, s0, s3
  loop:
    addi a0, a0, 1
    andi t0, a0, 63
    seqz t0, t0
    neg t1, t0
    and t1, t1, s4
    xor t1, t1, s3
    amoswap.w a3, s1, (t1)
    addi a2, a2, 1
  patched: addi a1, a1, 1
    xor t2, s1, s2
    neg t0, t0
    and t2, t2, t0
    not t0, t0
    and s1, s1, t0
    or s1, s1, t2
    j loop`,
    { from: 3000, to: 6000, step: 37 },
  );
  expect(regions.x(11)).not.toBe(regions.x(12));
});

it('a CSR write may take time that the quantum has not', () => {
  compare(`
    j loop
    .org ${BASE + 0x1000}
  loop:
    ${'csrw mscratch, a0\n addi a0, a0, 1\n'.repeat(5)}
    j loop`);
});

/** Each page of 40 is touched in turn, of which the timed TLB holds 32, and one again and again by way of a site. */
const ROUND = translated(
  40,
  `
    li s4, ${PAGES}
  again:
    li s0, ${PAGES}
    li t0, 40
    li t1, 4096
  loop:
    ld a3, 0(s4)
    amoadd.d a2, t0, (s0)
    ld a4, 8(s4)
    cbo.zero (s0)
    add s0, s0, t1
    addi t0, t0, -1
    bnez t0, loop
    j again`,
).replace('csrw pmpaddr0', 'csrwi menvcfg, 0\n li t2, 0xf0\n csrs menvcfg, t2\n csrw pmpaddr0');

it('atomics take the time of their misses, and what they push out of the TLBs is out', () => {
  compare(ROUND, { from: 10_000, to: 100_000, step: 3331 });
  compare(ROUND, { from: 20_000, to: 20_500 });
});

it('atomics are the same under adversarial caches', () => {
  const translation = { kind: 'adversarial', layer: true, guest: true, seed: 5 } as const;
  compare(ROUND, { from: 10_000, to: 100_000, step: 3331 }, { translation });
});

it.each([{ kind: 'coarse' }, { kind: 'fine', seed: 7 }] as const)(
  'harts meet at a word as they always do, $kind',
  (schedule) => {
    const { regions } = compare(
      `
    li s0, ${DATA}
  loop:
    lr.w a0, (s0)
    addi a0, a0, 1
    sc.w a1, a0, (s0)
    add a2, a2, a1
    amoadd.d a3, a1, (s0)
    csrrw a4, mscratch, a3
    j loop`,
      { from: 500, to: 60_000, step: 1777 },
      { harts: 3, schedule },
    );
    expect(new DataView(regions.read(DATA, 8).buffer).getUint32(0, true)).toBeGreaterThan(100);
  },
);

it('the last instruction of a page may be one', () => {
  compare(`
    li s0, ${DATA}
    j there
    .org ${BASE + 0xff8}
  there:
    addi a0, a0, 1
    amoadd.d a1, a0, (s0)
    addi a2, a2, 1
    j there`);
});

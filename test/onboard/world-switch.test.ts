// A world switch exchanges everything that a guest can tell from another's: a full context, and not just what ours use.
import { describe, expect, it } from 'vitest';
import type { AssembledGuest, Booted, ModeName } from './boot-guests.ts';
import { bootAssembled, END, MODES, report, runToEnd, SHARED_MODES } from './boot-guests.ts';
import { fullContextGuest, REGISTER_NAMES } from './full-context.ts';
import { buildTables, KERNEL_PAGE, PTE, turnOnPaging, windowAddress } from './page-tables.ts';

/** So short that either guest is interrupted in the middle of whatever it does. */
const SHORT_TURNS = { priority: 2, budget: '20us/40us' };
const CYCLES = 100_000_000;

/** Two guests in turns; in `native` the first alone, which is the control. */
function runPair(mode: ModeName, source: string, second = source): Booted {
  const guests: AssembledGuest[] = [{ source, ...SHORT_TURNS }, { source: second }];
  const booted = bootAssembled(mode, guests);
  runToEnd(booted, CYCLES);
  return booted;
}

function mismatches(booted: Booted, guest: number): string[] {
  const words = booted.reports(guest);
  const hex = (index: number): string => (words[index] ?? 0n).toString(16);
  return words.flatMap((register, i) =>
    i % 3 === 0 ? [`${REGISTER_NAMES[Number(register)]}: ${hex(i + 2)} instead of ${hex(i + 1)}`] : [],
  );
}

describe('a full context', () => {
  const SPIN_TICKS = 300;
  const ROUNDS = 100;
  const [first, second] = [1234567, 7654321].map((seed) => fullContextGuest(ROUNDS, SPIN_TICKS, seed));

  it('stays as it is where nobody else runs', () => {
    const booted = runPair('native', fullContextGuest(4, SPIN_TICKS, 1234567));
    expect(mismatches(booted, 0)).toEqual([]);
    expect(booted.monitor(0).heartbeats).toBe(4);
  });

  it.each(SHARED_MODES)('survives hundreds of switches when %s', (mode) => {
    const booted = runPair(mode, first ?? '', second);
    expect([...mismatches(booted, 0), ...mismatches(booted, 1)]).toEqual([]);
    expect([0, 1].map((guest) => booted.monitor(guest).heartbeats)).toEqual([ROUNDS, ROUNDS]);
    expect(booted.layerVariable('world_switches')).toBeGreaterThan(4 * ROUNDS);
  });
});

const SPIN = (ticks: number): string => `
  li t1, ${ticks * 50}          # two cycles a turn
1:
  addi t1, t1, -1
  bnez t1, 1b
`;
const registers = (line: (n: number) => string): string =>
  Array.from({ length: 32 }, (_, n) => `  ${line(n)}`).join('\n');

describe('FP state', () => {
  // Reports how many f registers differ from zero at first, the trap of an FP instruction while FS is off, and how many
  // differ from the guest's pattern after others ran; FS is off all the while.
  const PATTERN = '0x7000 + GUEST * 0x100';
  const COUNT_DIFFERENCES = `
  li a0, 0
${registers((n) => `fmv.x.d t0, f${n}\n  sub t0, t0, s${(n % 2) + 2}\n  snez t0, t0\n  add a0, a0, t0`)}
  csrr t0, fcsr
  sub t0, t0, s4
  snez t0, t0
  add a0, a0, t0
  ${report('a0')}
`;
  const program = `
  ${SPIN(500)}
  li s0, 0x6000
  csrs sstatus, s0
  li s2, 0
  li s3, 0
  li s4, 0
  ${COUNT_DIFFERENCES}
  li s2, ${PATTERN}
  li s3, ~(${PATTERN})
  li s4, 0xe0 | (GUEST + 1)
${registers((n) => `fmv.d.x f${n}, s${(n % 2) + 2}`)}
  csrw fcsr, s4
  csrc sstatus, s0
  la t0, off
  csrw stvec, t0
  fmv.d.x f0, zero
  .align 2
off:
  csrr t0, scause
  ${report('t0')}
  csrr t0, stval
  ${report('t0')}
  csrr t0, sstatus
  and t0, t0, s0
  ${report('t0')}
  ${SPIN(2000)}
  csrs sstatus, s0
  ${COUNT_DIFFERENCES}
  ${END}`;
  const FMV_D_X_F0_ZERO = 0xf2000053n;

  it.each(MODES)('does not leak into a neighbour that has it switched off, when %s', (mode) => {
    const booted = runPair(mode, program);
    for (const { index } of booted.plan.guests) {
      expect(booted.reports(index)).toEqual([0n, 2n, FMV_D_X_F0_ZERO, 0n, 0n]);
    }
  });
});

describe('a reservation', () => {
  const program = `
  li s0, DATA
  lr.d t0, (s0)
  sc.d t0, t0, (s0)
  ${report('t0')}
  lr.d t0, (s0)
  ${SPIN(1000)}
  sc.d t0, t0, (s0)
  ${report('t0')}
  ${END}`;
  /** Makes no reservation that could take the place of the first one's. */
  const neighbour = `${SPIN(2000)}\n${END}`;

  it('holds as long as one guest runs alone', () => {
    expect(runPair('native', program).reports(0)).toEqual([0n, 0n]);
  });

  it.each(SHARED_MODES)('does not survive a world switch when %s', (mode) => {
    expect(runPair(mode, program, neighbour).reports(0)).toEqual([0n, 1n]);
  });
});

describe('a translation', () => {
  // The same ASID and the same virtual addresses in both guests, but other pages: one global, one not, one of code.
  const ROOT = 'DATA + 0x10000';
  const pages = [
    { number: 0, physical: 'DATA', flags: KERNEL_PAGE },
    { number: 1, physical: 'DATA + 0x1000', flags: KERNEL_PAGE | PTE.G },
    { number: 2, physical: 'code', flags: KERNEL_PAGE },
  ];
  const program = `
  j start
  .align 12
code:
  li a0, GUEST + 7
  ret
start:
  li s0, GUEST + 7
  li t0, DATA
  sd s0, 0(t0)
  li t0, DATA + 0x1000
  sd s0, 0(t0)
  ${buildTables(ROOT, pages)}
  ${turnOnPaging(ROOT, 5)}
  li s1, 0                    # mismatches
  li s2, ${windowAddress(0)}
  li s3, ${windowAddress(1)}
  li s4, ${windowAddress(2)}
  rdtime s5
  li t0, 40000
  add s5, s5, t0
again:
  ld t0, 0(s2)
  sub t0, t0, s0
  snez t0, t0
  add s1, s1, t0
  ld t0, 0(s3)
  sub t0, t0, s0
  snez t0, t0
  add s1, s1, t0
  jalr s4
  sub t0, a0, s0
  snez t0, t0
  add s1, s1, t0
  sd s0, 0(s2)
  rdtime t0
  bltu t0, s5, again
  ${report('s1')}
  ${END}`;

  it.each(MODES)('of one guest is never used for the other when %s', (mode) => {
    const booted = runPair(mode, program);
    for (const { index } of booted.plan.guests) expect(booted.reports(index)).toEqual([0n]);
    if (mode !== 'native') expect(booted.layerVariable('world_switches')).toBeGreaterThan(150);
  });
});

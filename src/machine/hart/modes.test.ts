import { describe, expect, it } from 'vitest';
import { assemble } from '../isa/assemble.ts';
import { createMachine, type Machine } from '../machine.ts';

const RAM = 0x80000000;
const TABLES = RAM + 0x100000;
const PAGE = 4096;
const DATA = RAM + 0x80000;
const SECRET = 0x1122334455667788n;
const CODE_LEAF = 0xcfn; // V R W X A D, supervisor
const USER = 0x10n;

/** Loads from `va` with paging on; a trap to M leaves mcause and mtval. */
const PROGRAM = (va: bigint, satp: bigint, hgatp: bigint, mpv: boolean) => `
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, trapped
  csrw mtvec, t0
  li t0, ${satp}
  csrw ${mpv ? 'vsatp' : 'satp'}, t0
  li t0, ${hgatp}
  csrw hgatp, t0
  li t0, ${mpv ? 0x8000020800n : 0x20800n}
  csrw mstatus, t0
  li s0, ${va}
  li s1, 0
  ld s1, 0(s0)
  j stop
  .align 2
trapped:
  csrr s2, mcause
  csrr s3, mtval
  csrr s4, mtval2
stop: wfi
  j stop`;

/** One path of tables for `va`, `levels` deep, ending in a 4 KiB leaf at DATA; returns the root's page number. */
function buildPath(machine: Machine, at: number, levels: number, va: bigint, rootBits: bigint, flags: bigint): bigint {
  for (let level = levels - 1; level >= 0; level--) {
    const table = at + (levels - 1 - level) * 4 * PAGE;
    const wide = level === levels - 1 ? rootBits : 9n;
    const index = (va >> (12n + 9n * BigInt(level))) & ((1n << wide) - 1n);
    const target = level === 0 ? BigInt(DATA) : BigInt(table + 4 * PAGE);
    const entry = new Uint8Array(8);
    new DataView(entry.buffer).setBigUint64(0, ((target >> 12n) << 10n) | (level === 0 ? flags : 1n), true);
    machine.write(table + Number(index) * 8, entry);
  }
  return BigInt(at) >> 12n;
}

function machineWith(): Machine {
  const machine = createMachine({ ram: 4 * 2 ** 20, timing: 'inorder', guests: 0 });
  const secret = new Uint8Array(8);
  new DataView(secret.buffer).setBigUint64(0, SECRET, true);
  machine.write(DATA, secret);
  return machine;
}

function load(machine: Machine, va: bigint, satp: bigint, hgatp: bigint): Machine {
  machine.write(RAM, assemble(PROGRAM(va, satp, hgatp, hgatp !== 0n), RAM));
  machine.start(RAM, 0, 0);
  machine.run(100_000);
  return machine;
}

const MODES = [
  { name: 'Sv39', mode: 8n, levels: 3 },
  { name: 'Sv48', mode: 9n, levels: 4 },
  { name: 'Sv57', mode: 10n, levels: 5 },
] as const;

describe.each(MODES)('$name', ({ mode, levels }) => {
  const bits = 12n + 9n * BigInt(levels);

  it('translates addresses at both ends of its space', () => {
    for (const va of [(1n << (bits - 1n)) - 0x1000n, -(1n << (bits - 1n)), 0x12345000n]) {
      const machine = machineWith();
      const root = buildPath(machine, TABLES, levels, BigInt.asUintN(64, va), 9n, CODE_LEAF);
      expect(load(machine, va, (mode << 60n) | root, 0n).x(9)).toBe(SECRET);
    }
  });

  it('faults on addresses that are not canonical', () => {
    const machine = machineWith();
    const va = 1n << (bits - 1n);
    const root = buildPath(machine, TABLES, levels, va, 9n, CODE_LEAF);
    load(machine, va, (mode << 60n) | root, 0n);
    expect([machine.x(18), machine.x(19)]).toEqual([13n, va]);
  });

  it('has a second stage with a root four times as wide', () => {
    const gpa = (1n << (bits + 2n)) - 0x1000n;
    const machine = machineWith();
    const root = buildPath(machine, TABLES, levels, gpa, 11n, CODE_LEAF | USER);
    expect(load(machine, gpa, 0n, (mode << 60n) | root).x(9)).toBe(SECRET);
  });

  it('faults on guest-physical addresses beyond that root', () => {
    const gpa = 1n << (bits + 2n);
    const machine = machineWith();
    const root = buildPath(machine, TABLES, levels, gpa, 11n, CODE_LEAF | USER);
    load(machine, gpa, 0n, (mode << 60n) | root);
    expect([machine.x(18), machine.x(19), machine.x(20)]).toEqual([21n, gpa, gpa >> 2n]);
  });
});

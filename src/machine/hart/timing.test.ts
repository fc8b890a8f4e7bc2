import { describe, expect, it } from 'vitest';
import { assemble } from '../isa/assemble.ts';
import { createMachine, type Machine } from '../machine.ts';

const BASE = 0x80000000;
const TABLES = BASE + 0x100000;
const DATA = BASE + 0x200000;
const PAGE = 0x1000;

function ran(
  text: string,
  timing: 'inorder' | 'functional' = 'inorder',
  words: readonly [number, bigint][] = [],
): Machine {
  const machine = createMachine({ ram: 8 * 2 ** 20, timing, guests: 1 });
  machine.write(BASE, assemble(`${text}\n csrw mie, zero\n wfi\n`, BASE));
  for (const [address, value] of words) machine.write(address, new Uint8Array(BigUint64Array.of(value).buffer));
  machine.worlds({ machineMode: 'firmware', supervisorMode: 'guest', only: 0 });
  machine.start(BASE, 0, 0);
  expect(machine.run(10_000_000)).toEqual({ kind: 'idle' });
  return machine;
}

/** Cycles of some instructions, between two reads of `cycle`; the first read itself takes 1. */
function cyclesOf(code: string, before = '', timing: 'inorder' | 'functional' = 'inorder'): number {
  const machine = ran(`li s0, ${DATA}\n ${before}\n csrr t5, cycle\n ${code}\n csrr t6, cycle`, timing);
  return Number(machine.x(31) - machine.x(30)) - 1;
}

describe('timing inorder', () => {
  it.each([
    ['nothing', '', 0],
    ['arithmetic', 'add a0, a1, a2\n c.addi a0, 1', 2],
    ['a load', 'ld a0, 0(s0)\n nop', 2],
    ['a load whose result is used next', 'ld a0, 0(s0)\n addi a0, a0, 1', 3],
    ['a load whose result a compressed one uses next', 'ld a0, 0(s0)\n c.mv a1, a0', 3],
    ['a load whose result is used later', 'ld a0, 0(s0)\n nop\n addi a0, a0, 1', 3],
    ['a load to x0', 'ld zero, 0(s0)\n addi a0, zero, 1', 2],
    ['a store', 'sd a0, 0(s0)', 1],
    ['a store of what was just loaded', 'ld a0, 0(s0)\n sd a0, 8(s0)', 3],
    ['a multiplication', 'mul a0, a1, a2', 4],
    ['a division', 'div a0, a1, a2', 34],
    ['an atomic', 'amoadd.d a0, a1, (s0)', 5],
    ['a jump', 'j 1f\n 1:', 1],
    ['an indirect jump', 'la a0, 1f\n jr a0\n 1:', 2 + 3],
    ['a forward branch, not taken', 'bnez zero, 1f\n 1:', 1],
    ['a forward branch, taken', 'beqz zero, 1f\n nop\n 1:', 1 + 3],
    ['a backward branch, taken once and then not', 'li a0, 2\n 1: addi a0, a0, -1\n bnez a0, 1b', 1 + 2 + 1 + (1 + 3)],
    ['a CSR that is read', 'csrr a0, mscratch', 1],
    ['a CSR that is written', 'csrw mscratch, a0', 1 + 5],
    ['a fence', 'fence', 6],
    ['a device', 'li a0, 0x2000000\n lw a1, 0(a0)', 1 + 1 + 40],
    ['a trap and a return', 'la a0, 1f\n csrw mtvec, a0\n ecall\n nop\n 1: nop', 2 + 6 + 6 + 1],
    ['a return', 'la a0, 1f\n csrw mepc, a0\n mret\n 1:', 2 + 6 + 6],
  ])('%s', (_, code, cycles) => {
    // mret goes to M, traps land on the next word.
    const align = code.includes('mtvec')
      ? code.replace('1: nop', '.align 2\n 1: nop').replace('ecall\n nop', 'ecall')
      : code;
    expect(cyclesOf(align, 'li t0, 3 << 11\n csrs mstatus, t0')).toBe(cycles);
  });

  it('functional takes one cycle for everything', () => {
    expect(
      cyclesOf('ld a0, 0(s0)\n addi a0, a0, 1\n div a0, a0, a0\n csrw mscratch, a0\n fence', '', 'functional'),
    ).toBe(5);
  });
});

/** S-mode over `pages` pages of data at 0x40000000: three passes that load one word of each. */
function passed(pages: number, timing: 'inorder' | 'functional', leafFlags: bigint): Machine {
  const words: [number, bigint][] = [];
  const pointer = (at: number) => (BigInt(at / PAGE) << 10n) | 1n;
  words.push([TABLES + 8 * 2, (BigInt(BASE / PAGE) << 10n) | 0xcfn], [TABLES + 8, pointer(TABLES + PAGE)]);
  for (let page = 0; page < pages; page++) {
    const table = TABLES + (2 + Math.floor(page / 512)) * PAGE;
    words.push([TABLES + PAGE + 8 * Math.floor(page / 512), pointer(table)]);
    words.push([table + 8 * (page % 512), (BigInt(DATA / PAGE + page) << 10n) | leafFlags]);
  }
  const pass = `li a0, 0x40000000\n li a1, ${pages}\n csrr t0, cycle\n 1: ld a3, 0(a0)\n add a0, a0, a2\n addi a1, a1, -1\n bnez a1, 1b\n csrr t1, cycle\n sub a4, t1, t0`;
  return ran(
    `li t0, -1\n csrw pmpaddr0, t0\n li t0, 0x1f\n csrw pmpcfg0, t0\n csrwi mcounteren, 7
     li t0, (8 << 60) | ${TABLES / PAGE}\n csrw satp, t0\n li t0, 1 << 11\n csrs mstatus, t0
     la t0, back\n csrw mtvec, t0\n la t0, inside\n csrw mepc, t0\n li a2, ${PAGE}\n mret
   inside: ${pass}\n mv s1, a4\n ${pass}\n mv s2, a4\n ${pass}\n mv s3, a4\n ecall\n .align 2\n back:`,
    timing,
    words,
  );
}

/** Cycles of each pass beyond those of its instructions. */
function passes(pages: number, timing: 'inorder' | 'functional' = 'inorder', leafFlags = 0xc7n): number[] {
  const machine = passed(pages, timing, leafFlags);
  // Per page: load, add, addi, branch; the branch not taken at the end costs 3 more; the first read of cycle costs 1.
  return [9, 18, 19].map((register) => Number(machine.x(register)) - 4 * pages - 3 - 1);
}

describe('the modelled TLBs', () => {
  const walk = 2 + 3 * 4;

  it('a miss of both levels costs the walk, a hit nothing', () => {
    expect(passes(8)).toEqual([8 * walk, 0, 0]);
  });

  it('32 entries stay in the first level; one more, and first in is first out', () => {
    expect(passes(32).slice(1)).toEqual([0, 0]);
    expect(passes(33).slice(1)).toEqual([33 * 2, 33 * 2]);
    expect(passes(100).slice(1)).toEqual([200, 200]);
  });

  it('512 entries of 4 ways in the second level: beyond them every access walks again', () => {
    expect(passes(500)).toEqual([500 * walk, 1000, 1000]);
    // 48 of the 128 sets get a fifth page: in turn, so that first in, first out keeps none of theirs.
    expect(passes(560).slice(1)).toEqual(Array(2).fill(48 * 5 * walk + 80 * 4 * 2));
    expect(passes(700).slice(1)).toEqual([700 * walk, 700 * walk]);
  });

  it('have each of their misses counted, and the references made for it', () => {
    const [own] = passed(100, 'inorder', 0xc7n).accounting().guests;
    // The code lies in one leaf of the root.
    expect([own?.refills, own?.references]).toEqual([100 + 1, 3 * 100 + 1]);
    const [none] = passed(100, 'functional', 0xc7n).accounting().guests;
    expect([none?.refills, none?.references]).toEqual([0, 0]);
  });

  it('functional has none', () => {
    expect(passes(100, 'functional').map((extra) => extra + 3)).toEqual([0, 0, 0]);
  });
});

describe('where a run is cut', () => {
  it('charges nothing, though the page being executed has left the TLB by the second half of its own last instruction', () => {
    const pages = 0x40000000;
    const code = assemble(
      `
    again:
      li s2, ${pages + 2 * PAGE}
      li s3, ${PAGE}
      li t1, 31
    1: jalr ra, 0(s2)
      add s2, s2, s3
      addi t1, t1, -1
      bnez t1, 1b
      j 1f
      .org ${pages + PAGE - 2}
    1: j again`,
      pages,
    );
    const made = (step: number): Machine => {
      const machine = createMachine({ ram: 8 * 2 ** 20, timing: 'inorder', guests: 1 });
      const word = (address: number, value: number) => {
        machine.write(address, new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
      };
      const pointer = (to: number, bits: number) => to / 4 + bits;
      word(TABLES + 8, pointer(TABLES + PAGE, 1));
      word(TABLES + PAGE, pointer(TABLES + 2 * PAGE, 1));
      for (let page = 0; page < 40; page++) word(TABLES + 2 * PAGE + 8 * page, pointer(DATA + page * PAGE, 0xcf));
      machine.write(DATA, code);
      for (let page = 2; page < 40; page++) machine.write(DATA + page * PAGE, assemble('ret', 0));
      machine.write(
        BASE,
        assemble(
          `li t0, -1
          csrw pmpaddr0, t0
          li t0, 0x1f
          csrw pmpcfg0, t0
          li t0, ${(8n << 60n) | BigInt(TABLES / PAGE)}
          csrw satp, t0
          li t0, 1 << 11
          csrs mstatus, t0
          li t0, 1 << 12
          csrc mstatus, t0
          li t0, ${pages}
          csrw mepc, t0
          mret`,
          BASE,
        ),
      );
      machine.start(BASE, 0, 0);
      while (machine.cycles < 20_000) machine.run(Math.min(20_000, machine.cycles + step));
      return machine;
    };
    const [whole, cut] = [made(20_000), made(1)];
    expect([cut.cycles, cut.instret, cut.hash()]).toEqual([whole.cycles, whole.instret, whole.hash()]);
  });
});

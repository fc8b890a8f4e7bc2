import { expect } from 'vitest';
import { COMPRESSED } from '../../src/machine/isa/table.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, run } from './program.ts';

/** Text of a compressed form, its full form, and what the case sets up; both must leave the same registers and memory. */
interface Pair {
  readonly compressed: string;
  readonly full: string;
}

const SAME: Readonly<Record<string, readonly Pair[]>> = {
  'c.addi4spn': [
    { compressed: 'c.addi4spn a0, sp, 4', full: 'addi a0, sp, 4' },
    { compressed: 'c.addi4spn s1, sp, 1020', full: 'addi s1, sp, 1020' },
  ],
  'c.fld': [{ compressed: 'c.fld fa0, 248(a1)', full: 'fld fa0, 248(a1)' }],
  'c.lw': [{ compressed: 'c.lw a0, 124(a1)', full: 'lw a0, 124(a1)' }],
  'c.ld': [{ compressed: 'c.ld a0, 248(a1)', full: 'ld a0, 248(a1)' }],
  'c.fsd': [{ compressed: 'c.fsd fa1, 40(a1)', full: 'fsd fa1, 40(a1)' }],
  'c.sw': [{ compressed: 'c.sw a2, 68(a1)', full: 'sw a2, 68(a1)' }],
  'c.sd': [{ compressed: 'c.sd a2, 192(a1)', full: 'sd a2, 192(a1)' }],
  'c.addi': [
    { compressed: 'c.addi a2, -32', full: 'addi a2, a2, -32' },
    { compressed: 'c.addi a2, 31', full: 'addi a2, a2, 31' },
    { compressed: 'c.nop', full: 'nop' },
  ],
  'c.addiw': [
    { compressed: 'c.addiw a3, 1', full: 'addiw a3, a3, 1' },
    { compressed: 'c.addiw a2, 0', full: 'sext.w a2, a2' },
  ],
  'c.li': [
    { compressed: 'c.li t0, -32', full: 'li t0, -32' },
    { compressed: 'c.li t0, 31', full: 'li t0, 31' },
  ],
  'c.addi16sp': [
    { compressed: 'c.addi16sp sp, -512', full: 'addi sp, sp, -512' },
    { compressed: 'c.addi16sp sp, 496', full: 'addi sp, sp, 496' },
  ],
  'c.lui': [
    { compressed: 'c.lui t0, 31', full: 'lui t0, 31' },
    { compressed: 'c.lui t0, 0xfffe0', full: 'lui t0, 0xfffe0' },
  ],
  'c.srli': [
    { compressed: 'c.srli a2, 1', full: 'srli a2, a2, 1' },
    { compressed: 'c.srli a2, 63', full: 'srli a2, a2, 63' },
  ],
  'c.srai': [
    { compressed: 'c.srai a2, 1', full: 'srai a2, a2, 1' },
    { compressed: 'c.srai a2, 33', full: 'srai a2, a2, 33' },
  ],
  'c.andi': [{ compressed: 'c.andi a2, -7', full: 'andi a2, a2, -7' }],
  'c.sub': [{ compressed: 'c.sub a2, a3', full: 'sub a2, a2, a3' }],
  'c.xor': [{ compressed: 'c.xor a2, a3', full: 'xor a2, a2, a3' }],
  'c.or': [{ compressed: 'c.or a2, a3', full: 'or a2, a2, a3' }],
  'c.and': [{ compressed: 'c.and a2, a3', full: 'and a2, a2, a3' }],
  'c.subw': [{ compressed: 'c.subw a2, a3', full: 'subw a2, a2, a3' }],
  'c.addw': [{ compressed: 'c.addw a2, a3', full: 'addw a2, a2, a3' }],
  'c.j': [{ compressed: 'c.j 7f\n li a2, 1\n 7:', full: 'j 7f\n li a2, 1\n 7:' }],
  'c.beqz': [
    { compressed: 'c.beqz a2, 7f\n li a3, 1\n 7:', full: 'beqz a2, 7f\n li a3, 1\n 7:' },
    { compressed: 'c.beqz a4, 7f\n li a3, 1\n 7:', full: 'beqz a4, 7f\n li a3, 1\n 7:' },
  ],
  'c.bnez': [
    { compressed: 'c.bnez a2, 7f\n li a3, 1\n 7:', full: 'bnez a2, 7f\n li a3, 1\n 7:' },
    { compressed: 'c.bnez a4, 7f\n li a3, 1\n 7:', full: 'bnez a4, 7f\n li a3, 1\n 7:' },
  ],
  'c.slli': [
    { compressed: 'c.slli t0, 1', full: 'slli t0, t0, 1' },
    { compressed: 'c.slli a2, 63', full: 'slli a2, a2, 63' },
  ],
  'c.fldsp': [{ compressed: 'c.fldsp fa0, 504(sp)', full: 'fld fa0, 504(sp)' }],
  'c.lwsp': [{ compressed: 'c.lwsp t0, 252(sp)', full: 'lw t0, 252(sp)' }],
  'c.ldsp': [{ compressed: 'c.ldsp t0, 504(sp)', full: 'ld t0, 504(sp)' }],
  'c.jr': [
    { compressed: 'la t0, 7f\n c.jr t0\n li a2, 1\n 7: li t0, 0', full: 'la t0, 7f\n jr t0\n li a2, 1\n 7: li t0, 0' },
  ],
  'c.mv': [{ compressed: 'c.mv t0, a2', full: 'mv t0, a2' }],
  'c.jalr': [
    {
      compressed: 'la t0, 7f\n la t1, 6f\n c.jalr t0\n 6: li a2, 1\n 7: sub ra, ra, t1\n li t0, 0\n li t1, 0',
      full: 'la t0, 7f\n la t1, 6f\n jalr ra, t0, 0\n 6: li a2, 1\n 7: sub ra, ra, t1\n li t0, 0\n li t1, 0',
    },
  ],
  'c.add': [{ compressed: 'c.add a2, a3', full: 'add a2, a2, a3' }],
  'c.fsdsp': [{ compressed: 'c.fsdsp fa1, 24(sp)', full: 'fsd fa1, 24(sp)' }],
  'c.swsp': [{ compressed: 'c.swsp a2, 28(sp)', full: 'sw a2, 28(sp)' }],
  'c.sdsp': [{ compressed: 'c.sdsp a2, 480(sp)', full: 'sd a2, 480(sp)' }],
};

/** Everything a compressed form can change, logged. */
function observed(code: string): string {
  const offsets = [24, 28, 40, 64, 68, 192, 480];
  return `
    li t0, 3 << 13
    csrs mstatus, t0
    li sp, ${DATA}
    li a1, ${DATA}
    li a2, 0x8123456789abcdef
    li a3, 0x7fffffff
    li a4, 0
    li a0, 0
    li s1, 0
    li ra, 0
    li t0, 0x55aa
    li t1, 0
    fmv.d.x fa0, a4
    fmv.d.x fa1, a2
    ${code}
    fmv.x.d t2, fa0
    ${record('sp', 'a0', 'a1', 'a2', 'a3', 's1', 'ra', 't0', 't1', 't2')}
    li a1, ${DATA}
    ${offsets.map((offset) => `ld t0, ${offset}(a1)\n ${record('t0')}\n sd zero, ${offset}(a1)\n`).join('')}
  `;
}

const data = () =>
  new Map([124 & ~7, 248, 504].map((offset) => [DATA + offset, 0x8877665544332211n + BigInt(offset)] as const));

export function compressed({ engine, it }: Suite): void {
  it('has a case for every compressed instruction', () => {
    const tested = new Set([...Object.keys(SAME), 'c.ebreak']);
    expect(COMPRESSED.map((row) => row.name).filter((name) => !tested.has(name))).toEqual([]);
  });

  for (const [name, pairs] of Object.entries(SAME)) {
    it(`${name} does what it abbreviates`, () => {
      for (const pair of pairs) {
        const short = run(engine(), observed(pair.compressed), data());
        const full = run(engine(), observed(pair.full), data());
        expect(short.values, pair.compressed).toEqual(full.values);
        if (name !== 'c.j' && name !== 'c.jr' && pair.compressed !== 'c.nop' && !/^c\.b/.test(name)) {
          expect(short.values, `${pair.compressed} has an effect`).not.toEqual(
            run(engine(), observed(''), data()).values,
          );
        }
      }
    });
  }

  it('links to the next halfword, and branches are relative to their own address', () => {
    const { values } = run(
      engine(),
      `c.nop
       la a0, 1f
       la a1, 2f
       c.jalr a1
     1: ${record('a0', 'ra')}
       j 3f
     2: c.jr ra
     3:`,
    );
    expect(values[0]).toBe(values[1]);
  });

  it('traps at reserved forms with the 16 bits of the instruction', () => {
    // Zero, c.addi4spn with 0, c.addiw x0, c.addi16sp 0, c.lui 0, c.lwsp x0, c.ldsp x0, c.jr x0, reserved of quadrants 0 and 1.
    const reserved = [0x0000, 0x0004, 0x2005, 0x6101, 0x6081, 0x4002, 0x6002, 0x8002, 0x8000, 0x9c41];
    const { traps } = run(engine(), reserved.map((half) => attempt('M', `.half ${half}`)).join('\n'));
    expect(traps.map(({ level, cause, offset, tval }) => ({ level, cause, offset, tval }))).toEqual(
      reserved.map((half) => ({ level: 'M', cause: 2, offset: 0, tval: BigInt(half) })),
    );
  });

  it('runs hints as nothing', () => {
    // c.nop 5, c.li x0, c.lui x0, c.slli x0, c.mv x0, c.add x0, c.slli64, c.srli64, c.srai64, c.addi with 0.
    const hints = [0x0015, 0x4015, 0x6015, 0x0016, 0x8032, 0x9032, 0x0502, 0x8101, 0x8501, 0x0501];
    const text = hints.map((half) => `.half ${half}\n`).join('');
    const bare = run(engine(), observed(''), data());
    expect(run(engine(), observed(text), data()).values).toEqual(bare.values);
  });

  it('c.ebreak breaks at its own address', () => {
    const { traps } = run(engine(), attempt('M', 'c.nop\n c.ebreak'));
    expect(traps[0]).toMatchObject({ level: 'M', cause: 3, offset: 2 });
    expect(traps[0]?.tval).toBe(traps[0]?.epc);
  });

  it('a 32-bit instruction may lie at any halfword', () => {
    const { values } = run(
      engine(),
      `li a0, 0\n c.nop\n addi a0, a0, 5\n c.nop\n c.nop\n c.nop\n addi a0, a0, 7\n ${record('a0')}`,
    );
    expect(values).toEqual([12n]);
  });
}

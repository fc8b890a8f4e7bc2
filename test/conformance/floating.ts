import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, recordCsr, run } from './program.ts';

const FS = 3n << 13n;
const SD = 1n << 63n;
const setFs = (state: number) => `li t0, 3 << 13\n csrc mstatus, t0\n li t0, ${state} << 13\n csrs mstatus, t0\n`;

export function floating({ engine, it }: Suite): void {
  it('every FP instruction and CSR is illegal while FS is off', () => {
    const uses = [
      'flw fa0, 0(a0)',
      'fld fa0, 0(a0)',
      'fsw fa0, 0(a0)',
      'fsd fa0, 0(a0)',
      'fmv.x.w a1, fa0',
      'fmv.w.x fa0, a1',
      'fmv.x.d a1, fa0',
      'fmv.d.x fa0, a1',
      'fsgnj.d fa0, fa0, fa0',
      'fsgnjn.s fa0, fa0, fa0',
      'c.fld fa0, 0(a0)',
      'c.fsdsp fa0, 0(sp)',
      'csrr a1, fcsr',
      'csrr a1, fflags',
      'csrw frm, a1',
    ];
    // Even at an address that would fault: illegal instruction comes first.
    const { traps } = run(
      engine(),
      `${setFs(0)} li a0, 8\n li sp, 8\n ${uses.map((use) => attempt('M', use)).join('\n')}`,
    );
    expect(traps.map(({ cause }) => cause)).toEqual(uses.map(() => 2));
  });

  it('what changes FP state makes FS dirty, what reads it does not', () => {
    const dirty = (use: string) => `${setFs(1)} ${use}\n ${recordCsr('mstatus')}`;
    const writes = [
      'fld fa0, 0(a0)',
      'flw fa0, 0(a0)',
      'fmv.d.x fa0, a1',
      'fmv.w.x fa0, a1',
      'fsgnj.d fa0, fa1, fa2',
      'csrwi fflags, 1',
      'csrwi frm, 0',
      'csrw fcsr, zero',
    ];
    const reads = ['fsd fa0, 0(a0)', 'fsw fa0, 0(a0)', 'fmv.x.d a1, fa0', 'fmv.x.w a1, fa0', 'csrr a1, fcsr', 'nop'];
    const { values } = run(engine(), `li a0, ${DATA}\n ${[...writes, ...reads].map(dirty).join('')}`);
    expect(values.map((status) => [(status & FS) >> 13n, status & SD])).toEqual([
      ...writes.map(() => [3n, SD]),
      ...reads.map(() => [1n, 0n]),
    ]);
  });

  it('singles are NaN-boxed on load and move, stored and moved by their low half', () => {
    const { values } = run(
      engine(),
      `${setFs(1)} li a0, ${DATA}
       flw fa0, 0(a0)
       fsd fa0, 8(a0)
       fsw fa0, 16(a0)
       fmv.x.w a1, fa0
       li a2, 0x123456783f800000
       fmv.w.x fa1, a2
       fmv.x.d a3, fa1
       fld fa2, 0(a0)
       fmv.x.d a4, fa2
       fmv.x.w a5, fa2
       ld a6, 8(a0)
       ld a7, 16(a0)
       ${record('a1', 'a3', 'a4', 'a5', 'a6', 'a7')}`,
      new Map([[DATA, 0x11223344_c0490fdbn]]),
    );
    expect(values).toEqual([
      0xffffffff_c0490fdbn,
      0xffffffff_3f800000n,
      0x11223344_c0490fdbn,
      0xffffffff_c0490fdbn,
      0xffffffff_c0490fdbn,
      0xc0490fdbn,
    ]);
  });

  it('sign injection takes the sign of the second operand; a single that is not boxed counts as the canonical NaN', () => {
    const { values } = run(
      engine(),
      `${setFs(1)}
       li a0, 0x3ff8000000000001
       li a1, 0xc000000000000000
       fmv.d.x fa0, a0
       fmv.d.x fa1, a1
       fsgnj.d fa2, fa0, fa1
       fsgnjn.d fa3, fa0, fa1
       fsgnjx.d fa4, fa1, fa1
       fmv.x.d a2, fa2
       fmv.x.d a3, fa3
       fmv.x.d a4, fa4
       li a5, 0x3f800001
       li a6, 0xbf800000
       fmv.w.x fa5, a5
       fmv.w.x fa6, a6
       fsgnj.s fa7, fa5, fa6
       fmv.x.d a5, fa7
       fsgnjx.s fa7, fa6, fa6
       fmv.x.d a6, fa7
       fsgnj.s fa7, fa0, fa6
       fmv.x.d a7, fa7
       ${record('a2', 'a3', 'a4', 'a5', 'a6', 'a7')}`,
    );
    expect(values).toEqual([
      0xbff8000000000001n,
      0x3ff8000000000001n,
      0x4000000000000000n,
      0xffffffff_bf800001n,
      0xffffffff_3f800000n,
      0xffffffff_ffc00000n,
    ]);
  });

  it('all 32 registers are apart', () => {
    const all = Array.from({ length: 32 }, (_, i) => i);
    const { values } = run(
      engine(),
      `${setFs(1)} ${all.map((i) => `li a0, ${i + 100}\n fmv.d.x f${i}, a0\n`).join('')}
       ${all.map((i) => `fmv.x.d a0, f${i}\n ${record('a0')}`).join('')}`,
    );
    expect(values).toEqual(all.map((i) => BigInt(i + 100)));
  });

  it('fflags and frm are parts of fcsr, and only its low eight bits exist', () => {
    const { values } = run(
      engine(),
      `${setFs(1)} li a0, -1
       csrw fcsr, a0
       ${recordCsr('fcsr', 'fflags', 'frm')}
       csrwi frm, 2
       csrwi fflags, 9
       ${recordCsr('fcsr')}
       csrci fflags, 8
       csrsi frm, 1
       ${recordCsr('fcsr')}`,
    );
    expect(values).toEqual([0xffn, 0x1fn, 7n, 0x49n, 0x61n]);
  });
}

import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, recordCsr, run, setCsr } from './program.ts';

const FS = 3n << 13n;
const SD = 1n << 63n;
/** SPP, SUM and MXR, which open no FP state. */
const OTHERS = 0xc0100;
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
      'fadd.s fa0, fa1, fa2',
      'fsqrt.d fa0, fa1, rtz',
      'fnmadd.d fa0, fa1, fa2, fa3',
      'fmin.s fa0, fa1, fa2',
      'feq.d a1, fa0, fa1',
      'fclass.s a1, fa0',
      'fcvt.w.d a1, fa0',
      'fcvt.d.w fa0, a1',
      'fcvt.s.lu fa0, a1',
      'fcvt.d.s fa0, fa1',
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

  it('a guest needs FS of vsstatus too, and makes both dirty', () => {
    const guestFs = (state: number) => setCsr('vsstatus', BigInt(state) << 13n);
    const { traps, values } = run(
      engine(),
      `${setFs(1)} ${guestFs(0)} ${attempt('VS', 'fadd.d fa0, fa1, fa2')}
       ${guestFs(1)} ${setFs(0)} ${attempt('VS', 'fadd.d fa0, fa1, fa2')}
       ${setFs(1)} ${attempt('VS', 'fadd.d fa0, fa1, fa2')} ${recordCsr('mstatus', 'vsstatus')}
       ${setFs(1)} ${guestFs(1)} ${attempt('VS', 'fadd.d fa0, fa1, fa2, rtz')} ${recordCsr('mstatus', 'vsstatus')}
       ${setFs(1)} ${guestFs(1)} ${attempt('VS', 'feq.d a1, fa1, fa2')} ${recordCsr('mstatus', 'vsstatus')}`,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? level : cause))).toEqual([2, 2, 'none', 'none', 'none']);
    expect(values.map((status) => (status & FS) >> 13n)).toEqual([3n, 3n, 3n, 3n, 1n, 1n]);
  });

  it('a guest makes Clean dirty as it does Initial, and no other bit of vsstatus changes', () => {
    const { values } = run(
      engine(),
      `${setFs(2)} ${setCsr('vsstatus', 2n << 13n)} ${attempt('VS', 'fadd.d fa0, fa1, fa2')} ${recordCsr('mstatus', 'vsstatus')}`,
    );
    expect((values[0] ?? 0n) & FS).toBe(FS);
    expect(values[1]).toBe(SD | FS | (2n << 32n));
  });

  it('a guest needs both for the FP CSRs too, the host its own alone', () => {
    const states = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const;
    const uses = ['csrr a1, fflags', 'csrr a1, frm', 'csrw fcsr, zero'];
    const tried = states.flatMap(([host, guest]) =>
      (['VS', 'VU', 'S', 'U'] as const).flatMap((mode) => uses.map((use) => ({ host, guest, mode, use }))),
    );
    const { traps } = run(
      engine(),
      tried
        .map(
          ({ host, guest, mode, use }) => setFs(host) + setCsr('vsstatus', (guest << 13) | OTHERS) + attempt(mode, use),
        )
        .join(''),
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? level : cause))).toEqual(
      tried.map(({ host, guest, mode }) => (host && (guest || !mode.startsWith('V')) ? 'none' : 2)),
    );
  });

  it('an instruction without an FP destination makes FS dirty by a new flag, and by no flag already set', () => {
    const SNAN = '0x7ff0000000000001';
    const use = (flags: number, text: string) =>
      `csrwi fflags, ${flags}\n ${setFs(1)} ${text}\n ${recordCsr('mstatus', 'fflags')}`;
    const { values } = run(
      engine(),
      `${setFs(1)} li a0, ${SNAN}
       fmv.d.x fa0, a0
       li a0, 0x3ff8000000000000
       fmv.d.x fa1, a0
       ${use(0, 'feq.d a1, fa1, fa1')} ${use(0, 'feq.d a1, fa0, fa1')} ${use(16, 'feq.d a1, fa0, fa1')}
       ${use(0, 'fcvt.w.d a1, fa1')} ${use(1, 'fcvt.w.d a1, fa1')} ${use(0, 'fclass.d a1, fa0')}
       ${use(0, 'fcvt.lu.d zero, fa0')}`,
    );
    const pairs = values.map((value, i) => (i % 2 === 0 ? (value & FS) >> 13n : value));
    expect(pairs).toEqual([1n, 0n, 3n, 16n, 1n, 16n, 3n, 1n, 1n, 1n, 1n, 0n, 3n, 16n]);
  });

  it('a reserved rounding mode is an illegal instruction, in the word and in frm, and nothing is written', () => {
    // fadd.d fa0, fa1, fa2 with that mode; the assembler writes no reserved one.
    const word = (mode: number) => `.word ${0x02c58553 | (mode << 12)}`;
    const dynamic = [
      'fadd.d fa0, fa1, fa2',
      'fsqrt.s fa0, fa1',
      'fmadd.d fa0, fa1, fa2, fa3',
      'fcvt.w.d a1, fa1',
      'fcvt.d.w fa0, a1, dyn',
      'fcvt.d.s fa0, fa1, dyn',
    ];
    const indifferent = [
      'fadd.d fa1, fa1, fa2, rne',
      'fmin.d fa1, fa1, fa2',
      'feq.s a1, fa1, fa2',
      'fsgnj.d fa1, fa1, fa2',
      'fcvt.d.w fa1, a1',
    ];
    const all = (list: readonly string[]) => list.map((text) => attempt('M', text)).join('');
    const { traps, values } = run(
      engine(),
      `${setFs(3)} li a0, 0x1234
       fmv.d.x fa0, a0
       li a1, 0x5678
       ${all([5, 6].map(word))}
       ${[5, 6, 7].map((frm) => `csrwi frm, ${frm}\n ${all(dynamic)}`).join('')}
       fmv.x.d a2, fa0
       ${record('a1', 'a2')} ${recordCsr('fflags')}
       ${all(indifferent)}`,
    );
    const illegal = traps.slice(0, 2 + 3 * dynamic.length);
    expect(illegal.map(({ cause }) => cause)).toEqual(illegal.map(() => 2));
    expect(illegal.slice(0, 2).map(({ tval }) => tval)).toEqual([0x02c5d553n, 0x02c5e553n]);
    expect(traps.slice(illegal.length).map(({ level }) => level)).toEqual(indifferent.map(() => 'none'));
    expect(values).toEqual([0x5678n, 0x1234n, 0n]);
  });

  it('the destination of a fused operation may be any of its sources', () => {
    const number = (value: number) => `li a0, ${value}\n fcvt.d.w`;
    const { values } = run(
      engine(),
      `${setFs(1)} ${[0, 1, 2].map((i) => `${number(i + 3)} fa${i}, a0\n`).join('')}
       fmadd.d fa0, fa0, fa1, fa2
       fnmsub.d fa1, fa0, fa1, fa2
       fmsub.d fa2, fa0, fa1, fa2
       ${[0, 1, 2].map((i) => `fcvt.l.d a${i}, fa${i}\n`).join('')}
       ${record('a0', 'a1', 'a2')}`,
    );
    expect(values.map((value) => BigInt.asIntN(64, value))).toEqual([17n, -63n, -1076n]);
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

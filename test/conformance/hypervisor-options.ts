import { expect } from 'vitest';
import { access, causeOf } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, recordCsr, run, setCsr, VA } from './program.ts';
import { entry, PTE, RW } from './tables.ts';
import { GPA, on, twoStages, withData } from './two-stages.ts';

const FIOM = 1n;
const LPE = 1n << 2n;
const SSE = 1n << 3n;
const PMM = 3n << 32n;
const HUPMM = 3n << 48n;
const DTE = 1n << 59n;
const PBMTE = 1n << 62n;
const SPELP = 1n << 23n;
const SDT = 1n << 24n;
const CBIE = [0, 1, 3];
/** Ones in every register above, then what it reads as. */
const ones = (...names: string[]) => names.map((name) => setCsr(name, -1)).join('') + recordCsr(...names);

/** Extensions that this machine has not, and how guests see that; and the one choice with effect, CBIE. */
export function hypervisorOptions({ engine, it }: Suite): void {
  it('no Svpbmt: PBMTE is zero, a memory type in a guest’s entry is a page fault of its stage', () => {
    const { tables, root, guest } = twoStages(RW, RW | PTE.U);
    for (const [i, type] of [1n, 2n, 3n].entries()) {
      const page = (i + 1) * 0x1000;
      tables.words.set(tables.map(root, VA + page, GPA, RW), entry(GPA, RW) | (type << 61n));
      tables.map(root, VA + 0x10000 + page, GPA + page, RW);
      tables.words.set(tables.map(guest, GPA + page, DATA, RW), entry(DATA, RW | PTE.U) | (type << 61n));
    }
    const loads = [0x1000, 0x2000, 0x3000, 0x11000, 0x12000, 0x13000].map((at) => access('VS', 'load', VA + at));
    const { traps, values } = run(
      engine(),
      `${ones('menvcfg', 'henvcfg')} ${setCsr('menvcfg', 0)} ${on(root, guest)} ${loads.join('')}`,
      withData(tables),
    );
    expect(values.map((bits) => bits & PBMTE)).toEqual([0n, 0n]);
    expect(traps.map(causeOf)).toEqual([13, 13, 13, 21, 21, 21]);
  });

  it('no pointer masking: PMM and HUPMM are zero, every bit of a guest’s address counts', () => {
    const { tables, root, guest } = twoStages(RW, RW | PTE.U);
    const { traps, values } = run(
      engine(),
      `${ones('menvcfg', 'henvcfg', 'senvcfg', 'hstatus')} ${setCsr('hstatus', 0)} ${on(root, guest)}
       ${access('VS', 'load', VA)} ${access('VS', 'load', (1n << 57n) | BigInt(VA))} ${access('VS', 'load', (1n << 63n) | BigInt(VA))}`,
      withData(tables),
    );
    expect(values.map((bits, i) => bits & (i === 3 ? HUPMM : PMM))).toEqual([0n, 0n, 0n, 0n]);
    expect(traps.map(causeOf)).toEqual([0, 13, 13]);
  });

  it('no landing pads: LPE and SPELP are zero, LPAD and an indirect jump without one do nothing more', () => {
    // LPAD is AUIPC to x0.
    const { traps, values } = run(
      engine(),
      `${ones('menvcfg', 'henvcfg', 'vsstatus')} ${setCsr('vsstatus', 0)}
       ${attempt('VS', 'auipc zero, 5\n la t0, 1f\n jr t0\n 1: nop')}`,
    );
    expect([(values[0] ?? 0n) & LPE, (values[1] ?? 0n) & LPE, (values[2] ?? 0n) & SPELP]).toEqual([0n, 0n, 0n]);
    expect(traps.map(causeOf)).toEqual([0]);
  });

  it('no shadow stacks: SSE is zero, entries with W alone are reserved in a guest’s tables', () => {
    const { tables, root, guest } = twoStages(PTE.V | PTE.W | PTE.A | PTE.D);
    // One that would be a pointer, to the table with VA's neighbours.
    const pointed = VA + (1 << 21);
    tables.words.set(
      tables.map(root, pointed, DATA, 0, 1),
      entry(tables.map(root, VA + 0x1000, GPA, RW) & ~0xfff, PTE.V | PTE.W),
    );
    const { traps, values } = run(
      engine(),
      `${ones('menvcfg', 'henvcfg', 'senvcfg')} ${on(root, guest)}
       ${[VA, pointed + 0x1000, VA + 0x1000].map((at) => access('VS', 'load', at) + access('VS', 'store', at)).join('')}`,
      withData(tables),
    );
    expect(values.map((bits) => bits & SSE)).toEqual([0n, 0n, 0n]);
    expect(traps.map(causeOf)).toEqual([13, 15, 13, 15, 0, 0]);
  });

  it('no double traps: DTE and SDT are zero, a guest may trap in its handler', () => {
    const { traps, values } = run(
      engine(),
      `${ones('menvcfg', 'henvcfg', 'vsstatus')} ${setCsr('vsstatus', 0)}
       ${setCsr('medeleg', 1 << 2)} ${setCsr('hedeleg', 1 << 2)}
       ${attempt('VS', 'la t0, 1f\n csrw stvec, t0\n .half 0\n .align 2\n 1: la t0, _vs_trap\n csrw stvec, t0\n .half 0')}`,
    );
    expect([(values[0] ?? 0n) & DTE, (values[1] ?? 0n) & DTE, (values[2] ?? 0n) & SDT]).toEqual([0n, 0n, 0n]);
    expect(traps).toMatchObject([{ level: 'VS', cause: 2 }]);
    // The second one came from VS-mode, with interrupts off by the first.
    expect((traps[0]?.status ?? 0n) & 0x122n).toBe(0x100n);
  });

  it('FIOM can be set for guests, whose fences go on working', () => {
    const { traps, values } = run(
      engine(),
      `${setCsr('henvcfg', FIOM)} ${recordCsr('henvcfg')}
       ${attempt('VS', `li a0, ${DATA}\n li a1, 7\n sd a1, 0(a0)\n fence o, i\n fence rw, rw\n amoadd.d.aqrl a2, a1, (a0)\n ld a3, 0(a0)`)}
       ${record('a3')}`,
    );
    expect(traps.map(causeOf)).toEqual([0]);
    expect(values).toEqual([FIOM, 14n]);
  });

  it('CBIE: 1 and 3 enable cbo.inval for guests, in every register that has a say; it loses no store', () => {
    const cases = (['VS', 'VU'] as const).flatMap((mode) =>
      CBIE.flatMap((m) => CBIE.flatMap((h) => CBIE.map((s) => ({ mode, m, h, s })))),
    );
    const { traps, values } = run(
      engine(),
      `li a0, ${DATA}\n li a1, 0
       ${cases
         .map(
           ({ mode, m, h, s }) =>
             `${setCsr('menvcfg', m << 4)} ${setCsr('henvcfg', h << 4)} ${setCsr('senvcfg', s << 4)} addi a1, a1, 1
              ${attempt(mode, 'sd a1, 0(a0)\n cbo.inval (a0)\n ld a2, 0(a0)')} ld a2, 0(a0)\n ${record('a2')}`,
         )
         .join('')}`,
    );
    const want = cases.map(({ mode, m, h, s }) => (m === 0 ? 2 : h === 0 || (mode === 'VU' && s === 0) ? 22 : 0));
    expect(traps.map(causeOf)).toEqual(want);
    expect(values).toEqual(cases.map((_, i) => BigInt(i + 1)));
  });
}

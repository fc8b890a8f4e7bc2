import { expect } from 'vitest';
import { causeOf } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, record, run, setCsr, VA } from './program.ts';
import { atp, PTE, RW, RWX, Tables } from './tables.ts';

const GPA = 0x50000000;
const U = PTE.U;
const SPVP = 1 << 8;
const HU = 1 << 9;
const X_ONLY = PTE.V | PTE.X | PTE.A | PTE.D;

function guest(pages: readonly { readonly first: number; readonly second: number }[]) {
  const tables = new Tables();
  const root = tables.withCode();
  const stage = tables.withGuest();
  pages.forEach(({ first, second }, i) => {
    tables.map(root, VA + i * 0x1000, GPA + i * 0x1000, first);
    tables.map(stage, GPA + i * 0x1000, DATA + i * 0x1000, second);
  });
  return { words: tables.words, on: `${setCsr('vsatp', atp(root))} ${setCsr('hgatp', atp(stage))}` };
}

const LOADS = ['hlv.b', 'hlv.bu', 'hlv.h', 'hlv.hu', 'hlv.w', 'hlv.wu', 'hlv.d', 'hlvx.hu', 'hlvx.wu'];
const STORES = ['hsv.b', 'hsv.h', 'hsv.w', 'hsv.d'];

export function hypervisorInstructions({ engine, it }: Suite): void {
  it('load and extend as their names say, from M-mode and HS-mode', () => {
    const { words, on } = guest([{ first: RWX, second: RWX | U }]);
    const value = 0x8182838485868788n;
    const text = LOADS.map((name) => `${name} a1, (a0)\n`);
    const { values } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} li a0, ${VA}
       ${text.map((load) => load + record('a1')).join('')}
       ${text.map((load) => attempt('S', load) + record('a1')).join('')}`,
      new Map([...words, [DATA, value]]),
    );
    const want = [-0x78n, 0x88n, -0x7878n, 0x8788n, -0x7a797878n, 0x85868788n, value, 0x8788n, 0x85868788n].map((v) =>
      BigInt.asUintN(64, v),
    );
    expect(values).toEqual([...want, ...want]);
  });

  it('store their width', () => {
    const { words, on } = guest([{ first: RWX, second: RWX | U }]);
    const { values } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} li a0, ${VA}\n li a1, 0x1122334455667788\n li a2, ${DATA}
       ${STORES.map((name) => `${name} a1, (a0)\n ld a3, 0(a2)\n ${record('a3')} li a3, -1\n sd a3, 0(a2)\n`).join('')}`,
      new Map([...words, [DATA, 0xffffffffffffffffn]]),
    );
    expect(values).toEqual([0xffffffffffffff88n, 0xffffffffffff7788n, 0xffffffff55667788n, 0x1122334455667788n]);
  });

  it('act with the privilege of SPVP, and with SUM of vsstatus', () => {
    const { words, on } = guest([
      { first: RW, second: RW | U },
      { first: RW | U, second: RW | U },
    ]);
    const both = `${attempt('S', `li a0, ${VA}\n hlv.w a1, (a0)`)} ${attempt('S', `li a0, ${VA + 0x1000}\n hlv.w a1, (a0)`)}`;
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} ${both}
       ${setCsr('hstatus', 0)} ${both}
       ${setCsr('hstatus', SPVP)} ${setCsr('vsstatus', 1 << 18)} ${both}
       ${setCsr('vsstatus', 0)} li t0, 1 << 18\n csrs mstatus, t0\n ${both}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([0, 13, 13, 0, 0, 0, 0, 13]);
  });

  it('fault as the guest would, with GVA set and SPV clear', () => {
    const { words, on } = guest([{ first: RW, second: 0 }]);
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} ${setCsr('medeleg', 0xf0b1ff)}
       ${attempt('S', `li a0, ${VA + 8}\n hlv.d a1, (a0)`)}
       ${attempt('S', `li a0, ${VA + 8}\n hsv.d a1, (a0)`)}
       ${attempt('S', `li a0, ${VA + 0x2000}\n hlv.d a1, (a0)`)}
       ${attempt('M', `li a0, ${VA + 0x2000}\n hsv.d a1, (a0)`)}
       ${attempt('S', 'lw a1, 0(zero)')}`,
      words,
    );
    expect(traps.map(({ level, cause, tval, tval2 }) => [level, cause, tval, tval2])).toEqual([
      ['HS', 21, BigInt(VA + 8), BigInt((GPA + 8) / 4)],
      ['HS', 23, BigInt(VA + 8), BigInt((GPA + 8) / 4)],
      ['HS', 13, BigInt(VA + 0x2000), 0n],
      ['M', 15, BigInt(VA + 0x2000), 0n],
      ['HS', 5, 0n, 0n],
    ]);
    expect(traps.map(({ hstatus }) => hstatus & 0xc0n)).toEqual([0x40n, 0x40n, 0x40n, 0n, 0n]);
    expect(((traps[3]?.status ?? 0n) >> 38n) & 3n).toBe(1n);
  });

  it('an access after one of them is the host’s own again', () => {
    const { words, on } = guest([{ first: RW, second: RW | U }]);
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)}
       ${attempt('S', `li a0, ${VA}\n hlv.d a1, (a0)\n li a0, ${DATA}\n ld a1, 0(a0)\n sd a1, 0(a0)`)}
       ${attempt('S', `li a0, ${VA + 0x5000}\n hlv.d a1, (a0)`)}
       ${attempt('S', `li a0, ${DATA}\n ld a1, 0(a0)`)}
       ${attempt('S', `li a0, ${VA}\n hsv.d a1, (a0)\n ld a1, 0(a0)`)}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([0, 13, 0, 5]);
  });

  it('HLVX needs execute instead of read, in both stages, and faults as a load', () => {
    const { words, on } = guest([
      { first: X_ONLY, second: X_ONLY | U },
      { first: RW, second: RWX | U },
      { first: RWX, second: RW | U },
      { first: RWX, second: RWX | U },
    ]);
    const use = (name: string, i: number) => attempt('S', `li a0, ${VA + i * 0x1000}\n ${name} a1, (a0)`);
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} ${[0, 1, 2, 3].map((i) => use('hlvx.wu', i) + use('hlv.wu', i)).join('')}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([0, 13, 13, 0, 21, 0, 0, 0]);
  });

  it('HLVX reads what physical memory lets it read and execute', () => {
    const { words, on } = guest([{ first: X_ONLY, second: X_ONLY | U }]);
    const use = attempt('S', `li a0, ${VA}\n hlvx.hu a1, (a0)`);
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} ${setCsr('pmpaddr0', DATA / 4 + 0x1ff)}
       ${[4, 1, 5].map((bits) => `${setCsr('pmpcfg0', 0x18 | bits)} hfence.gvma\n ${use}`).join('')}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([5, 5, 0]);
  });

  it('MXR: of the host for both stages, of the guest for the first', () => {
    const { words, on } = guest([
      { first: X_ONLY, second: RW | U },
      { first: RW, second: X_ONLY | U },
    ]);
    const both = `${attempt('S', `li a0, ${VA}\n hlv.w a1, (a0)`)} ${attempt('S', `li a0, ${VA + 0x1000}\n hlv.w a1, (a0)`)}`;
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} ${both}
       ${setCsr('vsstatus', 1 << 19)} ${both}
       ${setCsr('vsstatus', 0)} li t0, 1 << 19\n csrs mstatus, t0\n ${both}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([13, 21, 0, 21, 0, 0]);
  });

  it('U-mode needs hstatus.HU, guests get a virtual instruction', () => {
    const { words, on } = guest([{ first: RWX, second: RWX | U }]);
    const all = [...LOADS.map((name) => `${name} a1, (a0)`), ...STORES.map((name) => `${name} a1, (a0)`)];
    const { traps } = run(
      engine(),
      `${on} li a0, ${VA}\n ${setCsr('hstatus', SPVP)}
       ${all.map((use) => attempt('U', use)).join('')}
       ${setCsr('hstatus', SPVP | HU)}
       ${all.map((use) => attempt('U', use)).join('')}
       ${all.map((use) => attempt('VS', use)).join('')}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([...all.map(() => 2), ...all.map(() => 0), ...all.map(() => 22)]);
  });

  it('do not look at MPRV, and are not seen by it', () => {
    const { words, on } = guest([{ first: RW, second: RW | U }]);
    const { traps } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)}
       ${attempt('M', `li t0, 3 << 11\n csrc mstatus, t0\n li t0, 1 << 17\n csrs mstatus, t0\n li a0, ${VA}\n hlv.d a1, (a0)`)}`,
      words,
    );
    expect(traps.map(causeOf)).toEqual([0]);
  });

  it('cross pages like other accesses', () => {
    const { words, on } = guest([
      { first: RW, second: RW | U },
      { first: RW, second: RW | U },
      { first: RW, second: 0 },
    ]);
    const { traps, values } = run(
      engine(),
      `${on} ${setCsr('hstatus', SPVP)} li a0, ${VA + 0xffc}\n li a1, 0x1122334455667788
       hsv.d a1, (a0)
       hlv.d a2, (a0)
       ${record('a2')}
       ${attempt('S', `li a0, ${VA + 0x1ffe}\n hlv.w a1, (a0)`)}
       ${attempt('S', `li a0, ${VA + 0x1ffe}\n li a1, -1\n hsv.w a1, (a0)`)}
       li a0, ${DATA + 0x1ff8}
       ld a1, 0(a0)
       ${record('a1')}`,
      words,
    );
    expect(values).toEqual([0x1122334455667788n, 0n]);
    const want = { tval: BigInt(VA + 0x2000), tval2: BigInt((GPA + 0x2000) / 4) };
    expect(traps).toMatchObject([
      { cause: 21, ...want },
      { cause: 23, ...want },
    ]);
  });

  it('cross pages with the privilege of SPVP, whoever executes them', () => {
    const { words, on } = guest([
      { first: RW | U, second: RW | U },
      { first: RW | U, second: RW | U },
      { first: RW, second: RW | U },
      { first: RW, second: RW | U },
    ]);
    const both = (mode: 'M' | 'S', va: number) =>
      [`hsv.d a1, (a0)`, `hlv.d a1, (a0)`].map((use) => attempt(mode, `li a0, ${va}\n ${use}`)).join('');
    const all = (['M', 'S'] as const).map((mode) => both(mode, VA + 0xffc) + both(mode, VA + 0x2ffc)).join('');
    const { traps } = run(engine(), `${on} ${setCsr('hstatus', 0)} ${all} ${setCsr('hstatus', SPVP)} ${all}`, words);
    const user = [0, 0, 15, 13];
    const supervisor = [15, 13, 0, 0];
    expect(traps.map(causeOf)).toEqual([...user, ...user, ...supervisor, ...supervisor]);
  });
}

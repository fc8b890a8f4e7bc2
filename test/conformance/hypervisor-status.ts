import { expect } from 'vitest';
import { access, causeOf } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, record, recordCsr, run, setCsr, VA } from './program.ts';
import { atp, PTE, RW, Tables } from './tables.ts';

const ILLEGAL = 1n << 2n;
const SPV = 1n << 7n;
const SUM = 1n << 18n;
const MXR = 1n << 19n;
const FS_DIRTY = 3n << 13n;
const VECTOR_DIRTY = 3n << 9n;
const VSETVLI = '.word 0x00007057';
const GUESTS: readonly Mode[] = ['VS', 'VU'];
const vector = 'la t0, _vs_trap\n csrw vstvec, t0\n';
/** Sets FS of mstatus, which acts for every mode. */
const floating = (state: number) => `li t0, 3 << 13\n csrc mstatus, t0\n li t0, ${state} << 13\n csrs mstatus, t0\n`;

/** What hstatus and vsstatus rule, and when they do not. "Privileged ISA" 15.2.1, 15.2.11. */
export function hypervisorStatus({ engine, it }: Suite): void {
  it('guests compute with 64 bits: VSXL and UXL cannot be changed', () => {
    const fields = ['hstatus', 'vsstatus'].flatMap((name) =>
      [0n, 1n, 3n].map((length) => `${setCsr(name, length << 32n)} ${recordCsr(name)}`),
    );
    // A shift by 63 exists with 64 bits only.
    const { traps, values } = run(
      engine(),
      `${fields.join('')} ${GUESTS.map((mode) => `${attempt(mode, 'li a0, -1\n srli a0, a0, 63')} ${record('a0')}`).join('')}`,
    );
    expect(values.slice(0, 6).map((status) => (status >> 32n) & 3n)).toEqual([2n, 2n, 2n, 2n, 2n, 2n]);
    expect(values.slice(6)).toEqual([1n, 1n]);
    expect(traps.map(causeOf)).toEqual([0, 0]);
  });

  it('guests are little-endian: VSBE and UBE cannot be set', () => {
    const { values } = run(
      engine(),
      `${setCsr('hstatus', 1 << 5)} ${setCsr('vsstatus', 1 << 6)} ${recordCsr('hstatus', 'vsstatus')}
       ${GUESTS.map((mode) => `${attempt(mode, `li a0, ${DATA}\n lhu a1, 0(a0)`)} ${record('a1')}`).join('')}`,
      new Map([[DATA, 0x1122n]]),
    );
    expect(values).toEqual([0x2_00000000n, 0x2_00000000n, 0x1122n, 0x1122n]);
  });

  it('V = 1: what the host has in stvec, satp, sepc, scause, stval and sscratch stays and does not act', () => {
    const nothing = new Tables().root();
    const host = { satp: atp(nothing), stvec: 0x40n, sepc: 0x44n, scause: 0x48n, stval: 0x4cn, sscratch: 0x50n };
    const names = Object.keys(host);
    const { traps, values } = run(
      engine(),
      `${vector} ${setCsr('medeleg', ILLEGAL)} ${setCsr('hedeleg', ILLEGAL)}
       ${Object.entries(host)
         .map(([name, value]) => setCsr(name, value))
         .join('')}
       ${attempt('VS', `li a0, ${DATA}\n ld a1, 0(a0)\n .half 0`)} ${record('a1')}
       ${attempt('VU', `li a0, ${DATA}\n ld a2, 0(a0)\n .half 0`)} ${record('a2')}
       ${recordCsr(...names)}`,
      new Map([[DATA, 77n]]),
    );
    expect(traps).toMatchObject([
      { level: 'VS', cause: 2 },
      { level: 'VS', cause: 2 },
    ]);
    expect(values).toEqual([77n, 77n, ...Object.values(host)]);
  });

  it('V = 0: vsstatus, vstvec and vsatp do not act', () => {
    const tables = new Tables();
    const root = tables.withCode();
    tables.map(root, VA, DATA, RW | PTE.U);
    tables.map(root, VA + 0x1000, DATA, PTE.V | PTE.X | PTE.A);
    const both = `${access('S', 'load', VA)} ${access('S', 'load', VA + 0x1000)}`;
    const { traps } = run(
      engine(),
      `${setCsr('satp', atp(root))} ${setCsr('vsatp', atp(tables.root()))} ${setCsr('vstvec', 0x40)}
       ${setCsr('medeleg', 1 << 13)} ${setCsr('hedeleg', 1 << 13)}
       ${setCsr('vsstatus', SUM | MXR)} ${both}
       ${floating(1)} ${attempt('S', 'fmv.d.x fa0, zero')}
       ${setCsr('vsstatus', 0)} li t0, ${SUM | MXR}\n csrs mstatus, t0\n ${both}`,
      tables.words,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? level : `${level} ${cause}`))).toEqual([
      'HS 13',
      'HS 13',
      'none',
      'none',
      'none',
    ]);
  });

  it('SD of vsstatus sums up its own FS, not the host’s', () => {
    const { values } = run(
      engine(),
      `${floating(3)} ${setCsr('vsstatus', 1n << 13n)} ${recordCsr('vsstatus')}
       ${floating(0)} ${setCsr('vsstatus', FS_DIRTY)} ${recordCsr('vsstatus')}
       csrr a0, mstatus
       srli a0, a0, 63
       ${record('a0')}`,
    );
    expect(values).toEqual([0x2_00002000n, 0x80000002_00006000n, 0n]);
  });

  it('without vectors VS is off in both: a guest’s vector instruction is illegal, not virtual', () => {
    const { traps, values } = run(
      engine(),
      `li t0, ${VECTOR_DIRTY}
       csrs mstatus, t0
       ${setCsr('vsstatus', VECTOR_DIRTY)} ${recordCsr('vsstatus', 'mstatus')}
       ${GUESTS.map((mode) => attempt(mode, VSETVLI)).join('')}`,
    );
    expect(values.map((status) => status & VECTOR_DIRTY)).toEqual([0n, 0n]);
    expect(traps.map(causeOf)).toEqual([2, 2]);
  });

  it('sret leaves SPP = U, SIE = SPIE and SPIE = 1, in the status of the mode it leaves and in no other', () => {
    const leave = (mode: Mode) => attempt(mode, 'la t0, 7f\n csrw sepc, t0\n sret\n 7: nop');
    const cases = [0, 1, 2, 3].map((i) => ({ status: ((i & 1) << 8) | ((i >> 1) << 5), want: 0x20 | (i & 2) }));
    const other = 0x120;
    for (const { status, want } of cases) {
      const set = (mine: number, guest: number) =>
        `li t0, 0x122\n csrc mstatus, t0\n li t0, ${mine}\n csrs mstatus, t0\n ${setCsr('vsstatus', guest)}`;
      const { values } = run(
        engine(),
        `${[0, SPV]
          .map(
            (spv) =>
              `${set(status, other)} ${setCsr('hstatus', spv)} ${leave('S')} ${recordCsr('sstatus', 'vsstatus')}`,
          )
          .join('')}
         ${set(other, status)} ${leave('VS')} ${recordCsr('sstatus', 'vsstatus')}`,
      );
      expect(values.map((value) => Number(value & 0x122n))).toEqual([want, other, want, other, other, want]);
    }
  });
}

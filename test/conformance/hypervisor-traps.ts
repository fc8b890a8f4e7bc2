import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, type Mode, record, recordCsr, run, setCsr, type Trap } from './program.ts';

const VTVM = 1 << 20;
const VTW = 1 << 21;
const VTSR = 1 << 22;
const SPV = 1n << 7n;
const SPVP = 1n << 8n;
const GVA = 1n << 6n;
const M_GVA = 1n << 38n;
const M_MPV = 1n << 39n;
const ECALLS = (1 << 8) | (1 << 9) | (1 << 10);

const seen = (trap: Trap | undefined) => (trap?.level === 'none' ? 'none' : `${trap?.level} ${trap?.cause}`);
const vector = 'la t0, _vs_trap\n csrw vstvec, t0\n';

export function hypervisorTraps({ engine, it }: Suite): void {
  it('ecall from VS is cause 10, from VU cause 8', () => {
    const { traps } = run(engine(), `${attempt('VS', 'li a7, 0\n ecall')} ${attempt('VU', 'li a7, 0\n ecall')}`);
    expect(traps.map(seen)).toEqual(['M 10', 'M 8']);
  });

  it('M-mode learns of a guest by MPV, MPP and GVA', () => {
    const { traps } = run(
      engine(),
      `${attempt('VS', '.half 0')}
       ${attempt('VU', 'lw a0, 0(zero)')}
       ${attempt('VS', 'ebreak')}
       ${attempt('S', 'lw a0, 0(zero)')}`,
    );
    const bits = traps.map(({ status }) => [
      (status & M_MPV) !== 0n,
      Number((status >> 11n) & 3n),
      (status & M_GVA) !== 0n,
    ]);
    expect(bits).toEqual([
      [true, 1, false],
      [true, 0, true],
      [true, 1, true],
      [false, 1, false],
    ]);
  });

  it('HS-mode learns of a guest by SPV, SPVP, SPP and GVA; SPVP stays where no guest was left', () => {
    const { traps } = run(
      engine(),
      `${setCsr('medeleg', (1 << 2) | (1 << 5))}
       ${attempt('VS', '.half 0')}
       ${attempt('U', '.half 0')}
       ${attempt('VU', 'lw a0, 0(zero)')}
       ${attempt('S', '.half 0')}`,
    );
    expect(traps.map(seen)).toEqual(['HS 2', 'HS 2', 'HS 5', 'HS 2']);
    expect(
      traps.map(({ hstatus }) => [(hstatus & SPV) !== 0n, (hstatus & SPVP) !== 0n, (hstatus & GVA) !== 0n]),
    ).toEqual([
      [true, true, false],
      [false, true, false],
      [true, false, true],
      [false, false, false],
    ]);
    expect(traps.map(({ status }) => (status >> 8n) & 1n)).toEqual([1n, 0n, 0n, 1n]);
  });

  it('hedeleg passes exceptions on to VS-mode, which sees its own registers change and nothing else', () => {
    const { traps, values } = run(
      engine(),
      `${vector} ${setCsr('medeleg', 0xb1ff)} ${setCsr('hedeleg', (1 << 2) | (1 << 8))} ${setCsr('hstatus', 0)}
       ${setCsr('sepc', 0x40)} ${setCsr('scause', 3)} csrr a3, sstatus
       ${setCsr('vsstatus', 2)}
       ${attempt('VS', '.half 0')}
       ${recordCsr('sepc', 'scause', 'vsepc', 'vscause')}
       csrr a4, sstatus
       xor a3, a3, a4
       ${record('a3')} ${recordCsr('hstatus')}
       ${setCsr('vsstatus', 0)}
       ${attempt('VU', 'li a7, 0\n ecall')}
       ${attempt('VS', 'ebreak')}
       ${attempt('U', '.half 0')}`,
    );
    expect(traps.map(seen)).toEqual(['VS 2', 'VS 8', 'HS 3', 'HS 2']);
    expect(values[0]).toBe(0x40n);
    expect(values[1]).toBe(3n);
    expect(values[2]).toBe(traps[0]?.epc);
    expect(values[3]).toBe(2n);
    expect(values[4]).toBe(0n);
    expect(values[5]).toBe(0x2_00000000n);
    // SPP, SPIE, SIE of vsstatus.
    expect(traps.slice(0, 2).map(({ status }) => status & 0x122n)).toEqual([0x120n, 0n]);
  });

  it('sret in HS-mode enters what SPV and SPP say', () => {
    const enterBy = (spv: number, spp: number) => `
      li t0, ${SPV}
      csrc hstatus, t0
      li t0, ${spv ? SPV : 0n}
      csrs hstatus, t0
      li t0, 1 << 8
      csrc sstatus, t0
      li t0, ${spp << 8}
      csrs sstatus, t0
      la t0, 7f
      csrw sepc, t0
      sret
      7: li a7, 0
      ecall`;
    const cases = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const;
    const { traps } = run(
      engine(),
      `${cases.map(([spv, spp]) => attempt('S', enterBy(spv, spp))).join('')} csrr a0, hstatus\n ${record('a0')}`,
    );
    expect(traps.map(({ cause, status }) => [cause, (status & M_MPV) !== 0n])).toEqual([
      [8, false],
      [9, false],
      [8, true],
      [10, true],
    ]);
  });

  it('sret clears SPV; in M-mode it acts as in HS-mode', () => {
    const { values, traps } = run(
      engine(),
      `li t0, ${SPV}
       csrs hstatus, t0
       li t0, 1 << 8
       csrs sstatus, t0
       la t0, 7f
       csrw sepc, t0
       la s10, 8f
       la s8, 7f
       li s0, -1
       sret
     7: li a7, 0
       ecall
     8: jal ra, _log_trap
       csrr a0, hstatus
       li t0, ${SPV}
       and a0, a0, t0
       ${record('a0')}`,
    );
    expect(traps[0]).toMatchObject({ level: 'M', cause: 10 });
    expect(values).toEqual([0n]);
  });

  it('mret to M-mode ignores MPV, and clears it', () => {
    const { traps, values } = run(
      engine(),
      `li t0, (3 << 11) | (1 << 39)
       csrs mstatus, t0
       la t0, 7f
       csrw mepc, t0
       mret
     7: csrr a0, mstatus
       ${attempt('M', 'csrr a1, mscratch')}
       li t0, (3 << 11) | (1 << 39)
       and a0, a0, t0
       ${record('a0')}`,
    );
    expect(traps.map(seen)).toEqual(['none']);
    expect(values).toEqual([0n]);
  });

  it('sret in VS-mode stays in the guest and uses vsstatus', () => {
    const { traps, values } = run(
      engine(),
      `${setCsr('vsstatus', 0x20)}
       ${attempt('VS', 'la t0, 7f\n csrw sepc, t0\n sret\n 7: li a7, 0\n ecall')}
       ${recordCsr('vsstatus')}`,
    );
    expect(traps[0]).toMatchObject({ cause: 8 });
    expect((traps[0]?.status ?? 0n) & M_MPV).toBe(M_MPV);
    expect(values.map((status) => status & 0x122n)).toEqual([0x22n]);
  });

  it('VTVM, VTW and VTSR make virtual instructions of what they name, in VS-mode alone', () => {
    const uses = ['csrr a0, satp', 'csrw satp, zero', 'sfence.vma', 'wfi', 'sret'];
    const { traps } = run(
      engine(),
      // A masked interrupt is pending, so that wfi ends.
      `${setCsr('hideleg', 4)} ${setCsr('vsstatus', 0)} ${setCsr('hvip', 4)} ${setCsr('mie', 4)}
       ${uses
         .slice(0, 4)
         .map((use) => attempt('VS', use))
         .join('')}
       ${setCsr('hstatus', VTVM | VTW | VTSR)}
       ${uses.map((use) => attempt('VS', use)).join('')}
       csrci mstatus, 2
       ${attempt('S', 'csrr a0, satp\n sfence.vma')}`,
    );
    expect(traps.map(seen)).toEqual(['none', 'none', 'none', 'none', 'M 22', 'M 22', 'M 22', 'M 22', 'M 22', 'none']);
    expect(traps.slice(4, 9).map(({ tval }) => tval)).toEqual([
      0x18002573n,
      0x18001073n,
      0x12000073n,
      0x10500073n,
      0x10200073n,
    ]);
  });

  it('each of them names its own instructions', () => {
    const { traps } = run(
      engine(),
      `${setCsr('hideleg', 4)} ${setCsr('vsstatus', 0)} ${setCsr('hvip', 4)} ${setCsr('mie', 4)}
       ${setCsr('hstatus', VTVM)} ${attempt('VS', 'wfi')}
       ${setCsr('hstatus', VTW)} ${attempt('VS', 'sfence.vma\n csrr a0, satp')}
       ${setCsr('hstatus', VTSR)} ${attempt('VS', 'wfi\n sfence.vma')}`,
    );
    expect(traps.map(seen)).toEqual(['none', 'none', 'none']);
  });

  it('TVM and TSR of mstatus do not reach a guest, TW does, as an illegal instruction', () => {
    const { traps } = run(
      engine(),
      `li t0, (1 << 20) | (1 << 22)
       csrs mstatus, t0
       ${attempt('VS', 'csrr a0, satp\n sfence.vma')}
       ${attempt('VS', 'la t0, 7f\n csrw sepc, t0\n sret\n 7:')}
       li t0, 1 << 21
       csrs mstatus, t0
       ${attempt('VS', 'wfi')} ${attempt('VU', 'wfi')}`,
    );
    expect(traps.map(seen)).toEqual(['none', 'none', 'M 2', 'M 2']);
  });

  it('VU-mode: supervisor instructions are virtual, machine ones illegal', () => {
    const uses: [string, number][] = [
      ['sret', 22],
      ['sfence.vma', 22],
      ['wfi', 22],
      ['mret', 2],
      ['hfence.vvma', 22],
      ['hfence.gvma', 22],
      ['hlv.w a0, (a0)', 22],
    ];
    const { traps } = run(engine(), uses.map(([use]) => attempt('VU', use)).join(''));
    expect(traps.map(({ cause }) => cause)).toEqual(uses.map(([, cause]) => cause));
  });

  it('virtual-instruction exceptions go where medeleg says, and cannot be delegated further', () => {
    const { traps, values } = run(
      engine(),
      `${setCsr('medeleg', 1 << 22)} ${setCsr('hedeleg', -1)} ${vector}
       ${attempt('VS', 'csrr a0, hstatus')} ${recordCsr('hedeleg')}`,
    );
    expect(traps[0]).toMatchObject({ level: 'HS', cause: 22, tval: 0x60002573n, offset: 0, tinst: 0n, tval2: 0n });
    expect((values[0] ?? 0n) & (1n << 22n)).toBe(0n);
  });

  it('medeleg hands each kind of ecall on for itself', () => {
    const modes: Mode[] = ['U', 'S', 'VS'];
    for (const [i, bit] of [8, 9, 10].entries()) {
      const mode = modes[i] ?? 'U';
      // The handler ends the attempt by an ecall from S, so 9 is tried by the level that M-mode sees.
      const { traps } = run(
        engine(),
        `${setCsr('medeleg', ECALLS & ~(1 << bit) & ~(1 << 9))} ${attempt(mode, 'li a7, 0\n ecall')}`,
      );
      expect(traps.map(seen), mode).toEqual([`M ${bit}`]);
    }
    const { traps } = run(engine(), `${setCsr('medeleg', 1 << 10)} ${attempt('VS', 'li a7, 0\n ecall')}`);
    expect(traps.map(seen)).toEqual(['HS 10']);
  });

  it('FP state: either FS switched off is illegal for a guest, and a guest’s use makes both dirty', () => {
    const setFs = (mine: number, theirs: number) => `
      li t0, 3 << 13
      csrc mstatus, t0
      csrc vsstatus, t0
      li t0, ${mine << 13}
      csrs mstatus, t0
      li t0, ${theirs << 13}
      csrs vsstatus, t0
`;
    const use = attempt('VS', 'fmv.d.x fa0, zero');
    const { traps, values } = run(
      engine(),
      `${setFs(0, 1)} ${use} ${setFs(1, 0)} ${use} ${setFs(1, 1)} ${use}
       csrr a0, mstatus
       csrr a1, vsstatus
       srli a0, a0, 13
       srli a1, a1, 13
       andi a0, a0, 3
       andi a1, a1, 3
       ${record('a0', 'a1')}
       ${setFs(1, 1)} fmv.d.x fa0, zero
       csrr a1, vsstatus
       srli a1, a1, 13
       andi a1, a1, 3
       ${record('a1')}`,
    );
    expect(traps.map(seen)).toEqual(['M 2', 'M 2', 'none']);
    expect(values).toEqual([3n, 3n, 1n]);
  });
}

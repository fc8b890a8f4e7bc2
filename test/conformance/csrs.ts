import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, record, recordCsr, run, setCsr } from './program.ts';

const ALL = 0xffffffffffffffffn;

/** What a CSR reads after a write of all ones, and after a write of zero. "Privileged ISA" chapters 3 and 12. */
const WARL: readonly (readonly [name: string, ones: bigint, zero: bigint])[] = [
  // UXL and SXL are 64 bits; MPP = 3 stands for M; GVA and MPV exist with H; SD follows FS; no VS, XS, MBE, SBE.
  ['mstatus', 0x800000ca_007e79aan, 0x0000000a_00000000n],
  ['sstatus', 0x80000002_000c6122n, 0x00000002_00000000n],
  ['medeleg', 0xf0b7ffn, 0n],
  ['mideleg', 0x1666n, 0x1444n],
  ['mie', 0x1eeen, 0n],
  ['sie', 0x222n, 0n],
  // Only SSIP, STIP and SEIP of the S-level bits are software's, and VSSIP is an alias.
  ['mip', 0x226n, 0n],
  ['mtvec', ALL & ~2n, 0n],
  ['stvec', ALL & ~2n, 0n],
  ['mepc', ALL & ~1n, 0n],
  ['sepc', ALL & ~1n, 0n],
  ['mscratch', ALL, 0n],
  ['sscratch', ALL, 0n],
  ['mcause', ALL, 0n],
  ['scause', ALL, 0n],
  ['mtval', ALL, 0n],
  ['stval', ALL, 0n],
  ['stimecmp', ALL, 0n],
  ['mcounteren', 0xffffffffn, 0n],
  ['scounteren', 0xffffffffn, 0n],
  // CY and IR; time cannot be inhibited, and no event is counted.
  ['mcountinhibit', 5n, 0n],
  ['menvcfg', 0xa0000000000000f1n, 0n],
  ['senvcfg', 0xf1n, 0n],
  ['mhpmcounter3', 0n, 0n],
  ['mhpmevent31', 0n, 0n],
  // PBMTE, CDE, PMM, LPE, SSE and DTE are of extensions that are absent; CBIE = 3, FIOM.
  ['henvcfg', 0xf1n, 0n],
];

/** Numbers where no CSR is: debug, state enables, RV32 halves, PMP beyond 16, custom. */
const ABSENT = [
  0x7a0, 0x7b0, 0x30c, 0x30d, 0x30e, 0x30f, 0x10c, 0x10f, 0x60c, 0x60f, 0x310, 0xc80, 0xc83, 0xb80, 0xb83, 0x723, 0x3a1,
  0x3a3, 0x3a4, 0x3c0, 0x747, 0x5a8, 0x6a8, 0x612, 0x800, 0xcc0, 0x9c0, 0xfc0, 0x008, 0x015, 0xf16, 0x000, 0x321, 0xb01,
];

export function csrs({ engine, it }: Suite): void {
  it('fields that do not exist read zero, fields that must not change do not', () => {
    for (const [name, ones, zero] of WARL) {
      const { values } = run(
        engine(),
        // Everything delegated first, so that the S-level views are not empty.
        `${setCsr('mideleg', -1)} li a0, -1
         csrw ${name}, a0
         csrr a1, ${name}
         csrw ${name}, zero
         csrr a2, ${name}
         li a3, 3 << 11
         csrs mstatus, a3
         ${record('a1', 'a2')}`,
      );
      expect(values, name).toEqual([ones, zero]);
    }
  });

  it('absent CSRs are illegal in every mode, to read and to write', () => {
    const numbers = ABSENT.flatMap((number) => [`csrr a0, ${number}`, `csrrw zero, ${number}, a0`]);
    const { traps } = run(engine(), numbers.map((use) => attempt('M', use)).join('\n'));
    const missed = numbers.filter((_, i) => traps[i]?.level !== 'M' || traps[i]?.cause !== 2);
    expect(missed).toEqual([]);
  });

  it('the trap value of an illegal instruction is the instruction', () => {
    const { traps } = run(engine(), `${attempt('M', 'csrr a0, 0x7c0')}\n${attempt('M', 'csrrwi t0, 0x30c, 7')}`);
    expect(traps.map(({ tval }) => tval)).toEqual([0x7c002573n, 0x30c3d2f3n]);
  });

  it('read-only CSRs trap when written, also by csrrs with a register that holds zero', () => {
    const { traps } = run(
      engine(),
      `li a1, 0
       ${attempt('M', 'csrw mhartid, a0')}
       ${attempt('M', 'csrrs a0, mvendorid, a1')}
       ${attempt('M', 'csrrc a0, cycle, a1')}
       ${attempt('M', 'csrrwi a0, time, 0')}
       ${attempt('M', 'csrrs a0, marchid, zero')}
       ${attempt('M', 'csrrci a0, mimpid, 0')}
       ${attempt('M', 'csrrsi a0, cycle, 1')}`,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([2, 2, 2, 2, 0, 0, 2]);
  });

  it('swaps, sets and clears bits, by register and by immediate', () => {
    const { values } = run(
      engine(),
      `li a0, 0xf0
       csrrw a1, mscratch, a0
       li a0, 0x3c
       csrrs a2, mscratch, a0
       csrrc a3, mscratch, a0
       csrrwi a4, mscratch, 31
       csrrsi a5, mscratch, 0
       csrrci a6, mscratch, 6
       csrrw a0, mscratch, a0
       csrr a7, mscratch
       ${record('a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a0', 'a7')}`,
    );
    expect(values).toEqual([0n, 0xf0n, 0xfcn, 0xc0n, 31n, 31n, 25n, 0x3cn]);
  });

  it('a number says which privilege it needs', () => {
    const machine = ['mstatus', 'mscratch', 'pmpcfg0', 'mcycle', 'mhartid', 'menvcfg', 'mideleg', 'misa'];
    const supervisor = ['sstatus', 'sscratch', 'satp', 'sie', 'senvcfg', 'scounteren'];
    const reads = (mode: 'S' | 'U', names: readonly string[]) =>
      names.map((name) => attempt(mode, `csrr a0, ${name}`)).join('');
    const { traps } = run(
      engine(),
      `${reads('S', machine)} ${reads('U', machine)} ${reads('U', supervisor)} ${reads('S', supervisor)}`,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([
      ...machine.map(() => 2),
      ...machine.map(() => 2),
      ...supervisor.map(() => 2),
      ...supervisor.map(() => 0),
    ]);
  });

  it('sstatus, sie and sip are windows on the machine level, as far as mideleg opens them', () => {
    const { values } = run(
      engine(),
      `${setCsr('mideleg', 0x202)} ${setCsr('mie', 0x2aa)}
       ${recordCsr('sie')}
       csrw sie, zero
       ${recordCsr('mie')}
       ${setCsr('mip', 0x222)} ${recordCsr('sip')}
       csrw sip, zero
       ${recordCsr('mip')}
       ${setCsr('sstatus', 1 << 18)} ${recordCsr('mstatus')}
       csrw mip, zero`,
    );
    expect(values.slice(0, 4)).toEqual([0x202n, 0xa8n, 0x202n, 0x220n]);
    expect((values[4] ?? 0n) & (1n << 18n)).toBe(1n << 18n);
  });

  it('a bit of sip that is not delegated is not written', () => {
    const { values } = run(
      engine(),
      `${setCsr('mip', 2)} csrw sip, zero
       ${recordCsr('mip')} ${setCsr('mideleg', 2)}
       csrw sip, zero
       ${recordCsr('mip')} ${setCsr('sip', -1)} ${recordCsr('mip')}`,
    );
    expect(values).toEqual([2n, 0n, 2n]);
  });

  it('MPP does not take the reserved value 2', () => {
    const { values } = run(
      engine(),
      `li a0, 3 << 11
       csrc mstatus, a0
       li a1, 2 << 11
       csrs mstatus, a1
       csrr a2, mstatus
       csrs mstatus, a0
       and a2, a2, a0
       ${record('a2')}`,
    );
    expect(values).toEqual([0n]);
  });

  it('SD sums up FS', () => {
    const { values } = run(
      engine(),
      [0, 1, 2, 3]
        .map(
          (fs) =>
            `li a0, 3 << 13\n csrc mstatus, a0\n li a0, ${fs} << 13\n csrs mstatus, a0\n csrr a1, mstatus\n csrr a2, sstatus\n srli a1, a1, 63\n srli a2, a2, 63\n ${record('a1', 'a2')}`,
        )
        .join(''),
    );
    expect(values).toEqual([0n, 0n, 0n, 0n, 0n, 0n, 1n, 1n]);
  });

  it('satp takes Bare, Sv39, Sv48 and Sv57; a write with another mode changes nothing', () => {
    const satp = (mode: bigint, rest: bigint) => (mode << 60n) | rest;
    const rest = (0xffffn << 44n) | 0x80300n;
    const writes = [satp(8n, rest), satp(9n, 5n), satp(10n, rest), satp(11n, 7n), satp(1n, 7n), satp(15n, 7n), 0n];
    const { values } = run(engine(), writes.map((value) => `${setCsr('satp', value)} ${recordCsr('satp')}`).join(''));
    const kept = satp(10n, rest);
    expect(values).toEqual([satp(8n, rest), satp(9n, 5n), kept, kept, kept, kept, 0n]);
  });

  it('misa tells RV64 with A C D F H I M S U; only H can be switched off and on', () => {
    const { values } = run(
      engine(),
      `${recordCsr('misa')} csrw misa, zero
       ${recordCsr('misa')} li a0, -1
       csrw misa, a0
       ${recordCsr('misa')}`,
    );
    const letters = [...'acdfhimsu'].reduce((bits, letter) => bits | (1n << BigInt(letter.charCodeAt(0) - 97)), 0n);
    const all = (2n << 62n) | letters;
    expect(values).toEqual([all, all & ~(1n << 7n), all]);
  });

  it('machine identity is zero, the hart number too', () => {
    const { values } = run(engine(), recordCsr('mvendorid', 'marchid', 'mimpid', 'mhartid', 'mconfigptr'));
    expect(values).toEqual([0n, 0n, 0n, 0n, 0n]);
  });
}

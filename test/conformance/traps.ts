import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, enter, record, recordCsr, run, setCsr } from './program.ts';

const TVM = 1 << 20;
const TW = 1 << 21;
const TSR = 1 << 22;
const setBits = (name: string, bits: number) => `li t0, ${bits}\n csrs ${name}, t0\n`;
const clearBits = (name: string, bits: number) => `li t0, ${bits}\n csrc ${name}, t0\n`;

export function traps({ engine, it }: Suite): void {
  it('ecall reports the mode it was made in, with zero as value', () => {
    const { traps: found } = run(
      engine(),
      `${attempt('U', 'li a7, 0\n ecall')}${attempt('S', 'li a7, 0\n ecall')}${attempt('M', 'li a7, 0\n c.nop\n ecall')}`,
    );
    expect(found).toMatchObject([
      { level: 'M', cause: 8, tval: 0n },
      { level: 'M', cause: 9, tval: 0n },
      { level: 'M', cause: 11, tval: 0n },
    ]);
  });

  it('ebreak reports its own address', () => {
    const { traps: found } = run(engine(), attempt('U', 'nop\n ebreak'));
    expect(found[0]).toMatchObject({ level: 'M', cause: 3, offset: 4 });
    expect(found[0]?.tval).toBe(found[0]?.epc);
  });

  it('medeleg sends exceptions of S and U to HS-mode, never those of M', () => {
    const { traps: found } = run(
      engine(),
      `${setCsr('medeleg', (1 << 2) | (1 << 3) | (1 << 8))}
       ${attempt('U', 'li a7, 0\n ecall')}
       ${attempt('U', 'ebreak')}
       ${attempt('S', '.half 0')}
       ${attempt('M', '.half 0')}
       ${attempt('S', 'li a7, 0\n ecall')}
       ${attempt('U', 'lw a0, 0(zero)')}`,
    );
    expect(found.map(({ level, cause }) => [level, cause])).toEqual([
      ['HS', 8],
      ['HS', 3],
      ['HS', 2],
      ['M', 2],
      ['M', 9],
      ['M', 5],
    ]);
  });

  it('entry stacks privilege and interrupt enable at the level that takes the trap, and only there', () => {
    const { traps: found } = run(
      engine(),
      // mret into the attempt takes MIE from MPIE.
      `${setBits('mstatus', 0x80)}
       ${attempt('U', '.half 0')}
       ${clearBits('mstatus', 0x80)}
       ${attempt('S', '.half 0')}
       ${setCsr('medeleg', 1 << 2)}
       csrsi mstatus, 2
       ${attempt('S', '.half 0')}
       csrci mstatus, 2
       ${attempt('U', '.half 0')}`,
    );
    const bits = (status: bigint | undefined, ...at: number[]) =>
      at.map((bit) => Number(((status ?? 0n) >> BigInt(bit)) & 1n));
    // MPP low and high, MPIE, MIE.
    expect(found.slice(0, 2).map(({ status }) => bits(status, 11, 12, 7, 3))).toEqual([
      [0, 0, 1, 0],
      [1, 0, 0, 0],
    ]);
    // SPP, SPIE, SIE.
    expect(found.slice(2).map(({ status }) => bits(status, 8, 5, 1))).toEqual([
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });

  it('mret restores privilege and enable, leaves MPIE set and MPP = U, and clears MPRV when it leaves M', () => {
    const { values } = run(
      engine(),
      `li a0, (1 << 17) | (1 << 7) | (3 << 11)
       csrs mstatus, a0
       la a1, 1f
       csrw mepc, a1
       mret                # to M: MPRV stays
     1: csrr a2, mstatus
       csrci mstatus, 8
       la a1, 2f
       csrw mepc, a1
       li a0, 3 << 11
       csrc mstatus, a0
       li a0, 1 << 11
       csrs mstatus, a0
       la s10, 3f
       mret                # to S
     2: li a7, 0x600d
       ecall
     3: csrr a3, mstatus
       ${record('a2', 'a3')}`,
    );
    const bits = (status: bigint | undefined, ...at: number[]) =>
      at.map((bit) => Number(((status ?? 0n) >> BigInt(bit)) & 1n));
    // MIE, MPIE, MPP, MPRV.
    expect(bits(values[0], 3, 7, 11, 12, 17)).toEqual([1, 1, 0, 0, 1]);
  });

  it('mret to S clears MPRV', () => {
    const { traps: found } = run(
      engine(),
      `${setBits('mstatus', 1 << 17)}
       ${attempt('S', '.half 0')}`,
    );
    expect((found[0]?.status ?? 0n) & (1n << 17n)).toBe(0n);
  });

  it('sret returns to where sepc says, with SPP and SPIE, and clears MPRV', () => {
    const { traps: found, values } = run(
      engine(),
      `${attempt(
        'S',
        `la a0, 7f
         csrw sepc, a0
         li a0, 1 << 8
         csrc sstatus, a0     # SPP = U
         csrsi sstatus, 0x10
         li a0, 1 << 5
         csrs sstatus, a0
         sret
       7: csrr a1, sstatus`,
      )}
       ${recordCsr('sstatus')}`,
    );
    // In U-mode now: sstatus is out of reach.
    expect(found[0]).toMatchObject({ level: 'M', cause: 2 });
    expect((found[0]?.status ?? 0n) & (3n << 11n)).toBe(0n);
    // SIE = old SPIE, SPIE = 1, SPP = 0.
    expect((values[0] ?? 0n) & 0x122n).toBe(0x22n);
  });

  it('sret in M-mode works, TSR or not', () => {
    const { traps: found } = run(
      engine(),
      `${setBits('mstatus', TSR)}
       la a0, 1f
       csrw sepc, a0
       li a0, 1 << 8
       csrs sstatus, a0
       la s10, 2f
       la s8, 1f
       li s0, -1
       sret
     1: li a7, 0
       ecall
     2: jal ra, _log_trap`,
    );
    expect(found[0]).toMatchObject({ level: 'M', cause: 9, offset: 4 });
  });

  it('sret in M-mode clears MPRV', () => {
    const { traps: found } = run(
      engine(),
      `li a0, 1 << 8
       csrs sstatus, a0
       la s10, 2f
       la s8, 1f
       csrw sepc, s8
       li s0, -1
       ${setBits('mstatus', 1 << 17)}
       sret
     1: .half 0
     2: jal ra, _log_trap`,
    );
    expect(found[0]).toMatchObject({ level: 'M', cause: 2, offset: 0 });
    expect((found[0]?.status ?? 0n) & (1n << 17n)).toBe(0n);
  });

  it('privileged instructions are illegal below their level', () => {
    const below: [Parameters<typeof attempt>[0], string][] = [
      ['S', 'mret'],
      ['U', 'mret'],
      ['U', 'sret'],
      ['U', 'sfence.vma'],
      ['U', 'wfi'],
      ['U', 'hfence.vvma'],
      ['U', 'hfence.gvma'],
      ['U', 'hlv.w a0, (a0)'],
    ];
    const { traps: found } = run(engine(), below.map(([mode, text]) => attempt(mode, text)).join('\n'));
    expect(found.map(({ level, cause, offset }) => [level, cause, offset])).toEqual(below.map(() => ['M', 2, 0]));
  });

  it('TVM, TW and TSR make their instructions illegal in S-mode, with the instruction as value', () => {
    const uses = ['csrr a0, satp', 'csrw satp, zero', 'sfence.vma', 'wfi', 'sret'];
    const { traps: found } = run(
      engine(),
      `${setCsr('mideleg', 2)} ${setCsr('mie', 2)} ${setCsr('mip', 2)}
       csrci mstatus, 2
       ${uses
         .slice(0, 4)
         .map((use) => attempt('S', use))
         .join('')}
       ${setBits('mstatus', TVM | TW | TSR)}
       ${uses.map((use) => attempt('S', use)).join('')}
       ${attempt('M', 'csrw satp, zero\n sfence.vma\n wfi')}`,
    );
    expect(found.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([0, 0, 0, 0, 2, 2, 2, 2, 2, 0]);
    expect(found.slice(4, 9).map(({ tval }) => tval)).toEqual([
      0x18002573n,
      0x18001073n,
      0x12000073n,
      0x10500073n,
      0x10200073n,
    ]);
  });

  it('one bit of TVM, TW and TSR does not act for another', () => {
    const { traps: found } = run(
      engine(),
      `${setCsr('mideleg', 2)} ${setCsr('mie', 2)} ${setCsr('mip', 2)}
       csrci mstatus, 2
       ${setBits('mstatus', TW)} ${attempt('S', 'sfence.vma\n csrr a0, satp')} ${clearBits('mstatus', TW)}
       ${setBits('mstatus', TVM)} ${attempt('S', 'wfi')} ${clearBits('mstatus', TVM)}
       ${setBits('mstatus', TSR)} ${attempt('S', 'wfi\n sfence.vma')} ${clearBits('mstatus', TSR)}`,
    );
    expect(found.map(({ level }) => level)).toEqual(['none', 'none', 'none']);
  });

  it('vectored mode goes to base + 4 * cause for interrupts, to base for exceptions', () => {
    const { values } = run(
      engine(),
      `la a0, table + 1
       csrw mtvec, a0
       li a1, 0
       .half 0                    # exception
       li t0, 0x8
       csrw mie, t0
       li t1, 0x2000000           # msip
       li t2, 1
       sw t2, 0(t1)
       csrsi mstatus, 8
     wait: j wait
       .align 6
     table: j exception
       j bad
       j bad
       j software
       j bad
     bad: li a1, 99
       ${record('a1')}
       j _done
     exception: csrr a2, mcause
       csrr t0, mepc
       addi t0, t0, 2
       csrw mepc, t0
       ${record('a2')}
       mret
     software: csrr a2, mcause
       ${record('a2')}`,
    );
    expect(values).toEqual([2n, (1n << 63n) | 3n]);
  });

  it('stvec is vectored on its own', () => {
    const { values } = run(
      engine(),
      `la a0, table + 1
       csrw stvec, a0
       ${setCsr('mideleg', 2)} ${setCsr('mie', 2)} ${setCsr('mip', 2)}
       csrsi mstatus, 2
       ${enter('S', 'there')}
     there: j there
       .align 6
     table: j bad
       csrr a2, scause
       j good
     bad: li a2, 0
     good: li a7, 0x600d
       la s10, 5f
       ecall
     5: ${record('a2')}`,
    );
    expect(values).toEqual([(1n << 63n) | 1n]);
  });

  it('a trapping instruction does not retire', () => {
    const { values } = run(
      engine(),
      `la a0, 1f
       csrw mtvec, a0
       csrr a1, minstret
       .half 0
       .align 2
     1: csrr a2, minstret
       sub a2, a2, a1
       ${record('a2')}`,
    );
    expect(values).toEqual([1n]);
  });
}

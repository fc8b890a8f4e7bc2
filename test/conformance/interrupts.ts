import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, enter, record, recordCsr, run, setCsr, type Trap } from './program.ts';

const CLINT_MSIP = 0x2000000;
const SSIP = 1 << 1;
const VSSIP = 1 << 2;
const MSIP = 1 << 3;
const STIP = 1 << 5;
const VSTIP = 1 << 6;
const MTIP = 1 << 7;
const SEIP = 1 << 9;
const VSEIP = 1 << 10;
const ALL = 0xeee;

const clintSoftware = (value: number) => `li t0, ${CLINT_MSIP}\n li t1, ${value}\n sw t1, 0(t0)\n`;
/** mtimecmp in the past: MTIP. */
const clintTimer = `li t0, 0x2004000\n sd zero, 0(t0)\n`;
const seen = (trap: Trap | undefined) =>
  trap?.level === 'none' ? 'none' : `${trap?.level} ${trap?.interrupt ? 'i' : 'e'}${trap?.cause}`;

export function interrupts({ engine, it }: Suite): void {
  it('in M-mode only with MIE, below M-mode always', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mie', SSIP)} ${setCsr('mip', SSIP)}
       ${attempt('M', 'nop')}
       ${attempt('S', 'nop')}
       ${attempt('U', 'nop')}
       ${attempt('M', 'csrsi mstatus, 8\n nop')}
       ${setCsr('mie', 0)}
       ${attempt('U', 'nop')}`,
    );
    expect(traps.map(seen)).toEqual(['none', 'M i1', 'M i1', 'M i1', 'none']);
  });

  it('is taken before the instruction it meets, with zero as value', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mie', SSIP)} ${setCsr('mip', SSIP)} ${attempt('U', 'li a0, 1\n ecall')}`,
    );
    expect(traps[0]).toMatchObject({ offset: 0, tval: 0n, tinst: 0n, tval2: 0n });
  });

  it('follows at once the instruction that enables or raises it', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mip', SSIP)} ${setCsr('mie', SSIP)}
       ${attempt('M', 'csrsi mstatus, 8\n li a0, 1')}
       ${setCsr('mie', MSIP)} csrw mip, zero
       ${attempt('M', `csrsi mstatus, 8\n ${clintSoftware(1)} li a0, 2\n li a0, 3`)}
       ${clintSoftware(0)}
       csrci mstatus, 8
       ${record('a0')}`,
    );
    expect(traps.map(({ offset }) => offset)).toEqual([4, 4 + 4 + 4 + 4]);
  });

  it('mideleg sends S-level interrupts to HS-mode, masked there by SIE, and hides them from M-mode', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mideleg', SSIP)} ${setCsr('mie', SSIP)} ${setCsr('mip', SSIP)}
       ${attempt('U', 'nop')}
       csrci mstatus, 2
       ${attempt('S', 'nop')}
       csrci mstatus, 2
       ${attempt('S', 'csrsi sstatus, 2\n nop')}
       ${attempt('M', 'csrsi mstatus, 8\n nop\n csrci mstatus, 8')}`,
    );
    expect(traps.map(seen)).toEqual(['HS i1', 'none', 'HS i1', 'none']);
  });

  it('priority: MEI MSI MTI SEI SSI STI, and the M level before the S level', () => {
    const order: string[] = [];
    // Each round clears the one that was taken.
    const clear: Readonly<Record<string, string>> = {
      'M i3': clintSoftware(0),
      'M i7': `li t0, 0x2004000\n li t1, -1\n sd t1, 0(t0)\n`,
      'M i9': `li t1, ${SEIP}\n csrc mip, t1\n`,
      'M i1': `li t1, ${SSIP}\n csrc mip, t1\n`,
      'M i5': `li t1, ${STIP}\n csrc mip, t1\n`,
    };
    const { traps } = run(
      engine(),
      `${clintSoftware(1)} ${clintTimer} ${setCsr('mip', SSIP | STIP | SEIP)} ${setCsr('mie', ALL)}
       ${Object.values(clear)
         .map((text) => `${attempt('U', 'nop')} ${text}`)
         .join('')}
       ${attempt('U', 'nop')}`,
    );
    for (const trap of traps) order.push(seen(trap));
    expect(order).toEqual([...Object.keys(clear), 'none']);
  });

  it('the external interrupts of both contexts come first, from the PLIC', () => {
    // The UART's transmitter is empty: with its enable set, source 10 is high for good.
    const { traps, values } = run(
      engine(),
      `li t0, 0x10000001
       li t1, 2
       sb t1, 0(t0)
       li t0, 0xc000028           # priority of source 10
       li t1, 1
       sw t1, 0(t0)
       li t0, 0xc002000           # enables of context 0: M, and 1: S
       li t1, 1 << 10
       sw t1, 0(t0)
       sw t1, 0x80(t0)
       ${clintSoftware(1)} ${clintTimer} ${setCsr('mip', SSIP)} ${setCsr('mie', 0xfff)}
       ${recordCsr('mip')}
       ${attempt('U', 'nop')}
       li t0, 0xc002000
       sw zero, 0(t0)
       ${recordCsr('mip')}
       ${setCsr('mideleg', 0x222)} ${setCsr('mie', 0x222)}
       ${attempt('U', 'nop')}`,
    );
    expect(traps.map(seen)).toEqual(['M i11', 'HS i9']);
    expect(values).toEqual([0xa8an, 0x28an]);
  });

  it('priority holds after delegation, and M-level ones come first', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mideleg', SSIP | SEIP)} ${setCsr('mie', ALL)} ${setCsr('mip', SSIP | STIP | SEIP)}
       ${attempt('U', 'nop')}
       ${setCsr('mie', SSIP | SEIP)}
       ${attempt('U', 'nop')}
       ${setCsr('mip', SSIP)}
       ${attempt('U', 'nop')}`,
    );
    // STI is not delegated, so it goes to M although SEI and SSI stand before it in the order.
    expect(traps.map(seen)).toEqual(['M i5', 'HS i9', 'HS i1']);
  });

  it('VS-level interrupts are HS-level ones until hideleg passes them on', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mie', VSSIP | VSTIP | VSEIP)} ${setCsr('hvip', VSSIP | VSTIP | VSEIP)}
       la t0, _vs_trap
       csrw vstvec, t0
       ${attempt('S', 'nop')}
       csrci mstatus, 2
       ${attempt('S', 'csrsi sstatus, 2\n nop')}
       csrci mstatus, 2
       ${attempt('VS', 'nop')}
       ${setCsr('hvip', VSSIP | VSTIP)} ${attempt('VU', 'nop')}
       ${setCsr('hvip', VSTIP)} ${attempt('U', 'nop')}
       ${setCsr('hideleg', VSSIP | VSTIP | VSEIP)} ${setCsr('hvip', VSSIP | VSTIP | VSEIP)}
       ${attempt('U', 'nop')}
       ${attempt('VU', 'nop')}
       ${setCsr('vsstatus', 0)}
       ${attempt('VS', 'nop')}
       ${setCsr('vsstatus', 2)} ${setCsr('hvip', VSSIP | VSTIP)}
       ${attempt('VS', 'nop')}
       ${setCsr('vsstatus', 2)} ${setCsr('hvip', VSTIP)}
       ${attempt('VS', 'nop')}`,
    );
    expect(traps.map(seen)).toEqual([
      'none',
      'HS i10',
      'HS i10',
      'HS i2',
      'HS i6',
      'none',
      'VS i9',
      'none',
      'VS i1',
      'VS i5',
    ]);
  });

  it('an HS-level interrupt reaches a guest whatever its vsstatus.SIE', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mideleg', SSIP)} ${setCsr('mie', SSIP)} ${setCsr('mip', SSIP)} ${setCsr('vsstatus', 0)}
       csrci mstatus, 2
       ${attempt('VS', 'nop')}`,
    );
    expect(traps.map(seen)).toEqual(['HS i1']);
    expect((traps[0]?.hstatus ?? 0n) & 0x180n).toBe(0x180n);
  });

  it('sip and sie show only what is delegated, mip shows all', () => {
    const { values } = run(
      engine(),
      `${clintSoftware(1)} ${setCsr('mip', SSIP | SEIP)} ${setCsr('mie', ALL)}
       ${recordCsr('mip', 'sip', 'sie')}
       ${setCsr('mideleg', SSIP)}
       ${recordCsr('sip', 'sie')}`,
    );
    expect(values).toEqual([BigInt(SSIP | SEIP | MSIP), 0n, 0n, BigInt(SSIP), BigInt(SSIP)]);
  });

  it('bits that devices drive are not written: MSIP and MTIP', () => {
    const { values } = run(
      engine(),
      `${setCsr('mip', MSIP | MTIP)} ${recordCsr('mip')} ${clintTimer} csrw mip, zero\n ${recordCsr('mip')}`,
    );
    expect(values).toEqual([0n, BigInt(MTIP)]);
  });

  it('wfi ends when an enabled interrupt is pending, even one that is masked globally, and goes on behind it', () => {
    const { values } = run(
      engine(),
      `${setCsr('mie', MTIP)} csrci mstatus, 8
       li t0, 0x200bff8
       ld t1, 0(t0)
       addi t1, t1, 100
       li t0, 0x2004000
       sd t1, 0(t0)
       wfi
       li t0, 0x200bff8
       ld t2, 0(t0)
       sltu a0, t2, t1
       csrr a1, mip
       ${record('a0', 'a1')}`,
    );
    expect(values).toEqual([0n, BigInt(MTIP)]);
  });

  it('an interrupt that ends wfi is taken with the next instruction as its epc', () => {
    const { traps } = run(
      engine(),
      `${setCsr('mie', MTIP)}
       ${attempt(
         'M',
         `csrsi mstatus, 8
          li t0, 0x200bff8
          ld t1, 0(t0)
          addi t1, t1, 10
          li t0, 0x2004000
          sd t1, 0(t0)
          wfi
          nop`,
       )}
       csrw mie, zero`,
    );
    // csrsi, li (2), ld, addi, li (2), sd, wfi.
    expect(seen(traps[0])).toBe('M i7');
    expect(traps[0]?.epc).toBeGreaterThan(0n);
  });

  it('returning to a level takes what is pending there before its first instruction', () => {
    const { values } = run(
      engine(),
      `${setCsr('mideleg', SSIP)} ${setCsr('mie', SSIP)} ${setCsr('mip', SSIP)}
       la t0, 3f
       csrw stvec, t0
       li a0, 0
       ${enter('U', '2f')}
     2: li a0, 1
       j 2b
       .align 2
     3: csrr a1, sepc
       la a2, 2b
       sub a1, a1, a2
       la s10, 4f
       li a7, 0x600d
       ecall
     4: ${record('a0', 'a1')}`,
    );
    expect(values).toEqual([0n, 0n]);
  });
}

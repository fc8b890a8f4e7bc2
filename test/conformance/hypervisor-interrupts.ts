import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, type Mode, record, recordCsr, run, setCsr, type Trap } from './program.ts';

const SSIP = 1 << 1;
const VSSIP = 1 << 2;
const STIP = 1 << 5;
const VSTIP = 1 << 6;
const SEIP = 1 << 9;
const VSEIP = 1 << 10;
const SGEIP = 1 << 12;
const LCOFIP = 1 << 13;
const S_BITS = SSIP | STIP | SEIP;
const VS_BITS = VSSIP | VSTIP | VSEIP;
const VGEIN = 0x3f << 12;
const clear = (name: string, bits: number) => `li t0, ${bits}\n csrc ${name}, t0\n`;
const seen = (trap: Trap | undefined) =>
  trap?.level === 'none' ? 'none' : `${trap?.level} ${trap?.interrupt ? 'i' : 'e'}${trap?.cause}`;

/** "Privileged ISA" 15.2.2 to 15.2.4, 15.2.12, 15.4.3. */
export function hypervisorInterrupts({ engine, it }: Suite): void {
  it('an interrupt traps to HS-mode where level, SIE, enable and hideleg say so, from every mode', () => {
    const interrupts = [
      { code: 1, raise: setCsr('mip', SSIP), enable: 'sie', bit: SSIP },
      { code: 2, raise: setCsr('hvip', VSSIP), enable: 'hie', bit: VSSIP },
    ];
    const both = [false, true];
    const cases = interrupts.flatMap((interrupt) =>
      (['M', 'S', 'U', 'VS', 'VU'] as const).flatMap((mode) =>
        both.flatMap((enabled) =>
          both.flatMap((passed) => both.map((sie) => ({ ...interrupt, mode, enabled, passed, sie }))),
        ),
      ),
    );
    const { traps } = run(
      engine(),
      `la t0, _vs_trap\n csrw vstvec, t0\n ${setCsr('mideleg', SSIP)}
       ${cases
         .map(
           ({ raise, enable, bit, mode, enabled, passed, sie }) =>
             `${setCsr('mie', 0)} ${setCsr('mip', 0)} ${setCsr('hvip', 0)} ${setCsr('vsstatus', 0)} ${raise}
              ${setCsr(enable, enabled ? bit : 0)} ${setCsr('hideleg', passed ? VS_BITS : 0)}
              ${sie ? 'csrsi' : 'csrci'} mstatus, 2
              ${attempt(mode, 'nop')}`,
         )
         .join('')}`,
    );
    const want = cases.map(({ code, mode, enabled, passed, sie }) => {
      if (!enabled || mode === 'M') return 'none';
      if (passed && code === 2) return mode === 'VU' ? 'VS i1' : 'none';
      return mode !== 'S' || sie ? `HS i${code}` : 'none';
    });
    expect(traps.map(seen)).toEqual(want);
  });

  it('follows at once the instruction of the guest that lets it in', () => {
    const { traps } = run(
      engine(),
      `la t0, _vs_trap\n csrw vstvec, t0\n ${setCsr('hideleg', VS_BITS)} ${setCsr('hie', VSSIP)}
       ${setCsr('hvip', VSSIP)} ${setCsr('vsstatus', 0)}
       ${attempt('VS', 'nop\n csrsi sstatus, 2\n nop\n nop')}`,
    );
    expect(traps.map((trap) => [seen(trap), trap.offset])).toEqual([['VS i1', 8]]);
  });

  it('of several for HS-mode the order is SEI SSI STI VSEI VSSI VSTI', () => {
    const order = [
      ['mip', SEIP, 9],
      ['mip', SSIP, 1],
      ['mip', STIP, 5],
      ['hvip', VSEIP, 10],
      ['hvip', VSSIP, 2],
      ['hvip', VSTIP, 6],
    ] as const;
    for (const mode of ['U', 'VU'] as const) {
      const { traps } = run(
        engine(),
        `${setCsr('mideleg', S_BITS)} ${setCsr('mie', S_BITS | VS_BITS)} ${setCsr('mip', S_BITS)} ${setCsr('hvip', VS_BITS)}
         ${order.map(([name, bit]) => attempt(mode, 'nop') + clear(name, bit)).join('')} ${attempt(mode, 'nop')}`,
      );
      expect(traps.map(seen), mode).toEqual([...order.map(([, , code]) => `HS i${code}`), 'none']);
    }
  });

  it('VSEIP and VSTIP of hip are read-only and go with hvip; VSSIP is written in either', () => {
    const { values } = run(
      engine(),
      `${setCsr('hip', -1)} ${recordCsr('hip', 'hvip')}
       ${setCsr('hvip', VS_BITS)} csrw hip, zero
       ${recordCsr('hip', 'hvip')}
       csrw hvip, zero
       ${recordCsr('hip')}`,
    );
    expect(values.map(Number)).toEqual([VSSIP, VSSIP, VSEIP | VSTIP, VSEIP | VSTIP, 0]);
  });

  it('mip and mie hold the same bits as hip and hie', () => {
    for (const bit of [VSSIP, VSTIP, VSEIP]) {
      const { values } = run(
        engine(),
        `${setCsr('hvip', bit)} ${recordCsr('hip', 'mip')} csrw hvip, zero
         ${setCsr('hie', bit)} ${recordCsr('mie')} csrw mie, zero
         ${recordCsr('hie')} ${setCsr('mie', bit)} ${recordCsr('hie')}
         csrw hie, zero
         ${recordCsr('mie')} ${setCsr('mip', bit)} ${recordCsr('hip')}`,
      );
      // Of the pending bits only VSSIP is software's.
      expect(values.map(Number)).toEqual([bit, bit, bit, 0, bit, 0, bit === VSSIP ? bit : 0]);
    }
    const { values } = run(
      engine(),
      `${setCsr('hie', SGEIP)} ${recordCsr('mie')} csrw mie, zero\n ${recordCsr('hie')}`,
    );
    expect(values.map(Number)).toEqual([SGEIP, 0]);
  });

  it('no interrupt is in both sie and hie, nor in both sip and hip', () => {
    const { values } = run(
      engine(),
      `${['mideleg', 'hideleg', 'mie', 'sie', 'hie', 'mip', 'hvip', 'sip', 'hip'].map((name) => setCsr(name, -1)).join('')}
       ${recordCsr('sie', 'hie', 'sip', 'hip')}`,
    );
    expect(values.map(Number)).toEqual([S_BITS, VS_BITS | SGEIP, S_BITS, VS_BITS]);
  });

  it('vsip and vsie show a bit of hip and hie one place lower, where hideleg opens it, else zero', () => {
    for (const bit of [VSSIP, VSTIP, VSEIP]) {
      const { values } = run(
        engine(),
        `${setCsr('hvip', VS_BITS)} ${setCsr('hie', VS_BITS)} ${setCsr('hideleg', bit)} ${recordCsr('vsip', 'vsie')}
         csrw vsie, zero
         csrw vsip, zero
         ${recordCsr('hie', 'hip')}
         csrw hie, zero
         ${setCsr('vsie', -1)} ${recordCsr('hie')}
         csrw hideleg, zero
         ${setCsr('vsie', -1)} ${recordCsr('hie', 'vsip', 'vsie')}`,
      );
      const left = bit === VSSIP ? VS_BITS & ~bit : VS_BITS;
      expect(values.map(Number)).toEqual([bit >> 1, bit >> 1, VS_BITS & ~bit, left, bit, bit, 0, 0]);
    }
  });

  it('counter overflow cannot be passed on: no LCOFI in hideleg, vsip and vsie', () => {
    const names = ['hideleg', 'vsip', 'vsie', 'hip', 'hie'];
    const { values } = run(engine(), names.map((name) => setCsr(name, -1) + recordCsr(name)).join(''));
    expect(values.map((value) => Number(value) & LCOFIP)).toEqual(names.map(() => 0));
  });

  it('what is pending for the host shows in its own sip, not in the guest’s', () => {
    const { traps, values } = run(
      engine(),
      `${setCsr('mideleg', S_BITS)} ${setCsr('mip', SSIP | SEIP)} ${setCsr('hideleg', VS_BITS)} ${setCsr('mie', 0)}
       ${attempt('VS', 'csrr a0, sip\n csrr a1, sie')} ${record('a0', 'a1')} ${recordCsr('sip')}`,
    );
    expect(traps.map(seen)).toEqual(['none']);
    expect(values.map(Number)).toEqual([0, 0, SSIP | SEIP]);
  });

  it('there are no guest external interrupts: GEILEN is 0', () => {
    const modes: readonly Mode[] = ['M', 'S'];
    const { traps, values } = run(
      engine(),
      `${setCsr('hgeie', -1)} ${setCsr('hstatus', VGEIN)} ${setCsr('hie', SGEIP)}
       ${recordCsr('hgeie', 'hgeip', 'hstatus', 'hip')}
       ${modes.map((mode) => attempt(mode, 'csrw hgeip, zero')).join('')}
       ${modes.map((mode) => attempt(mode, 'csrr a0, hgeip')).join('')}
       ${attempt('U', 'nop')}`,
    );
    expect(values).toEqual([0n, 0n, 0x2_00000000n, 0n]);
    expect(traps.map(seen)).toEqual(['M e2', 'M e2', 'none', 'none', 'none']);
  });

  it('an interrupt leaves zero in every trap value and trap instruction register, and no GVA', () => {
    const stale = ['mtval', 'mtval2', 'mtinst', 'stval', 'htval', 'htinst'].map((name) => setCsr(name, -1)).join('');
    const { traps } = run(
      engine(),
      `${setCsr('mie', SSIP | VSSIP)}
       ${stale} ${setCsr('mip', SSIP)} ${attempt('VS', 'nop')} ${setCsr('mip', 0)}
       ${stale} ${setCsr('hvip', VSSIP)} ${attempt('VS', 'nop')}`,
    );
    expect(traps.map(seen)).toEqual(['M i1', 'HS i2']);
    expect(traps.map(({ tval, tval2, tinst }) => [tval, tval2, tinst])).toEqual([
      [0n, 0n, 0n],
      [0n, 0n, 0n],
    ]);
    expect([(traps[0]?.status ?? 0n) & (1n << 38n), (traps[1]?.hstatus ?? 0n) & (1n << 6n)]).toEqual([0n, 0n]);
  });
}

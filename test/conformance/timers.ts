import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, record, recordCsr, run, setCsr, type Trap } from './program.ts';

const STCE = 1n << 63n;
const TM = 2;
const STIP = 1n << 5n;
const VSTIP = 1n << 6n;
const outcomeOf = (trap: Trap | undefined) => (trap?.level === 'none' ? 0 : (trap?.cause ?? -1));

/** Text that busy-waits until `time` has moved on by some ticks. */
const wait = (ticks: number) => `csrr t0, time\n addi t0, t0, ${ticks}\n 1: csrr t1, time\n bltu t1, t0, 1b\n`;

export function timers({ engine, it }: Suite): void {
  it('time is mtime', () => {
    const { values } = run(
      engine(),
      `li t0, 0x200bff8
       csrr a0, time
       ld a1, 0(t0)
       csrr a2, time
       sltu a3, a1, a0
       sltu a4, a2, a1
       ${record('a3', 'a4')}`,
    );
    expect(values).toEqual([0n, 0n]);
  });

  it('MTIP is mtime >= mtimecmp, and goes when mtimecmp moves on', () => {
    const { values } = run(
      engine(),
      `csrr t0, time
       addi t0, t0, 20
       li t2, 0x2004000
       sd t0, 0(t2)
       csrr a0, mip
     1: csrr t1, time
       bltu t1, t0, 1b
       csrr a1, mip
       li t0, -1
       sd t0, 0(t2)
       csrr a2, mip
       ${record('a0', 'a1', 'a2')}`,
    );
    expect(values.map((bits) => bits & 0x80n)).toEqual([0n, 0x80n, 0n]);
  });

  it('without STCE stimecmp is illegal below M-mode, and STIP is software of M-mode', () => {
    const { traps, values } = run(
      engine(),
      `${setCsr('mcounteren', 7)}
       ${attempt('S', 'csrr a0, stimecmp')}
       ${attempt('M', 'csrw stimecmp, zero')}
       ${setCsr('mip', STIP)} ${recordCsr('mip')}
       csrw mip, zero
       ${recordCsr('mip')}`,
    );
    expect(traps.map(outcomeOf)).toEqual([2, 0]);
    expect(values.map((bits) => bits & STIP)).toEqual([STIP, 0n]);
  });

  it('with STCE, STIP is time >= stimecmp and nothing else, whatever was stored in it', () => {
    const { values } = run(
      engine(),
      `${setCsr('mip', STIP)} ${setCsr('menvcfg', STCE)}
       ${setCsr('stimecmp', -1)} ${recordCsr('mip')}
       ${setCsr('stimecmp', 0)} ${recordCsr('mip')}
       csrw mip, zero
       ${recordCsr('mip')}
       ${setCsr('stimecmp', -1)} ${recordCsr('mip')}`,
    );
    expect(values.map((bits) => bits & STIP)).toEqual([0n, STIP, STIP, 0n]);
  });

  it('access to stimecmp needs menvcfg.STCE and mcounteren.TM', () => {
    const { traps } = run(
      engine(),
      `${setCsr('menvcfg', STCE)} ${setCsr('mcounteren', 0)}
       ${attempt('S', 'csrr a0, stimecmp')}
       ${setCsr('mcounteren', TM)}
       ${attempt('S', 'csrr a0, stimecmp')}
       ${attempt('S', 'csrr a0, vstimecmp')}
       ${attempt('U', 'csrr a0, stimecmp')}`,
    );
    expect(traps.map(outcomeOf)).toEqual([2, 0, 0, 2]);
  });

  it('the S-level timer interrupt arrives when its time has come, not before', () => {
    const { traps, values } = run(
      engine(),
      `${setCsr('menvcfg', STCE)} ${setCsr('mcounteren', 7)} ${setCsr('mideleg', STIP)} ${setCsr('mie', STIP)}
       ${attempt(
         'S',
         `csrr a0, time
          addi a0, a0, 30
          csrw stimecmp, a0
          csrsi sstatus, 2
        1: csrr a1, time
          j 1b`,
       )}
       csrr a2, time
       sltu a1, a1, a0
       sltu a2, a2, a0
       ${record('a1', 'a2')}`,
    );
    expect(traps[0]).toMatchObject({ level: 'HS', interrupt: true, cause: 5 });
    // The last time seen was before, the handler runs after.
    expect(values).toEqual([1n, 0n]);
  });

  it('wfi sleeps until the timer of its level', () => {
    const { values } = run(
      engine(),
      `${setCsr('menvcfg', STCE)} ${setCsr('mie', STIP)} ${setCsr('mideleg', STIP)}
       csrr a0, time
       li a1, 100000
       add a0, a0, a1
       csrw stimecmp, a0
       csrr a2, minstret
       wfi
       csrr a3, minstret
       csrr a1, time
       sub a1, a1, a0
       sub a3, a3, a2
       ${record('a1', 'a3')}`,
    );
    expect(values[0]).toBeLessThan(3n);
    expect(values[1]).toBe(2n);
  });

  it('vstimecmp: VSTIP is time + htimedelta >= vstimecmp, or hvip.VSTIP', () => {
    const { values } = run(
      engine(),
      `${setCsr('menvcfg', STCE)} ${setCsr('henvcfg', STCE)} ${setCsr('vstimecmp', -1)}
       ${recordCsr('hip')}
       ${setCsr('vstimecmp', 0)} ${recordCsr('hip')}
       csrr t0, time
       neg t0, t0
       li t1, -1000000
       add t0, t0, t1
       csrw htimedelta, t0       # guest time is a little below 2^64
       ${setCsr('vstimecmp', 1000)} ${recordCsr('hip')}
       csrw htimedelta, zero
       li t0, 1 << 40
       csrw vstimecmp, t0
       ${recordCsr('hip')}
       ${setCsr('hvip', VSTIP)} ${recordCsr('hip')}
       csrw hvip, zero
       csrw henvcfg, zero
       ${setCsr('vstimecmp', 0)} ${recordCsr('hip')}`,
    );
    expect(values.map((bits) => bits & VSTIP)).toEqual([0n, VSTIP, VSTIP, 0n, VSTIP, 0n]);
  });

  it('stimecmp with V = 1 is vstimecmp, subject to henvcfg and hcounteren as a virtual instruction', () => {
    const use = attempt('VS', 'csrw stimecmp, a0');
    const { traps, values } = run(
      engine(),
      `li a0, 1234
       ${use}
       ${setCsr('menvcfg', STCE)} ${use}
       ${setCsr('mcounteren', TM)} ${use}
       ${setCsr('henvcfg', STCE)} ${use}
       ${setCsr('hcounteren', TM)} ${use}
       ${attempt('VU', 'csrw stimecmp, a0')}
       ${attempt('VS', 'csrr a0, vstimecmp')}
       csrw mcounteren, zero
       ${attempt('VS', 'csrr a0, vstimecmp')}
       ${recordCsr('vstimecmp', 'stimecmp')}`,
    );
    // Illegal while M-mode forbids it, virtual while the hypervisor does.
    expect(traps.map(outcomeOf)).toEqual([2, 2, 22, 22, 0, 22, 22, 2]);
    expect(values[0]).toBe(1234n);
    expect(values[1]).not.toBe(1234n);
  });

  it('a guest sees time + htimedelta, the host does not', () => {
    const { values } = run(
      engine(),
      `${setCsr('mcounteren', 7)} ${setCsr('hcounteren', 7)} ${setCsr('scounteren', 7)}
       li a3, 1 << 50
       csrw htimedelta, a3
       ${attempt('VS', 'csrr a0, time')}
       ${attempt('VU', 'csrr a1, time')}
       ${attempt('S', 'csrr a2, time')}
       srli a0, a0, 50
       srli a1, a1, 50
       srli a2, a2, 50
       ${record('a0', 'a1', 'a2')}`,
    );
    expect(values).toEqual([1n, 1n, 0n]);
  });

  it('the guest timer interrupt wakes wfi and reaches VS-mode as cause 5', () => {
    const { traps } = run(
      engine(),
      `${setCsr('menvcfg', STCE)} ${setCsr('henvcfg', STCE)} ${setCsr('mcounteren', 7)} ${setCsr('hcounteren', 7)}
       ${setCsr('hideleg', VSTIP)} ${setCsr('mie', VSTIP)} ${setCsr('vsstatus', 2)}
       la t0, _vs_trap
       csrw vstvec, t0
       ${attempt('VS', 'csrr a0, time\n addi a0, a0, 50\n csrw stimecmp, a0\n wfi\n nop')}
       csrw mie, zero`,
    );
    expect(traps[0]).toMatchObject({ level: 'VS', interrupt: true, cause: 5, offset: 16 });
  });

  it('writes to mtime move every comparison', () => {
    const { values } = run(
      engine(),
      `li t0, 0x2004000
       li t1, 1 << 40
       sd t1, 0(t0)
       csrr a0, mip
       li t0, 0x200bff8
       sd t1, 0(t0)
       csrr a1, mip
       csrr a2, time
       srli a2, a2, 40
       ${wait(3)}
       ${record('a0', 'a1', 'a2')}`,
    );
    expect([(values[0] ?? 0n) & 0x80n, (values[1] ?? 0n) & 0x80n, values[2]]).toEqual([0n, 0x80n, 1n]);
  });
}

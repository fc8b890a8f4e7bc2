import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, record, recordCsr, run, setCsr } from './program.ts';

export function counters({ engine, it }: Suite): void {
  it('instret counts what retires: one for each instruction, compressed ones too', () => {
    const { values } = run(
      engine(),
      `csrr a0, instret
       csrr a1, instret
       c.nop
       nop
       li t0, 3
     1: addi t0, t0, -1
       bnez t0, 1b
       csrr a2, instret
       sub a2, a2, a1
       sub a1, a1, a0
       ${record('a1', 'a2')}`,
    );
    expect(values).toEqual([1n, 1n + 3n + 6n]);
  });

  it('cycle advances by at least one for each instruction', () => {
    const { values } = run(
      engine(),
      `csrr a0, cycle
       csrr a2, instret
       nop
       nop
       div a4, a0, a2
       csrr a1, cycle
       csrr a3, instret
       sub a1, a1, a0
       sub a3, a3, a2
       ${record('a1', 'a3')}`,
    );
    expect(values[1]).toBe(5n);
    expect(values[0]).toBeGreaterThanOrEqual(5n);
  });

  it('minstret and mcycle can be written; the next instruction reads what was written', () => {
    const { values } = run(
      engine(),
      `li a0, 1 << 33
       csrw minstret, a0
       csrr a1, minstret
       csrw mcycle, a0
       csrr a2, mcycle
       csrr a3, instret
       sub a1, a1, a0
       sub a2, a2, a0
       sub a3, a3, a0
       ${record('a1', 'a2', 'a3')}`,
    );
    expect(values[0]).toBe(0n);
    expect(values[1]).toBeLessThan(20n);
    expect(values[2]).toBe(3n);
  });

  it('mcountinhibit stops a counter where it is, from the next instruction on, and lets it go on from there', () => {
    const { values } = run(
      engine(),
      `${[5, 4, 1]
        .map(
          (bits) => `
       csrw mcountinhibit, zero
       csrr a0, minstret
       csrwi mcountinhibit, ${bits}
       csrr a1, minstret
       csrr a2, mcycle
       nop
       nop
       csrr a3, instret
       csrr a4, cycle
       csrw mcountinhibit, zero
       csrr a5, minstret
       csrr a6, mcycle
       sub a1, a1, a0
       sub a3, a3, a0
       sub a5, a5, a0
       sltu a6, a4, a6
       sltu a4, a2, a4
       ${record('a1', 'a3', 'a5', 'a4', 'a6')}`,
        )
        .join('')}`,
    );
    const STOPPED = 2n; // the reading instruction and the one that inhibits
    const goesOn = 1n;
    expect(values).toEqual([
      ...[STOPPED, STOPPED, STOPPED, 0n, goesOn],
      ...[STOPPED, STOPPED, STOPPED, goesOn, goesOn],
      ...[2n, 6n, 9n, 0n, goesOn],
    ]);
  });

  it('an inhibited counter can be written, keeps what was written, and counts from it', () => {
    const { values } = run(
      engine(),
      `csrwi mcountinhibit, 5
       li a0, 1 << 40
       csrw minstret, a0
       csrw mcycle, a0
       nop
       csrr a1, instret
       csrr a2, cycle
       csrw mcountinhibit, zero
       csrr a3, instret
       csrr a4, instret
       csrr a5, cycle
       sub a1, a1, a0
       sub a2, a2, a0
       sub a3, a3, a0
       sub a4, a4, a0
       sub a5, a5, a0
       ${record('a1', 'a2', 'a3', 'a4')}
       sltiu a5, a5, 100
       ${record('a5')}`,
    );
    expect(values).toEqual([0n, 0n, 0n, 1n, 1n]);
  });

  it('mcountinhibit decides who counts, not who may look, and time goes on', () => {
    const { values, traps } = run(
      engine(),
      `csrr a0, time
       csrwi mcountinhibit, 5
       ${setCsr('mcounteren', 7)} ${setCsr('scounteren', 7)}
       ${attempt('U', 'csrr a2, instret\n csrr a3, cycle')}
       li t0, 1000
     1: addi t0, t0, -1
       bnez t0, 1b
       csrr a1, time
       csrw mcountinhibit, zero
       sltu a1, a0, a1
       ${record('a1')}`,
    );
    expect(traps.map(({ level }) => level)).toEqual(['none']);
    expect(values).toEqual([1n]);
  });

  it('while counters stand still, the accounts of the machine do not', () => {
    run(
      engine(),
      `csrwi mcountinhibit, 5
       li a0, 1 << 50
       csrw minstret, a0
       li t0, 100
     1: addi t0, t0, -1
       bnez t0, 1b
       csrw mcountinhibit, zero`,
    );
    expect(engine().accounted()).toEqual({ cycles: engine().cycles, instret: engine().instret });
    expect(engine().instret).toBeGreaterThan(200);
    expect(engine().instret).toBeLessThan(1000);
  });

  it('every event counter is there and reads zero, open to lower modes by its own bit', () => {
    const shadows = Array.from({ length: 29 }, (_, i) => i + 3);
    const reads = (mode: 'S' | 'U' | 'VS') =>
      shadows.map((n) => attempt(mode, `li a0, -1\n csrr a0, hpmcounter${n}`)).join('');
    const only = (bit: number) => setCsr('mcounteren', 1 << bit);
    const { traps, values } = run(
      engine(),
      `${shadows.map((n) => recordCsr(`hpmcounter${n}`, `mhpmcounter${n}`, `mhpmevent${n}`)).join('')}
       ${setCsr('scounteren', -1)} ${setCsr('hcounteren', 1 << 5)}
       ${only(4)} ${reads('S')} ${only(31)} ${reads('U')} ${setCsr('mcounteren', -1)} ${reads('VS')}
       ${attempt('M', 'csrw hpmcounter3, zero')}`,
    );
    expect(values).toEqual(new Array<bigint>(3 * shadows.length).fill(0n));
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([
      ...shadows.map((n) => (n === 4 ? 0 : 2)),
      ...shadows.map((n) => (n === 31 ? 0 : 2)),
      ...shadows.map((n) => (n === 5 ? 0 : 22)),
      2,
    ]);
  });

  it('mcounteren and scounteren open the counters one by one', () => {
    const names = ['cycle', 'time', 'instret'];
    const reads = (mode: 'S' | 'U') => names.map((name) => attempt(mode, `csrr a0, ${name}`)).join('');
    const { traps } = run(
      engine(),
      [0, 1, 2, 4]
        .map((bits) => `${setCsr('mcounteren', bits)} ${setCsr('scounteren', 7)} ${reads('S')} ${reads('U')}`)
        .concat(
          [1, 2, 4].map(
            (bits) => `${setCsr('mcounteren', 7)} ${setCsr('scounteren', bits)} ${reads('S')} ${reads('U')}`,
          ),
        )
        .join('\n'),
    );
    const open = (bits: number) => names.map((_, i) => ((bits >> i) & 1 ? 0 : 2));
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([
      ...[0, 1, 2, 4].flatMap((bits) => [...open(bits), ...open(bits)]),
      ...[1, 2, 4].flatMap((bits) => [...open(7), ...open(bits)]),
    ]);
  });

  it('with V = 1 hcounteren, and scounteren for VU, make it a virtual instruction', () => {
    const read = (mode: 'VS' | 'VU') => attempt(mode, 'csrr a0, instret');
    const both = `${read('VS')} ${read('VU')}`;
    const { traps } = run(
      engine(),
      `${setCsr('hcounteren', 7)} ${setCsr('scounteren', 7)} ${both}
       ${setCsr('mcounteren', 7)} ${both}
       ${setCsr('hcounteren', 3)} ${both}
       ${setCsr('hcounteren', 4)} ${setCsr('scounteren', 3)} ${both}
       ${setCsr('hcounteren', 3)} ${both}`,
    );
    expect(traps.map(({ level, cause }) => (level === 'none' ? 0 : cause))).toEqual([
      2, 2, 0, 0, 22, 22, 0, 22, 22, 22,
    ]);
  });

  it('htimedelta shifts the time of guests, and of nobody else', () => {
    const { values } = run(
      engine(),
      `li s9, 0x8000000000000000
       csrw htimedelta, s9
       ${setCsr('mcounteren', -1)} ${setCsr('hcounteren', -1)} ${setCsr('scounteren', -1)}
       ${(['VS', 'VU', 'S', 'U'] as const).map((mode) => `${attempt(mode, 'csrr a0, time')} srli a0, a0, 63\n ${record('a0')}`).join('')}
       csrr a0, time
       srli a0, a0, 63
       ${record('a0')}
       csrw htimedelta, zero`,
    );
    expect(values).toEqual([1n, 1n, 0n, 0n, 0n]);
  });

  it('all parties together used exactly the cycles and instructions of the machine', () => {
    run(
      engine(),
      `${setCsr('medeleg', 1 << 2)}
       ${attempt('U', 'nop\n .half 0')}
       ${attempt('S', 'nop')}
       ${attempt('VS', 'nop\n .half 0')}
       ${attempt('VU', 'li t0, 100\n 1: addi t0, t0, -1\n bnez t0, 1b')}`,
    );
    expect(engine().accounted()).toEqual({ cycles: engine().cycles, instret: engine().instret });
    expect(engine().instret).toBeGreaterThan(200);
    expect(engine().cycles).toBeGreaterThan(engine().instret);
  });
}

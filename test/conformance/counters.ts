import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, record, run, setCsr } from './program.ts';

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

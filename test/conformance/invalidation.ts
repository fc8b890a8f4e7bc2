import { expect } from 'vitest';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, record, run, setCsr, VA } from './program.ts';
import { atp, entry, RW, Tables } from './tables.ts';

const ILLEGAL = 2;
const VIRTUAL = 22;
const TVM = 1 << 20;
const VTVM = 1 << 20;
const ORDER = ['sfence.w.inval', 'sfence.inval.ir'];
const MODES: readonly Mode[] = ['M', 'S', 'U', 'VS', 'VU'];

/** Svinval, "Privileged ISA" 12.6. */
export function invalidation({ engine, it }: Suite): void {
  /** What each instruction meets in each mode: a cause, or none. */
  const causes = (names: readonly string[], setup: string, modes = MODES) => {
    const { traps } = run(engine(), setup + modes.flatMap((mode) => names.map((name) => attempt(mode, name))).join(''));
    const seen = traps.map(({ level, cause }) => (level === 'none' ? 'none' : cause));
    return modes.map((_, i) => seen.slice(i * names.length, (i + 1) * names.length));
  };

  it('sinval.vma is allowed where sfence.vma is', () => {
    const pair = ['sfence.vma zero, zero', 'sinval.vma zero, zero'];
    const all = (value: 'none' | number) => [value, value];
    const [none, illegal, virtual] = [all('none'), all(ILLEGAL), all(VIRTUAL)];
    expect(causes(pair, '')).toEqual([none, none, illegal, none, virtual]);
    expect(causes(pair, setCsr('mstatus', TVM))).toEqual([none, illegal, illegal, none, virtual]);
    expect(causes(pair, setCsr('hstatus', VTVM))).toEqual([none, none, illegal, virtual, virtual]);
  });

  it('hinval is allowed where hfence is', () => {
    for (const pair of [
      ['hfence.vvma zero, zero', 'hinval.vvma zero, zero'],
      ['hfence.gvma zero, zero', 'hinval.gvma zero, zero'],
    ]) {
      for (const setup of ['', setCsr('mstatus', TVM)]) {
        for (const [fence, invalidate] of causes(pair, setup)) expect(invalidate, pair[1]).toBe(fence);
      }
      expect(causes(pair, '', ['S', 'U', 'VS']).map(([, cause]) => cause)).toEqual(['none', ILLEGAL, VIRTUAL]);
    }
  });

  it('what orders them is allowed to every supervisor, whatever TVM and VTVM say', () => {
    const [none, illegal, virtual] = ['none', ILLEGAL, VIRTUAL].map((value) => [value, value]);
    for (const setup of ['', setCsr('mstatus', TVM) + setCsr('hstatus', VTVM)]) {
      expect(causes(ORDER, setup)).toEqual([none, none, illegal, none, virtual]);
    }
  });

  it('a changed entry is seen after sinval.vma between its two fences', () => {
    for (const operands of ['zero, zero', 'a4, zero', 'zero, a5', 'a4, a5']) {
      const tables = new Tables();
      const root = tables.withCode();
      const slot = tables.map(root, VA, DATA, RW);
      const { values } = run(
        engine(),
        `${setCsr('satp', atp(root, 1))} sfence.vma
         li a4, ${VA}
         li a5, 1
         ${attempt('S', 'ld a0, (a4)')} ${record('a0')}
         li a2, ${slot}
         li a3, ${entry(DATA + 0x1000, RW)}
         sd a3, (a2)
         ${attempt('S', `sfence.w.inval\n sinval.vma ${operands}\n sfence.inval.ir\n ld a0, (a4)`)} ${record('a0')}`,
        new Map([...tables.words, [DATA, 1n], [DATA + 0x1000, 2n]]),
      );
      expect(values, operands).toEqual([1n, 2n]);
    }
  });
}

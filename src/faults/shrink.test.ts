import { describe, expect, it } from 'vitest';
import { type Changes, changedFault, formatChanges, parseChanges } from './changes.ts';
import type { Fault } from './fault.ts';
import { formatId, parseId } from './replay-id.ts';
import { type Step, shrink } from './shrink.ts';

const when = { unit: 6, privilege: 'S', pc: 0x8040_0000n, count: 313, context: 'drawn' } as const;
const fault = (what: Fault['what']): Fault => ({ from: 0, when, what, inputSeed: 1 });
const bits = Array.from({ length: 7 }, (_, index) => ({ address: 0x8040_1000 + index, bit: index }));
const burst = fault({ kind: 'flip-memory', bits });
const delay = fault({ kind: 'delay', cycles: 5052 });

/** Shrinks while `holds` says so of the changed fault. */
function shrunk(
  drawn: Fault,
  holds: (fault: Fault) => boolean,
  patience = 1000,
): { last: Step | undefined; steps: Step[] } {
  const steps: Step[] = [];
  const faultWith = (changes: Changes) => changedFault(drawn, changes);
  const last = shrink({
    drawn,
    faultWith,
    holds: (changes) => holds(faultWith(changes)),
    onStep: (step) => steps.push(step),
    patience,
  });
  return { last, steps };
}

describe('changes', () => {
  it.each<Changes>([
    { unit: 0, count: 1 },
    { only: [0, 3, 12] },
    { count: 7, bit: 63, value: 0xdead_beefn, only: [1] },
    { cycles: 1, period: 2, times: 3 },
  ])('%o are read from an id as they were written, in letters that any shell and file takes', (changes) => {
    const id = { class: 'HWF-6', mode: 'open', from: 'rtos', seed: 1, n: 4, changes };
    const text = formatId('3f9c1e00', id);
    expect(text).toMatch(/^[A-Za-z0-9.-]+$/);
    expect(parseId(text)).toEqual({ stamp: '3f9c1e00', id });
  });

  it.each([
    '.colour-1',
    '.count',
    '.count-',
    '.count-1-2',
    '.count-x',
    '.only',
    '.value-xyz',
    '.count-1.count-2',
    '..count-1',
    '.count-01x',
    '.bit--1',
  ])('%s are none', (text) => {
    expect(parseChanges(text)).toBeUndefined();
    expect(parseId(`t1.3f9c1e00.HWF-1.open.rtos.1-4${text}`)).toBeUndefined();
  });

  it('change what they name and leave the rest', () => {
    expect(changedFault(delay, { cycles: 3 })).toEqual({ ...delay, what: { kind: 'delay', cycles: 3 } });
    expect(changedFault(burst, { only: [1, 6] }).what).toEqual({ kind: 'flip-memory', bits: [bits[1], bits[6]] });
    expect(changedFault(delay, { bit: 3 })).toEqual(delay);
    const mailbox = { bug: 1, target: 2n, value: 3n };
    expect(changedFault(fault({ kind: 'directed', mailbox }), { value: 0n }).what).toMatchObject({
      mailbox: { ...mailbox, value: 0n },
    });
  });

  it('of the point leave no state to compare with', () => {
    expect(changedFault(delay, { count: 1 }).when).toEqual({ ...when, count: 1, context: undefined });
    expect(changedFault(delay, { cycles: 1 }).when.context).toBe('drawn');
  });
});

describe('shrinking', () => {
  it('finds the least number that still does it', () => {
    const { last } = shrunk(
      delay,
      ({ what, when: { unit, count } }) => what.kind === 'delay' && what.cycles >= 700 && unit >= 2 && count >= 40,
    );
    expect(last?.changes).toEqual({ cycles: 700, unit: 2, count: 40 });
  });

  it('finds the pieces that are needed, in whatever halves they lie', () => {
    const needed = [bits[0], bits[5]];
    const { last } = shrunk(
      burst,
      ({ what }) => what.kind === 'flip-memory' && needed.every((bit) => what.bits.some((own) => own === bit)),
    );
    expect(last?.changes).toEqual({ only: [0, 5], unit: 0, count: 1 });
  });

  it('takes only what was tried and held', () => {
    const seen = new Set<string>();
    const { steps } = shrunk(delay, ({ what }) => {
      const holds = what.kind === 'delay' && what.cycles % 3 === 0;
      if (holds && what.kind === 'delay') seen.add(String(what.cycles));
      return holds;
    });
    for (const { changes } of steps) expect(seen).toContain(String(changes.cycles ?? 5052));
  });

  it('tries nothing twice, keeps to its patience, and says when there is nothing smaller', () => {
    const tried: string[] = [];
    const faultWith = (changes: Changes) => changedFault(delay, changes);
    const holds = (changes: Changes) => {
      tried.push(formatChanges(changes));
      return false;
    };
    const onStep = () => undefined;
    expect(shrink({ drawn: delay, faultWith, holds, onStep, patience: 1000 })).toBeUndefined();
    expect(new Set(tried).size).toBe(tried.length);
    tried.length = 0;
    shrink({ drawn: delay, faultWith, holds, onStep, patience: 5 });
    expect(tried).toHaveLength(5);
  });
});

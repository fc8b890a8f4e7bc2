import { describe, expect, it } from 'vitest';
import { holm } from './holm.ts';

/** Holm's definition by closure: a hypothesis falls when Bonferroni rejects every set of hypotheses that holds it. */
function byClosure(ps: readonly number[]): number[] {
  return ps.map((_, index) => {
    let greatest = 0;
    for (let set = 1; set < 1 << ps.length; set++) {
      if (((set >> index) & 1) === 0) continue;
      const members = ps.filter((_p, other) => ((set >> other) & 1) === 1);
      greatest = Math.max(greatest, Math.min(1, members.length * Math.min(...members)));
    }
    return greatest;
  });
}

describe('holm', () => {
  it.each([[[0.01, 0.04, 0.03]], [[0.02, 0.02, 0.02, 0.9]], [[1, 0.5, 0.001, 0.0009, 0.2]], [[0.3]], [[]]])(
    'is the closure of Bonferroni: %j',
    (ps) => {
      for (const [index, p] of byClosure(ps).entries()) expect(holm(ps)[index]).toBeCloseTo(p, 14);
      expect(holm(ps)).toHaveLength(ps.length);
    },
  );

  it('gives 0.03, 0.06, 0.06 for 0.01, 0.03, 0.04, in the order of the input', () => {
    expect(holm([0.04, 0.01, 0.03]).map((p) => p.toFixed(3))).toEqual(['0.060', '0.030', '0.060']);
  });
});

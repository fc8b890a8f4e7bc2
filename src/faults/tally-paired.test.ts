import { describe, expect, it } from 'vitest';
import { madeUpRecord } from '../../test/report/made-up-record.ts';
import { NO_ENDPOINT } from './outcome.ts';
import type { ExperimentRecord } from './records.ts';
import { differenceInterval, mcNemar } from './statistics/paired.ts';
import { pairedOf } from './tally-paired.ts';

const MODES = ['virtualized', 'colocated', 'open'];

interface Change {
  failed?: boolean;
  context?: string;
  harnessError?: string;
  class?: string;
}

function record(mode: string, n: number, change: Change = {}): ExperimentRecord {
  const { failed = false, context = `c${n}`, harnessError = '', class: name = 'HWF-1' } = change;
  return madeUpRecord({
    class: name,
    mode,
    n,
    trajectory: n % 5,
    injected: context !== '',
    context,
    bystander: { endpoints: { ...NO_ENDPOINT, failed }, failure: failed ? 'crashed' : 'none' },
    outcome: { harnessError },
  });
}

/** Twenty faults: those below 4 fail in colocated, those in [3, 5) in virtualized. */
const campaign = (change: (mode: string, n: number) => Change = () => ({})): ExperimentRecord[] =>
  Array.from({ length: 20 }, (_, n) => n).flatMap((n) => [
    record('colocated', n, { failed: n < 4, ...change('colocated', n) }),
    record('virtualized', n, { failed: n >= 3 && n < 5, ...change('virtualized', n) }),
  ]);

const primary = (records: ExperimentRecord[]) =>
  pairedOf(records, MODES).find(({ a, b }) => a === 'colocated' && b === 'virtualized');

describe('paired outcomes', () => {
  it('fall into four cells, fault by fault', () => {
    const cells = { both: 1, onlyA: 3, onlyB: 1, neither: 15 };
    const { lower, upper } = differenceInterval(cells);
    expect(primary(campaign())).toMatchObject({
      ...cells,
      class: 'HWF-1',
      faulty: 'rtos',
      bystander: 'unix',
      exactShare: 1,
      difference: 0.1,
      lower95: lower,
      upper95: upper,
      p: mcNemar(cells),
      pHolm: mcNemar(cells),
    });
  });

  it('are exact where both modes stood at the same context, and not where one was never reached', () => {
    const changed = campaign((mode, n) => (mode === 'virtualized' && n < 5 ? { context: n < 2 ? '' : 'other' } : {}));
    expect(primary(changed)).toMatchObject({ exactShare: 0.75, both: 1, onlyA: 3, onlyB: 1, neither: 15 });
    const nowhere = campaign((_mode, n) => (n < 5 ? { context: '' } : {}));
    expect(primary(nowhere)?.exactShare).toBe(0.75);
  });

  it('leave out a fault that either mode says nothing about', () => {
    const broken = campaign((mode, n) => (mode === 'colocated' && n === 0 ? { harnessError: 'unix differs' } : {}));
    expect(primary(broken)).toMatchObject({ both: 1, onlyA: 2, onlyB: 1, neither: 15 });
    expect(primary(campaign().filter(({ mode, n }) => mode === 'colocated' || n > 0))?.onlyA).toBe(2);
  });

  it('have a p in the declared comparison alone, and Holm counts all of it', () => {
    const open = campaign().flatMap((own) => (own.mode === 'virtualized' ? [{ ...own, mode: 'open' }] : []));
    const rows = pairedOf([...campaign(), ...open, ...campaign(() => ({ class: 'HWF-4' }))], MODES);
    expect(rows.map(({ class: name, a, b, p }) => [name, a, b, p !== null])).toEqual([
      ['HWF-1', 'colocated', 'open', false],
      ['HWF-1', 'colocated', 'virtualized', true],
      ['HWF-1', 'virtualized', 'open', false],
      ['HWF-4', 'colocated', 'virtualized', true],
    ]);
    for (const row of rows) if (row.p !== null) expect(row.pHolm).toBe(Math.min(1, 2 * row.p));
  });

  it('do not depend on the order of execution', () => {
    expect(pairedOf(campaign().reverse(), MODES)).toEqual(pairedOf(campaign(), MODES));
  });
});

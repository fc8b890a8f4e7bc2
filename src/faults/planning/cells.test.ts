import { describe, expect, it } from 'vitest';
import type { ExperimentRecord } from '../records.ts';
import { decideCells } from './cells.ts';
import { lookSchedule } from './looks.ts';

const schedule = lookSchedule(0.4, 3);
const [first, second] = schedule.looks;

/** Of a cell in which the faults of those numbers fail unix. */
function cell(mode: string, n: number, failing: readonly number[]): ExperimentRecord[] {
  return Array.from({ length: n }, (_, number) => ({
    class: 'HWF-1',
    mode,
    from: 'rtos',
    n: number,
    outcome: {
      harnessError: '',
      bystanders: [{ guest: 'unix', endpoints: { failed: failing.includes(number) } }],
    },
  })) as unknown as ExperimentRecord[];
}

describe('cells at a look', () => {
  it('are decided each by itself', () => {
    const n = first?.n ?? 0;
    const records = [...cell('open', n, [0, 1, 2, 3]), ...cell('virtualized', n, []), ...cell('colocated', n, [1])];
    expect(decideCells(schedule, 0, records).map(({ mode, failed, decision }) => [mode, failed, decision])).toEqual([
      ['colocated', 1, 'go on'],
      ['open', 4, 'hopeless'],
      ['virtualized', 0, 'met'],
    ]);
  });

  it('count only the faults that the look declares', () => {
    const n = second?.n ?? 0;
    const late = cell('open', n, [n - 1]);
    expect(decideCells(schedule, 0, late)[0]).toMatchObject({ n: first?.n, failed: 0, decision: 'met' });
    expect(decideCells(schedule, 1, late)[0]).toMatchObject({ n, failed: 1, decision: 'met' });
  });

  it('bound the rate no lower than what they were asked for lets them', () => {
    const [met] = decideCells(schedule, 0, cell('open', first?.n ?? 0, []));
    expect(met?.bound).toBeLessThanOrEqual(0.4);
    expect(met?.bound).toBeGreaterThan(0.3);
  });
});

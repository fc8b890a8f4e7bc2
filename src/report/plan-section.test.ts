import { describe, expect, it } from 'vitest';
import { lookSchedule, outlook } from '../faults/planning/looks.ts';
import { PLAIN } from './paper.ts';
import { scheduleLines } from './plan-section.ts';

const schedule = lookSchedule(0.001);
const expected = [0, 0.0001, 0.01].map((share) => ({ share, ...outlook(schedule, share) }));

describe('the plan of a run', () => {
  it('declares target, looks and error before the first experiment, and what to expect', () => {
    const text = scheduleLines(PLAIN, schedule, 12, expected).join('\n');
    expect(text.replace(/\s+/g, ' ')).toContain('upper bound of a cell is 0.1 %: 5 looks, declared now');
    expect(text.replace(/\s+/g, ' ')).toContain('spend an error of 5 %');
    expect(text).toContain('after 3,688: met with 0 failures or fewer, at an error of 2.5 %');
    expect(text).toContain('where none fails: 3,688 experiments expected, met in 100.0 % of runs');
    expect(text).toMatch(/where 0\.01 % fail: [\d,]+ experiments expected, met in 9\d\.\d % of runs/);
    expect(text).toMatch(/where 1 % fail: 3,688 experiments expected, met in 0\.0 % of runs/);
  });

  it.each([80, 100, 120])('fits %d columns', (columns) => {
    const lines = scheduleLines({ ...PLAIN, columns }, schedule, 12, expected);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });
});

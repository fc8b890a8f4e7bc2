// One sentence below the rates: how long faults took to show. The rows stand in the report.

import type { ArgueDocument } from './documents.ts';
import { type Paper, wrapped } from './paper.ts';
import { rangeOf } from './rate-lines.ts';

type DelayRow = ArgueDocument['delays'][number];

const STEPS = {
  use: 'the first use',
  effect: 'the first effect on others',
  panic: 'the report of a panic',
} as const satisfies Record<DelayRow['to'], string>;

export const stepText = ({ to }: Pick<DelayRow, 'to'>): string => STEPS[to];

/** Nothing where nothing showed. */
export function delayLines(paper: Paper, delays: readonly DelayRow[]): string[] {
  const steps = (Object.keys(STEPS) as DelayRow['to'][]).flatMap((to) => {
    const rows = delays.filter((row) => row.to === to);
    const [first] = rows;
    if (first === undefined) return [];
    return [`to ${STEPS[to]} ${rangeOf(rows.map(({ median }) => median))} ${first.unit}`];
  });
  if (steps.length === 0) return [];
  return wrapped(paper, `From injection, medians by class, mode and guest: ${steps.join(', ')}.`, 3);
}

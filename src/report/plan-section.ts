// Before a run that goes on until a bound is met: what was declared, and what it may take. Nothing in it changes once the
// first experiment has run.

import type { LookSchedule, Outlook } from '../faults/planning/looks.ts';
import { counted, grouped, type Paper, percent, wrapped } from './paper.ts';

/** What the schedule leads to where that share of the faults fails. */
export interface Expectation extends Outlook {
  readonly share: number;
}

/** As many digits as the bound has: 0.1 %, 0.01 %. */
const DIGITS = 4;
const short = (share: number): string => `${Number((100 * share).toPrecision(DIGITS))} %`;

export function scheduleLines(
  paper: Paper,
  schedule: LookSchedule,
  cells: number,
  expected: readonly Expectation[],
): string[] {
  const { target, looks } = schedule;
  const last = looks.at(-1);
  const total = looks.reduce((sum, { alpha }) => sum + alpha, 0);
  const head = `Until the upper bound of a cell is ${short(target)}: ${counted(looks.length, 'look')}, declared now; together they spend an error of ${short(total)}, so the bound that is reported holds at whichever of them the cell stops. Per cell, not jointly over all ${cells}.`;
  return [
    ...wrapped(paper, head, 3),
    ...looks.map(
      ({ n, events, alpha }) =>
        `     after ${grouped(n)}: met with ${counted(events, 'failure')} or fewer, at an error of ${short(alpha)}`,
    ),
    ...wrapped(
      paper,
      `More than ${counted(last?.events ?? 0, 'failure')} end a cell at its next look: out of reach.`,
      5,
    ),
    ...expected.map(
      ({ share, expectedN, met }) =>
        `     where ${share === 0 ? 'none fails' : `${short(share)} fail`}: ${grouped(Math.round(expectedN))} experiments expected, met in ${percent(met)} of runs`,
    ),
  ];
}

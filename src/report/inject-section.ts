// What a campaign says beside the rates: how its declared looks ended, and whether the latent stayed so.

import type { LaterRecord } from '../faults/latent.ts';
import type { CellDecision } from '../faults/planning/cells.ts';
import type { InjectDocument } from './documents.ts';
import { counted, grouped, onPaper, type Paper, percent, wrapped } from './paper.ts';

const WORDS: Readonly<Record<CellDecision['decision'], string>> = {
  met: 'met',
  hopeless: 'out of reach',
  'go on': 'not decided',
};

/** One line per cell. */
export function decisionLines(paper: Paper, decisions: readonly CellDecision[]): string[] {
  return decisions.map((cell) => {
    const { class: fault, mode, faulty, bystander, n, failed, bound, decision } = cell;
    const text = `   ${fault} ${faulty} → ${bystander}, ${mode}: ${WORDS[decision]} after ${grouped(n)}, ${grouped(failed)} failed, at most ${percent(bound, 2)}`;
    return onPaper(paper, text);
  });
}

/** Regions together, each by its size. */
export function pooledLines(paper: Paper, pooled: InjectDocument['pooled']): string[] {
  if (pooled.length === 0) return [];
  const points = (share: number) => (100 * share).toFixed(1);
  const rows = pooled.map(({ mode, faulty, bystander, classes, bits, share, lower95, upper95 }) => {
    const rate = share === 0 ? `≤${percent(upper95, 2)}` : `${percent(share)} [${points(lower95)}, ${points(upper95)}]`;
    return `${faulty} → ${bystander}, ${mode}: ${rate} of ${grouped(bits)} bits in ${classes.length} regions`;
  });
  return [
    ...wrapped(paper, 'regions together, each weighed by its bits:', 3),
    ...rows.flatMap((row) => wrapped(paper, onPaper(paper, row), 7, '     ')),
  ];
}

/** Nothing where no run was latent. */
export function laterLines(paper: Paper, latent: number, later: readonly LaterRecord[]): string[] {
  if (latent === 0) return [];
  const fallen = later.filter(({ failed }) => failed.length > 0);
  const text = `latent: ${counted(latent, 'run')} reached somebody and failed nobody; ${grouped(later.length)} of them, drawn, went on for ten times as long, and ${grouped(fallen.length)} FAILED after all${fallen[0] === undefined ? '' : ` (${fallen[0].id})`}.`;
  return wrapped(paper, text, 3);
}

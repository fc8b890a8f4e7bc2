// What a campaign says beside the rates: how its declared looks ended, and whether the latent stayed so.

import type { LaterRecord } from '../faults/latent.ts';
import type { CellDecision } from '../faults/planning/cells.ts';
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

/** Nothing where no run was latent. */
export function laterLines(paper: Paper, latent: number, later: readonly LaterRecord[]): string[] {
  if (latent === 0) return [];
  const fallen = later.filter(({ failed }) => failed.length > 0);
  const text = `latent: ${counted(latent, 'run')} reached somebody and failed nobody; ${grouped(later.length)} of them, drawn, went on for ten times as long, and ${grouped(fallen.length)} FAILED after all${fallen[0] === undefined ? '' : ` (${fallen[0].id})`}.`;
  return wrapped(paper, text, 3);
}

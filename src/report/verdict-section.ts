// The end, which stays on the screen: the argument sentence by sentence, and what was not shown.

import type { ArgueDocument } from './documents.ts';
import { fitted, onPaper, type Paper, paint, wrapped } from './paper.ts';

type ClaimRow = ArgueDocument['claims'][number];

const COLOURS = {
  supported: 'green',
  contradicted: 'red',
  mixed: 'yellow',
  inconclusive: 'yellow',
  untested: 'dim',
} as const;

const QUOTE_WIDTH = 44;
const VERDICT_WIDTH = 13;

function claimLines(paper: Paper, claim: ClaimRow): string[] {
  const quote = fitted(paper, `"${claim.quote}"`, Math.min(QUOTE_WIDTH, Math.floor(paper.columns * 0.44)));
  const verdict = claim.verdict.toUpperCase().padEnd(VERDICT_WIDTH);
  const evidence = [...claim.for, ...claim.against].map((text) => onPaper(paper, text)).join(onPaper(paper, ' · '));
  const start = ` ${claim.id} ${quote} ${verdict} `;
  const lines = wrapped(paper, evidence, start.length, start);
  return [
    lines[0] === undefined ? '' : lines[0].replace(verdict, paint(paper, COLOURS[claim.verdict], verdict)),
    ...lines.slice(1),
  ];
}

export function verdictSection(paper: Paper, claims: readonly ClaimRow[]): string[] {
  const tested = claims.filter((claim) => claim.verdict !== 'untested');
  const waiting = claims.filter((claim) => claim.verdict === 'untested').map((claim) => claim.id);
  return [
    paint(paper, 'bold', 'THE ARGUMENT, SENTENCE BY SENTENCE'),
    ...tested.flatMap((claim) => claimLines(paper, claim)),
    ...wrapped(paper, `untested so far: ${waiting.join(', ')} (what each waits for is in the document)`, 1),
  ];
}

export function limitsSection(paper: Paper, machineValidated: boolean): string[] {
  const machine = machineValidated
    ? []
    : wrapped(
        paper,
        'The machine has not passed a conformance suite yet (machineValidated: false): every figure above rests on unit tests of our own.',
        1,
      );
  return [
    ...wrapped(paper, "Not shown: caches, several harts, IOMMUs, other people's hypervisors, faults in the layer.", 1),
    ...machine,
  ];
}

// The end, which stays on the screen: the argument sentence by sentence, and what was not shown.

import type { ArgueDocument } from './documents.ts';
import { onPaper, type Paper, paint, wrapped } from './paper.ts';

type ClaimRow = ArgueDocument['claims'][number];

const COLOURS = {
  supported: 'green',
  contradicted: 'red',
  mixed: 'yellow',
  inconclusive: 'yellow',
  untested: 'dim',
} as const;

const VERDICT_WIDTH = 13;
const INDENT = 5;
const SHOWN = 1;

/** What counts most of each: counter-evidence first, after a minus; then what speaks for it. All of it is in the report. */
function claimLines(paper: Paper, claim: ClaimRow): string[] {
  const verdict = claim.verdict.toUpperCase();
  const start = ` ${claim.id}  ${verdict.padEnd(VERDICT_WIDTH)} `;
  const [first = '', ...rest] = wrapped(paper, `"${claim.quote}"`, start.length, start);
  const evidence = (sign: string, text: string) =>
    wrapped(paper, onPaper(paper, text), INDENT + 2, `${' '.repeat(INDENT)}${sign} `);
  return [
    first.replace(verdict, paint(paper, COLOURS[claim.verdict], verdict)),
    ...rest,
    ...claim.against.slice(0, SHOWN).flatMap((text) => evidence('-', text)),
    ...claim.for.slice(0, SHOWN).flatMap((text) => evidence('+', text)),
  ];
}

/** Untested claims are named, not hidden; their reasons would only push verdicts off the screen. */
export function verdictSection(paper: Paper, claims: readonly ClaimRow[]): string[] {
  const tested = claims.filter((claim) => claim.verdict !== 'untested');
  const waiting = claims.filter((claim) => claim.verdict === 'untested').map((claim) => claim.id);
  return [
    paint(paper, 'bold', 'THE ARGUMENT, SENTENCE BY SENTENCE'),
    ...tested.flatMap((claim) => claimLines(paper, claim)),
    ...(waiting.length === 0
      ? []
      : wrapped(paper, `untested so far: ${waiting.join(', ')} (what each waits for is in the report)`, 1)),
  ];
}

/** Names of `Translation`s, for readers. */
const CACHES: Readonly<Record<string, string>> = {
  'adversarial.layer': 'as bad as the manual permits where fences are a layer’s affair, finite within guests',
};
export const cachesText = (label: string): string => CACHES[label] ?? label;

/** Of several harts, in experiments: the length of a round in which each has its turn. */
const ROUNDS = 'what harts do to each other within 20 us (in experiments they take turns of that length)';

export const limitsOf = ({ factors }: Pick<ArgueDocument, 'factors'>): readonly string[] => [
  'caches',
  ...(factors.cpus === 'dedicated' ? ['faults in layers', 'guests with several harts', ROUNDS] : ['several harts']),
  ...('iommu' in factors ? [] : ['IOMMUs']),
  "other people's hypervisors",
  'OKL4 without hardware help',
];

/** What the figures do not cover; `doubts` say why the machine itself may not be relied on yet. */
export function limitsSection(paper: Paper, document: Pick<ArgueDocument, 'factors' | 'doubts'>): string[] {
  const { doubts } = document;
  const machine =
    doubts.length === 0
      ? []
      : wrapped(
          paper,
          `The machine has not passed its whole campaign (machineValidated: false): ${doubts.join('; ')}.`,
          1,
        );
  return [...wrapped(paper, `Not shown: ${limitsOf(document).join(', ')}.`, 1), ...machine];
}

// One mode of `show`: the two consoles side by side, then the causal chain.

import type { GuestTrace, Trace } from '../faults/trace.ts';
import { causalChain, type Step } from './chain.ts';
import { fitted, grouped, onPaper, type Paper, paint, wrapped } from './paper.ts';

/** Lines of a console that are shown, the last ones. */
const CONSOLE_LINES = 10;
const CYCLE_WIDTH = 13;
const WHO_WIDTH = 15;

function lastLines(guest: GuestTrace | undefined): string[] {
  if (guest === undefined) return [];
  const hidden = guest.lines.length - CONSOLE_LINES;
  const shown = guest.lines.slice(-CONSOLE_LINES).map((line) => line.text);
  return hidden > 0 ? [`(${hidden} lines before)`, ...shown] : shown;
}

/** Faulty guest on the left; where the layer was hit, the first one. */
function consoles(paper: Paper, trace: Trace): string[] {
  const faulty = trace.guests.find((guest) => guest.name === trace.record.from);
  const left = faulty ?? trace.guests[0];
  const right = trace.guests.find((guest) => guest !== left);
  const width = Math.floor((paper.columns - 7) / 2);
  const bar = paper.unicode ? ' │ ' : ' | ';
  const texts = [lastLines(left), lastLines(right)] as const;
  const rows = Math.max(texts[0].length, texts[1].length);
  const line = (a: string, b: string) => `   ${fitted(paper, a, width)}${bar}${fitted(paper, b, width)}`.trimEnd();
  return [
    line(`console of ${left?.name ?? ''}${faulty === undefined ? '' : ' (faulty)'}`, `console of ${right?.name ?? ''}`),
    line('-'.repeat(width), '-'.repeat(width)),
    ...Array.from({ length: rows }, (_, row) => line(texts[0][row] ?? '', texts[1][row] ?? '')),
  ];
}

/** Cycles on the left, so that distances in time can be read down the column. */
function stepLines(paper: Paper, step: Step): string[] {
  const cycle = step.cycle === undefined ? '' : grouped(step.cycle);
  const start = `   ${cycle.padStart(CYCLE_WIDTH)}  ${step.who.padEnd(WHO_WIDTH)} `;
  const lines = wrapped(paper, onPaper(paper, step.text), start.length, start);
  return step.who === 'verdict' ? lines.map((line) => paint(paper, 'bold', line)) : lines;
}

export function showSection(paper: Paper, title: string, trace: Trace): string[] {
  const { record } = trace;
  const head = `${record.mode.toUpperCase()}   ${title}`;
  return [
    paint(paper, 'bold', onPaper(paper, head)),
    ...consoles(paper, trace),
    '',
    `   ${'cycle'.padStart(CYCLE_WIDTH)}  causal chain`,
    ...causalChain(trace).flatMap((step) => stepLines(paper, step)),
    // In one piece however long: it is there to be copied.
    `   replay ${record.id}`,
  ];
}

// From a fault to a smaller one with the same endpoint: fewer pieces, smaller numbers, earlier. Greedy: each success is the
// next one's start, and it ends where nothing smaller that it knows of does the same.

import { type Changes, formatChanges, type NumberName, piecesOf } from './changes.ts';
import type { Fault } from './fault.ts';
import type { ExperimentRecord } from './records.ts';

/** What must stay the same: what came of it for the neighbours and the layer; where they took no harm, for the guest. */
export function endpointOf({ outcome }: ExperimentRecord): string {
  const harmed = outcome.bystanders.some(({ endpoints }) => Object.values(endpoints).includes(true));
  const each = outcome.bystanders.map(({ guest, endpoints }) => {
    const names = Object.entries(endpoints).flatMap(([name, is]) => (is ? [name.toUpperCase()] : []));
    return `${guest} ${names.length === 0 ? 'unharmed' : names.join(', ')}`;
  });
  const layer = outcome.layer === 'ok' ? [] : [`layer ${outcome.layer}`];
  return [...each, ...layer, ...(harmed ? [] : [`faulty guest ${outcome.faulty}`])].join('; ');
}

/** Smaller numbers, the most daring first: the least, then halfway there, and so on down to one less. */
function smaller(value: number, least: number): number[] {
  const tries: number[] = [];
  for (let gap = value - least; gap >= 1; gap = Math.floor(gap / 2)) tries.push(value - gap);
  return tries;
}

/** Fewer of so many pieces: halves first, then all but one. */
function fewer(kept: readonly number[]): number[][] {
  if (kept.length < 2) return [];
  const middle = Math.ceil(kept.length / 2);
  const allButOne = kept.length === 2 ? [] : kept.map((left) => kept.filter((index) => index !== left));
  return [kept.slice(0, middle), kept.slice(middle), ...allButOne];
}

const LEAST: Readonly<Partial<Record<NumberName, number>>> = { count: 1, cycles: 1, period: 1, times: 1 };
/** A mutant is there from the start: its point says only where it begins to matter. */
const MOMENT: readonly NumberName[] = ['unit', 'count'];
const SIZE: readonly NumberName[] = ['times', 'cycles', 'period', 'bit'];

/** @param fault as it is with `changes`; @param pieces of the act as it was drawn */
function candidates(fault: Fault, changes: Changes, pieces: number): Changes[] {
  const kept = changes.only ?? Array.from({ length: pieces }, (_, index) => index);
  const numbers: Readonly<Record<string, unknown>> = { ...fault.what, unit: fault.when.unit, count: fault.when.count };
  const names = fault.what.kind === 'mutant' ? SIZE : [...SIZE, ...MOMENT];
  const value = fault.what.kind === 'directed' ? fault.what.mailbox.value : 0n;
  return [
    ...fewer(kept).map((only) => ({ ...changes, only })),
    ...(value === 0n ? [] : [{ ...changes, value: 0n }]),
    ...names.flatMap((name) => {
      const now = numbers[name];
      if (typeof now !== 'number') return [];
      return smaller(now, LEAST[name] ?? 0).map((number) => ({ ...changes, [name]: number }));
    }),
  ];
}

export interface Step {
  readonly changes: Changes;
  /** Experiments made until it was found. */
  readonly runs: number;
}

export interface Shrinking {
  readonly drawn: Fault;
  /** The fault with those changes. */
  readonly faultWith: (changes: Changes) => Fault;
  /** Does it still end the same way? */
  readonly holds: (changes: Changes) => boolean;
  readonly onStep: (step: Step) => void;
  /** Experiments at most. */
  readonly patience: number;
}

/** The last step is the smallest fault; none where there is nothing smaller. */
export function shrink({ drawn, faultWith, holds, onStep, patience }: Shrinking): Step | undefined {
  const pieces = piecesOf(drawn.what);
  const tried = new Set<string>();
  let [best, runs]: [Step | undefined, number] = [undefined, 0];
  for (;;) {
    const changes: Changes = best?.changes ?? {};
    const next = candidates(faultWith(changes), changes, pieces).find((candidate) => {
      const name = formatChanges(candidate);
      if (runs >= patience || tried.has(name)) return false;
      tried.add(name);
      runs++;
      return holds(candidate);
    });
    if (next === undefined) return best;
    best = { changes: next, runs };
    onStep(best);
  }
}

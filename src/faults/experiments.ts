// Which experiments a campaign consists of, as lists of ids. A list item holds one fault in every mode: its modes share
// the point of injection and stay together.

import { directedClasses, findClass } from './catalogue.ts';
import type { FaultClass } from './classes/fault-class.ts';
import { CONTROLS } from './controls.ts';
import { NATIVE } from './lab.ts';
import type { HasPlace } from './places.ts';
import { isActOfProcesses, PROCESS_POLL } from './processes.ts';
import type { ExperimentId } from './replay-id.ts';
import { SABOTEUR_POLL } from './saboteur.ts';

export interface Design {
  readonly guests: readonly string[];
  /** Modes in which a guest has neighbours. */
  readonly modes: readonly string[];
  readonly seed: number;
  readonly hasPlace: HasPlace;
}

function inEveryMode({ modes, seed }: Design, fault: string, from: string, n: number): ExperimentId[] {
  return modes.map((mode) => ({ class: fault, mode, from, seed, n }));
}

/** Is there something in that guest for this class to strike, and can the other one do it? */
export function canStrike(hasPlace: HasPlace, fault: string, to: string, from?: string): boolean {
  const known: Partial<FaultClass> = findClass(fault) ?? {};
  if (known.needs !== undefined && !hasPlace(to, known.needs)) return false;
  if (from === undefined) return true;
  if (known.by !== undefined && !hasPlace(from, known.by)) return false;
  if (known.kind !== 'directed' || hasPlace(from, SABOTEUR_POLL)) return true;
  return hasPlace(from, PROCESS_POLL) && isActOfProcesses(known);
}

/** One directed class from each guest at each of its neighbours that it can strike. */
export function directedExperiments(design: Design, fault: string): ExperimentId[][] {
  return design.guests.flatMap((from) =>
    design.guests
      .filter((guest) => guest !== from)
      .flatMap((to, bystander) =>
        canStrike(design.hasPlace, fault, to, from) ? [inEveryMode(design, fault, from, bystander)] : [],
      ),
  );
}

export function allDirected(design: Design, without: readonly string[] = []): ExperimentId[][] {
  return directedClasses.filter(({ id }) => !without.includes(id)).flatMap(({ id }) => directedExperiments(design, id));
}

/** `n` draws of a random class, or of a control, for each guest that has something for it to strike. */
export function randomExperiments(design: Design, fault: string, n: number): ExperimentId[][] {
  const struck = design.guests.filter((from) => canStrike(design.hasPlace, fault, from));
  return struck.flatMap((from) => Array.from({ length: n }, (_, index) => inEveryMode(design, fault, from, index)));
}

/** The first draws once more, with each guest on a machine of its own. */
export function separateExperiments(design: Design, fault: string, n: number): ExperimentId[][] {
  return randomExperiments({ ...design, modes: [NATIVE] }, fault, n);
}

export function controlExperiments(design: Design, n: number): ExperimentId[][] {
  return Object.values(CONTROLS).flatMap((control) => randomExperiments(design, control, n));
}

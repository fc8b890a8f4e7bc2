// Reached, and yet no bystander failed: did the run merely end too soon? A sample of those goes on for ten times as long.

import { runExperiment } from './experiment.ts';
import { guestOf } from './observation.ts';
import { faultOf, type Lab } from './plan.ts';
import { Random } from './random.ts';
import type { ExperimentRecord } from './records.ts';
import { type ExperimentId, formatId } from './replay-id.ts';
import { observe } from './run-to-end.ts';

/** One in so many. */
const SAMPLE = 20;
const BUDGET_FACTOR = 10;

export interface LaterRecord {
  /** Replay id of the experiment that went on. */
  readonly id: string;
  readonly class: string;
  readonly mode: string;
  readonly from: string;
  /** Cycles at which it ended. */
  readonly cycles: number;
  /** Bystanders that failed after all. */
  readonly failed: readonly string[];
}

export function isLatent({ outcome }: ExperimentRecord): boolean {
  const endpoints = outcome.bystanders.map((bystander) => bystander.endpoints);
  return endpoints.some(({ reached }) => reached) && !endpoints.some(({ failed }) => failed);
}

/** Drawn by the id alone, so that every part of a campaign draws the same. */
export function isSampled({ id }: ExperimentRecord): boolean {
  return Random.seeded(0).split(`latent ${id}`).below(SAMPLE) === 0;
}

/** The experiment, and on from where it ended: all guests have done their work or are stuck, and may still fall. */
export function conductLonger(lab: Lab, id: ExperimentId): LaterRecord {
  const rig = lab.rig(id.mode);
  const fault = faultOf(lab, id);
  const golden = lab.golden(id.mode, fault.inputSeed);
  const { observation } = runExperiment(rig, golden, fault);
  const stop = rig.machine.run(golden.endCycle * BUDGET_FACTOR);
  const stopped = observation.machineStopped || stop.kind === 'finished';
  const later = observe(rig, stopped);
  const failed = rig.guests.filter(
    ({ index }) => index !== fault.from && (stopped || guestOf(later, index).crash !== undefined),
  );
  const { class: name, mode, from } = id;
  return {
    id: formatId(lab.stamp, id),
    class: name,
    mode,
    from,
    cycles: later.cycles,
    failed: failed.map((guest) => guest.name),
  };
}

// One experiment, in one visible sequence: restore, run to the point, check it, inject, run, classify.

import type { LedgerEntry } from '../machine/index.ts';
import { type Witness, witness } from './activation.ts';
import { inject, prepare } from './acts.ts';
import { isKept } from './aftermath.ts';
import { classify, foreignEffects } from './classify.ts';
import { type Delays, delaysFrom, NO_DELAYS } from './delays.ts';
import { describeAct } from './describe.ts';
import type { Fault } from './fault.ts';
import { type Golden, guestOf, type Observation } from './observation.ts';
import type { Outcome } from './outcome.ts';
import { Random } from './random.ts';
import { type Refusal, watchRefusals } from './refusals.ts';
import { digestConstants, digestContext, instretOf, type Rig, type RigGuest, rigGuest } from './rig.ts';
import { runToEnd, runToKnownEnd } from './run-to-end.ts';
import { type Storm, watchStorms } from './storms.ts';

export interface ExperimentResult {
  readonly injected: boolean;
  /** See `digestContext`; empty when the point was not reached. */
  readonly context: string;
  /** That context is the native run's at this point. */
  readonly exact: boolean;
  readonly activated: boolean;
  readonly delays: Delays;
  readonly outcome: Outcome;
  /** Foreign effects of the faulty guest, first ones first. */
  readonly effects: readonly LedgerEntry[];
  /** What it was refused of others' after the injection, first ones first. */
  readonly refusals: readonly Refusal[];
  readonly storms: readonly Storm[];
  /** See `isKept`. */
  readonly kept: boolean | undefined;
  readonly observation: Observation;
  /** The machine's clock and instructions at the injection; undefined when the point was not reached. */
  readonly injection: { readonly cycle: number; readonly instret: number } | undefined;
}

/** True when the point was reached; then the machine stands before the instruction of the point. */
function runToPoint(rig: Rig, golden: Golden, fault: Fault): boolean {
  const { machine } = rig;
  const { privilege, pc, count } = fault.when;
  machine.watch({ world: fault.from, privilege, pc, count });
  const stop = machine.run(golden.endCycle);
  machine.watch(undefined);
  return stop.kind === 'watch';
}

/** The unit from whose start the run goes, and whether it begins with the instruction before which the fault happens. */
function startOf(guest: RigGuest, { when: { unit, pc, count }, what }: Fault): { unit: number; isPoint: boolean } {
  // Where acts strike, a unit begins: a moment itself, but for the first one, which begins after the reset vector.
  const isAct = what.kind === 'directed' || what.kind === 'own';
  const isPoint = isAct && pc === guest.pollPc && unit + count > 1;
  return { unit: isPoint ? unit + count - 1 : unit, isPoint };
}

/** To the instruction before which the fault happens, on the golden run's way; false where it is never reached. */
export function approach(rig: Rig, golden: Golden, fault: Fault): boolean {
  const guest = rigGuest(rig, fault.from);
  const { unit, isPoint } = startOf(guest, fault);
  if (!golden.moments.restore(rig, guest, unit)) return false;
  if (isPoint) return true;
  prepare(rig, fault);
  return runToPoint(rig, golden, fault);
}

/** Of so many experiments, one makes sure first that going back restores what was. */
const VERIFIED = 16;

/** Drawn by the fault alone, so that it does not matter who makes the experiment, and after which. */
function isVerified(rig: Rig, { from, when, what, inputSeed }: Fault): boolean {
  const { unit, pc, count } = when;
  const name = ['restore', rig.mode, from, unit, pc, count, inputSeed, describeAct(rig, what)].join(' ');
  return Random.seeded(0).split(name).below(VERIFIED) === 0;
}

/** What contradicts "we are where the golden run was"; empty where nothing does. */
function checkPoint(rig: Rig, golden: Golden, fault: Fault, guest: RigGuest): string {
  const { machine } = rig;
  const { pc, privilege } = fault.when;
  if (machine.pc !== pc || machine.privilege !== privilege) {
    return `stopped at ${machine.privilege}:0x${machine.pc.toString(16)}, not at ${privilege}:0x${pc.toString(16)}`;
  }
  // A mutant's text is another one on purpose.
  if (fault.what.kind === 'mutant') return '';
  if (digestConstants(rig, guest) !== guestOf(golden.observation, guest.index).constants) {
    return `text, rodata or canary of ${guest.name} changed before any fault`;
  }
  return '';
}

/** What comes out wrong although nobody was seen to use what was hit proves that it was used later. */
function provesActivation(outcome: Outcome, effects: readonly LedgerEntry[]): boolean {
  return ['crashed', 'hung', 'wrong words'].includes(outcome.faulty) || effects.length > 0;
}

/** How far to run: to the end of the run, or until what is left of it is known. The result is the same; only after the
 * first does the machine stand where the run ended. */
export type Extent = 'end' | 'known end';

/** Of a fault that did not happen. */
const NOBODY: Witness = { usedAt: () => undefined };

export function runExperiment(rig: Rig, golden: Golden, fault: Fault, extent: Extent = 'end'): ExperimentResult {
  const guest = rigGuest(rig, fault.from);
  const lost = isVerified(rig, fault) ? golden.moments.verify(rig, guest, startOf(guest, fault).unit) : '';
  const injected = approach(rig, golden, fault);
  const problem = lost === '' && injected ? checkPoint(rig, golden, fault, guest) : lost;
  const context = injected ? digestContext(rig, guest) : '';
  const injection = injected ? { cycle: rig.machine.cycles, instret: rig.machine.instret } : undefined;
  const instretAtInjection = new Map(rig.guests.map(({ index }) => [index, instretOf(rig, index)]));

  const lasting = injected ? inject(rig, fault) : undefined;
  const seen = injected ? witness(rig, fault) : NOBODY;
  const upkeep = { ...lasting, ...seen.upkeep };
  const refused = watchRefusals(rig, fault);
  const stormed = watchStorms(rig);
  // A fault that lasts may strike again where the run looks like the golden one.
  const isKnown = extent === 'known end' && lasting === undefined;
  const observation = isKnown ? runToKnownEnd(rig, golden, upkeep) : runToEnd(rig, golden, upkeep);
  const usedAt = seen.usedAt();
  const refusals = refused();
  const storms = stormed();

  const stateless = [rig.board.finisher];
  const about = {
    guests: rig.guests,
    faulty: fault.from,
    stateless,
    injected,
    activated: usedAt !== undefined,
    instretAtInjection,
  };
  const outcome = classify(about, observation, golden);
  const effects = foreignEffects(observation, golden, fault.from);
  return {
    injected,
    context,
    exact: injected && context === fault.when.context,
    activated: usedAt !== undefined || (injected && provesActivation(outcome, effects)),
    delays: injection === undefined ? NO_DELAYS : delaysFrom(injection, usedAt, effects, observation),
    outcome: problem === '' ? outcome : { ...outcome, harnessError: problem },
    effects,
    refusals,
    storms,
    kept: isKept(rig, fault, effects),
    observation,
    injection,
  };
}

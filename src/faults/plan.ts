// From an experiment's id to the fault it means, and to the record of what came of it.

import { describeAftermath, describeResponse } from './aftermath.ts';
import { ActProblem, OWN_ACT, ownAct } from './assembly.ts';
import { findClass } from './catalogue.ts';
import { changedFault, formatChanges } from './changes.ts';
import type { Aim } from './classes/fault-class.ts';
import { failureOf } from './classify.ts';
import { CONTROLS } from './controls.ts';
import { NO_DELAYS } from './delays.ts';
import { describeAct } from './describe.ts';
import { effectRecord, refusalRecord } from './effects.ts';
import { type ExperimentResult, runExperiment } from './experiment.ts';
import type { Act, Fault, Point } from './fault.ts';
import { NATIVE } from './lab.ts';
import { describeStorms, mechanismOf } from './mechanism.ts';
import { type Golden, guestOf } from './observation.ts';
import { type BystanderOutcome, type FaultyOutcome, NO_ENDPOINT } from './outcome.ts';
import { Random } from './random.ts';
import { EFFECTS_KEPT, type ExperimentRecord, RECORD_VERSION } from './records.ts';
import { type ExperimentId, formatId } from './replay-id.ts';
import { type Rig, type RigGuest, restore } from './rig.ts';
import { runToKnownEnd } from './run-to-end.ts';
import type { Space } from './space.ts';
import type { Prunable, Uses } from './uses.ts';

/** What a lab knows of the scenario besides how to boot it. */
export interface LabScenario {
  /** The act of its own, as assembly. */
  readonly act: string | undefined;
  /** Names. */
  readonly guests: readonly string[];
}

/** Booted rigs and their golden runs, made when first asked for. */
export interface Lab extends LabScenario {
  /** 8 hexadecimal digits of images and scenario. */
  readonly stamp: string;
  rig(mode: string): Rig;
  golden(mode: string, inputSeed: number): Golden;
  /** The guest alone, in the mode that faults are drawn in. */
  native(guest: string): Rig;
  nativeGolden(guest: string, inputSeed: number): Golden;
  /** See `locatePoint`; the modes of one fault share its point, so it is worth keeping. */
  point(guest: string, inputSeed: number, instret: number): Point;
  /** The result of an experiment with a guest alone, by its name; kept like points, for the same reason. */
  trial(name: string, conduct: () => ExperimentResult): ExperimentResult;
  /** See `traceUses`: of the guest alone. */
  uses(guest: string, inputSeed: number, what: Prunable): Uses;
}

/** Input seeds that experiments are spread over: one deterministic run is one trajectory. */
export const TRAJECTORIES = 5;
/** Registers x1 to x31, of 64 bits, for controls. */
const REGISTERS = 31;
const BITS = 64;
/** The longest delay of the delay control: short of what a bystander's response time could notice. */
const DELAY_MAX_CYCLES = 10_000;
/** Directed acts strike when an eighth of the work is done: everything runs, and most is still to come. */
const ACT_SHARE = 8;

/** The trajectory of the n-th draw: the same in every mode and for every class. Directed acts all run on the first. */
function trajectoryOf({ class: fault, n }: Pick<ExperimentId, 'class' | 'n'>): number {
  return fault === OWN_ACT || findClass(fault)?.kind === 'directed' ? 0 : n % TRAJECTORIES;
}

export function inputSeedOf(seed: number, trajectory: number): number {
  return Random.seeded(seed).split(`input ${trajectory}`).word();
}

function guestNamed(rig: Rig, name: string): RigGuest {
  const guest = rig.guests.find((candidate) => candidate.name === name);
  if (guest === undefined) throw new RangeError(`mode ${rig.mode} has no guest ${name}`);
  return guest;
}

function bystandersOf(rig: Rig, guest: RigGuest): readonly RigGuest[] {
  return rig.guests.filter((candidate) => candidate.index !== guest.index);
}

/** The guest's own bug, given as assembly. */
function ownFault(rig: Rig, id: ExperimentId, text: string | undefined): Fault {
  if (text === undefined) throw new ActProblem('is not there: neither the id nor the scenario has one');
  const from = guestNamed(rig, id.from);
  const to = bystandersOf(rig, from)[id.n];
  if (to === undefined) throw new RangeError(`there is no bystander ${id.n}`);
  const point = { when: directedPoint(from), inputSeed: inputSeedOf(id.seed, 0) };
  return ownAct(point, from, to, text);
}

function directedPoint(from: RigGuest): Fault['when'] {
  const count = Math.floor(from.work / ACT_SHARE) + 1;
  return { unit: 0, privilege: 'S', pc: from.pollPc, count, context: undefined };
}

function directedFault(rig: Rig, id: ExperimentId): Fault {
  const from = guestNamed(rig, id.from);
  const to = bystandersOf(rig, from)[id.n];
  const arm = findClass(id.class)?.arm;
  if (to === undefined || arm === undefined) throw new RangeError(`${id.class} cannot be aimed at bystander ${id.n}`);
  const { layerTrapHandler, firmware, board } = rig;
  const aim: Aim = { from, to, layerTrapHandler, firmware, board };
  return {
    from: from.index,
    when: directedPoint(from),
    what: { kind: 'directed', mailbox: arm(aim) },
    inputSeed: inputSeedOf(id.seed, 0),
  };
}

/** What is drawn after the point; the same draws in every mode, because the stream's name does not hold it. */
function drawAct(name: string, space: Space, random: Random): Act {
  const draw = findClass(name)?.draw;
  if (draw !== undefined) return draw(space, random);
  const register = 1 + random.below(REGISTERS);
  switch (name) {
    case CONTROLS.NO_FAULT:
      return { kind: 'nothing' };
    case CONTROLS.SHAM:
      return { kind: 'rewrite', register };
    case CONTROLS.DELAY:
      return { kind: 'delay', cycles: 1 + random.below(DELAY_MAX_CYCLES) };
    case CONTROLS.OWN_FAULT:
      return { kind: 'flip-operand', choice: register, bit: random.below(BITS) };
    default:
      throw new RangeError(`${name} is no class of random faults`);
  }
}

function randomFault(lab: Lab, id: ExperimentId): Fault {
  const random = Random.seeded(id.seed).split(`${id.class} ${id.from} ${id.n}`);
  const inputSeed = inputSeedOf(id.seed, trajectoryOf(id));
  const guest = guestNamed(lab.native(id.from), id.from);
  const own = guestOf(lab.nativeGolden(id.from, inputSeed).observation, guest.index).instret;
  const { uses } = findClass(id.class) ?? {};
  if (uses !== undefined) {
    const { space, act } = lab.uses(id.from, inputSeed, uses);
    const pilot = space.draw(random);
    return {
      from: guest.index,
      when: lab.point(id.from, inputSeed, guest.booted + pilot.at),
      what: act(pilot),
      inputSeed,
    };
  }
  const instret = guest.booted + random.below(own - guest.booted);
  const what = drawAct(id.class, guest.space, random);
  if (what.kind !== 'mutant')
    return { from: guest.index, when: lab.point(id.from, inputSeed, instret), what, inputSeed };
  const place = { unit: 0, privilege: 'S', pc: BigInt(guest.memory.base + what.at), count: 1 } as const;
  const { context } = selfTest(lab, id, { from: guest.index, when: { ...place, context: '' }, what, inputSeed });
  return { from: guest.index, when: { ...place, context }, what, inputSeed };
}

/** The mutant alone on the machine: no neighbour, no layer but the firmware. */
function selfTest(lab: Lab, id: ExperimentId, fault: Fault): ExperimentResult {
  const { class: name, from, seed, n, changes } = id;
  return lab.trial(`${name} ${from} ${seed} ${n} ${formatChanges(changes)}`, () =>
    runExperiment(lab.native(from), lab.nativeGolden(from, fault.inputSeed), fault, 'known end'),
  );
}

/** What a test of the guest's own words does not let through. */
const CAUGHT: ReadonlySet<FaultyOutcome> = new Set(['crashed', 'hung', 'wrong words']);

function passesSelfTest(lab: Lab, id: ExperimentId, fault: Fault): boolean | null {
  return fault.what.kind === 'mutant' ? !CAUGHT.has(selfTest(lab, id, fault).outcome.faulty) : null;
}

/** Where an experiment takes place: in the native mode the guest is alone. */
export function rigFor(lab: Lab, { mode, from }: ExperimentId): Rig {
  return mode === NATIVE ? lab.native(from) : lab.rig(mode);
}

export function goldenFor(lab: Lab, { mode, from }: ExperimentId, inputSeed: number): Golden {
  return mode === NATIVE ? lab.nativeGolden(from, inputSeed) : lab.golden(mode, inputSeed);
}

function drawnFault(lab: Lab, id: ExperimentId): Fault {
  if (id.class === OWN_ACT) return ownFault(lab.rig(id.mode), id, id.asm ?? lab.act);
  return findClass(id.class)?.kind === 'directed' ? directedFault(lab.rig(id.mode), id) : randomFault(lab, id);
}

export function faultOf(lab: Lab, { changes, ...id }: ExperimentId): Fault {
  return changedFault(drawnFault(lab, id), changes);
}

/** The record of an experiment that was run. */
export function recordOf(lab: Lab, id: ExperimentId, fault: Fault, result: ExperimentResult): ExperimentRecord {
  const bystanders = result.outcome.bystanders.map(({ endpoints }) => endpoints);
  const rig = rigFor(lab, id);
  const effects = result.effects.slice(0, EFFECTS_KEPT).map((entry) => effectRecord(rig, entry));
  const isHarmless = bystanders.some(({ corrupted }) => corrupted) && !bystanders.some(({ failed }) => failed);
  const others = rig.guests.filter(({ index }) => index !== fault.from);
  return {
    version: RECORD_VERSION,
    id: formatId(lab.stamp, id),
    class: id.class,
    mode: id.mode,
    from: id.from,
    n: id.n,
    trajectory: trajectoryOf(id),
    what: describeAct(rig, fault.what),
    passesSelfTest: passesSelfTest(lab, id, fault),
    injected: result.injected,
    context: result.context,
    exact: result.exact,
    activated: result.activated,
    delays: result.delays,
    outcome: result.outcome,
    mechanism: mechanismOf({
      injected: result.injected,
      effects,
      crash: guestOf(result.observation, fault.from).crash,
      hung: result.outcome.faulty === 'hung',
      refusals: result.refusals,
      storms: describeStorms(rig, result.storms),
      machineStopped: result.observation.machineStopped,
      harmless: isHarmless
        ? describeAftermath(effects, result.kept, describeResponse(others, result.observation))
        : undefined,
    }),
    effects,
    refusals: result.refusals.slice(0, EFFECTS_KEPT).map((refusal) => refusalRecord(rig, fault.from, refusal)),
    capped: result.observation.capped,
    stateHash: result.observation.stateHash,
  };
}

/** The record of an experiment that could not be run: it says nothing, and counts as a harness error. */
export function lostRecord(stamp: string, id: ExperimentId, reason: string): ExperimentRecord {
  return {
    version: RECORD_VERSION,
    id: formatId(stamp, id),
    class: id.class,
    mode: id.mode,
    from: id.from,
    n: id.n,
    trajectory: trajectoryOf(id),
    what: '',
    passesSelfTest: null,
    injected: false,
    context: '',
    exact: false,
    activated: false,
    delays: NO_DELAYS,
    outcome: { faulty: 'not reached', bystanders: [], crashes: [], layer: 'ok', harnessError: reason },
    mechanism: '',
    effects: [],
    refusals: [],
    capped: false,
    stateHash: '',
  };
}

/** A neighbour that is a machine of its own: it runs after the fault, in the same process. */
function besideOf(lab: Lab, name: string, inputSeed: number): BystanderOutcome {
  const rig = lab.native(name);
  const golden = lab.nativeGolden(name, inputSeed);
  const { index, work, boundTicks } = guestNamed(rig, name);
  restore(rig, inputSeed);
  const seen = runToKnownEnd(rig, golden);
  const own = guestOf(seen, index);
  const failure = failureOf(own, guestOf(golden.observation, index), work);
  const failed = failure !== 'none';
  const endpoints = { ...NO_ENDPOINT, failed, late: !failed && own.responseMax > boundTicks };
  return { guest: name, endpoints, failure, words: Math.min(own.words, work), work, instretAfter: own.instret };
}

/** As many machines as guests: the control in which nothing is shared but the harness. */
function conductSeparate(lab: Lab, id: ExperimentId, fault: Fault): ExperimentResult {
  const { from } = id;
  const result =
    fault.what.kind === 'mutant'
      ? selfTest(lab, id, fault)
      : runExperiment(lab.native(from), lab.nativeGolden(from, fault.inputSeed), fault, 'known end');
  const others = lab.guests.filter((name) => name !== from);
  const bystanders = others.map((name) => besideOf(lab, name, fault.inputSeed));
  return { ...result, outcome: { ...result.outcome, bystanders } };
}

export function conduct(lab: Lab, id: ExperimentId): ExperimentRecord {
  const fault = faultOf(lab, id);
  if (id.mode === NATIVE) return recordOf(lab, id, fault, conductSeparate(lab, id, fault));
  const result = runExperiment(lab.rig(id.mode), lab.golden(id.mode, fault.inputSeed), fault, 'known end');
  return recordOf(lab, id, fault, result);
}

// Runs a rig until its guests are done, and says what was seen.

import { Marks } from './marks.ts';
import { Moments } from './moments.ts';
import { type Golden, guestOf, type Observation } from './observation.ts';
import { digestConstants, instretOf, monitorOf, type Rig, restore } from './rig.ts';
import { UnfitScenario } from './unfit.ts';

/** Cycles between two looks at the monitors: half a millisecond. Runs end at a multiple of it, whoever looks. */
const SLICE = 500_000;

/** A guest may take this many times the golden run. Above what a healthy neighbour that uses its whole budget costs
 * (a fifth of the time in the reference scenario), below what would make a hang expensive to watch. */
const HORIZON_FACTOR = 1.5;

/** Slices in which no guest got the hart at all, after which the layer counts as dead: longer than any period of the
 * scheduler, which must let somebody run or find everybody waiting for a timer. */
const DEAD_SLICES = 40;

function guestCycles(rig: Rig): number {
  return rig.machine.accounting().guests.reduce((sum, guest) => sum + guest.cycles, 0);
}

function isDone(rig: Rig, index: number): boolean {
  const monitor = monitorOf(rig, index);
  return monitor.ended || monitor.crashes.count > 0;
}

/** What is to be done while a run goes on: for a fault that lasts, and to see whether one was used. */
export interface Upkeep {
  /** Cycle at which `keep` is due next. */
  nextCycle?(): number;
  /** Done then, and whenever the debugger stops the machine. */
  keep?(): void;
  /** The watched instruction is about to run for the first time. */
  watched?(): void;
}

function runKept({ machine }: Rig, until: number, upkeep: Upkeep): ReturnType<Rig['machine']['run']> {
  for (;;) {
    const due = upkeep.nextCycle?.() ?? Number.POSITIVE_INFINITY;
    const stop = machine.run(Math.min(until, due));
    if (stop.kind === 'watch') {
      upkeep.watched?.();
      machine.watch(undefined);
    } else if (stop.kind === 'debug' || (stop.kind === 'limit' && machine.cycles >= due)) {
      upkeep.keep?.();
    } else {
      return stop;
    }
  }
}

/** How a run ends: `stopped` when software stopped the machine, or the layer lets no guest run any more though not all are
 * done; a guest that traps for ever retires nothing and still has the hart, that is its own affair. `known` when
 * `atSlice` said so. */
type Ending = 'over' | 'stopped' | 'known';

/** Told of the number of each slice that ends. */
type AtSlice = (rig: Rig, slice: number) => boolean;

function runUntil(rig: Rig, limit: number, upkeep: Upkeep, atSlice: AtSlice): Ending {
  const { machine } = rig;
  let used = guestCycles(rig);
  for (let silent = 0; silent < DEAD_SLICES; silent++) {
    const next = Math.min(limit, (Math.floor(machine.cycles / SLICE) + 1) * SLICE);
    const stop = runKept(rig, next, upkeep);
    if (stop.kind === 'finished') return 'stopped';
    const now = guestCycles(rig);
    if (now !== used) silent = -1;
    used = now;
    if (stop.kind === 'idle' || machine.cycles >= limit) return 'over';
    if (rig.guests.every((guest) => isDone(rig, guest.index))) return 'over';
    if (atSlice(rig, Math.floor(machine.cycles / SLICE))) return 'known';
  }
  return 'stopped';
}

export function observe(rig: Rig, machineStopped: boolean): Observation {
  return {
    guests: rig.guests.map((guest) => {
      const monitor = monitorOf(rig, guest.index);
      return {
        index: guest.index,
        words: monitor.outputs.count,
        digest: monitor.digest(),
        ended: monitor.ended,
        crash: monitor.crash,
        crashedCycle: monitor.crash === undefined ? undefined : monitor.crashedCycle,
        backtrace: monitor.crashes.count > 0 ? guest.backtrace() : [],
        responseMax: monitor.deadlineMax,
        outputs: monitor.outputs.words(),
        reports: monitor.reports.words(),
        instret: instretOf(rig, guest.index),
        constants: digestConstants(rig, guest),
      };
    }),
    ledger: rig.machine.ledger.entries,
    machineStopped,
    capped: rig.machine.translationCapped,
    cycles: rig.machine.cycles,
    stateHash: rig.machine.hash(),
  };
}

const horizonOf = ({ start }: Rig, { endCycle }: Golden): number =>
  start + Math.ceil((endCycle - start) * HORIZON_FACTOR) + SLICE;

/** To the very end. */
export function runToEnd(rig: Rig, golden: Golden, upkeep: Upkeep = {}): Observation {
  const ending = runUntil(rig, horizonOf(rig, golden), upkeep, () => false);
  return observe(rig, ending === 'stopped');
}

/** The same observation, and the machine anywhere: the rest of a run that is the golden run again is not watched. */
export function runToKnownEnd(rig: Rig, golden: Golden, upkeep: Upkeep = {}): Observation {
  const ending = runUntil(rig, horizonOf(rig, golden), upkeep, (at, slice) => golden.marks.isAt(at, slice));
  return ending === 'known' ? golden.observation : observe(rig, ending === 'stopped');
}

/** Throws when a guest does not deliver its work in a run without any fault. */
function checkWork(rig: Rig, observation: Observation): void {
  for (const guest of rig.guests) {
    const { ended, words, crash } = guestOf(observation, guest.index);
    if (ended && words >= guest.work && crash === undefined) continue;
    const end = crash !== undefined ? 'panics' : ended ? 'ends' : `is not done within ${rig.patience} cycles`;
    const what = `asks for ${guest.work} words, and ${guest.name} ${end} in mode ${rig.mode} after ${words}, with no fault`;
    throw new UnfitScenario(
      guest.name,
      what,
      'give it as much work as its args do, or more budget, memory or priority',
    );
  }
}

/** The fault-free run. One in which work is missing is the scenario's mistake, not a fault's doing. */
export function runFaultFree(rig: Rig, inputSeed: number, atSlice: (slice: number) => void = () => {}): Observation {
  restore(rig, inputSeed);
  const ending = runUntil(rig, rig.patience, {}, (_, slice) => {
    atSlice(slice);
    return false;
  });
  const observation = observe(rig, ending === 'stopped');
  checkWork(rig, observation);
  return observation;
}

/** The fault-free run, with all that experiments need of it. */
export function runGolden(rig: Rig, inputSeed: number): Golden {
  restore(rig, inputSeed);
  const startHash = rig.machine.hash();
  const marks = new Marks(rig, inputSeed);
  const observation = runFaultFree(rig, inputSeed, (slice) => marks.make(slice));
  const endCycle = observation.cycles;
  return { observation, endCycle, marks, moments: new Moments(rig, inputSeed, endCycle, startHash) };
}

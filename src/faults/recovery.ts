// What restarts save: a fault that lost a guest is put into the same run again under other policies, and the run goes on
// long enough for a second life. Policies are read from the configuration block at boot, so up to the fault nothing differs.

import { constants, layouts } from '../../images/index.ts';
import type { PartyName } from '../machine/index.ts';
import { inject } from './acts.ts';
import { approach } from './experiment.ts';
import type { Fault } from './fault.ts';
import { approachLayer, injectLayer, type LayerFault } from './layer-fault.ts';
import { type Golden, guestOf } from './observation.ts';
import { monitorOf, type Rig, restore } from './rig.ts';

/** `never`: no restart at all, whatever is asked. `layer restart`: that, and where a guest is lost in the end the machine is
 * reset as a watchdog would: harts and devices as switched on, images loaded again, the rest of RAM as it was. */
export const RECOVERIES = ['never', 'on-reset', 'on-reset-or-crash', 'layer restart'] as const;
export type Recovery = (typeof RECOVERIES)[number];

const { restart_policy: policyField, restart_limit: limitField } = layouts.config.fields;
const POLICIES: Readonly<Record<Recovery, number>> = {
  never: constants.RESTART_ON_RESET,
  'on-reset': constants.RESTART_ON_RESET,
  'on-reset-or-crash': constants.RESTART_ON_CRASH,
  'layer restart': constants.RESTART_ON_RESET,
};
/** More than one fault makes necessary. */
const RESTARTS = 3;

/** Of the golden run, from the fault on: a restart out of the guest's own budget, and a whole life. */
const HORIZON_FACTOR = 2;
const SLICE = 2_000_000;
const PAGE = 4096;

/** The same machine, its configuration block with that policy. Copies to restart from must lie there, and experiments begin
 * where the block has not been read yet. */
export function rigUnder(rig: Rig, recovery: Recovery): Rig {
  if (rig.start > 0) throw new RangeError(`in mode ${rig.mode} experiments begin when the layer has started`);
  const { machine } = rig;
  const set = ({ offset }: { readonly offset: number }, value: number): void =>
    machine.write(constants.CONFIG_BASE + offset, Uint8Array.of(value, 0, 0, 0));
  machine.restore(rig.reset);
  set(policyField, POLICIES[recovery]);
  set(limitField, recovery === 'never' || recovery === 'layer restart' ? 0 : RESTARTS);
  return { ...rig, reset: machine.snapshot() };
}

/** All that it says in a whole life, right and at the end; what an earlier life said stands before it. Of a guest that has
 * said more than is kept nothing is known, and it counts as lost. */
function delivered(rig: Rig, golden: Golden, index: number): boolean {
  const { ended, outputs } = monitorOf(rig, index);
  const expected = guestOf(golden.observation, index).outputs;
  const last = outputs.words().slice(-expected.length);
  return ended && outputs.count === outputs.kept && expected.every((word, at) => word === last[at]);
}

/** What became of one fault under one policy. */
export interface RecoveryRecord {
  /** Replay id of the fault, under the policy of the scenario. */
  readonly id: string;
  /** The guest or the component that was hit. */
  readonly from: string;
  readonly inLayer: boolean;
  readonly mode: string;
  readonly recovery: Recovery;
  readonly saved: boolean;
}

/** True once every guest has delivered. */
function runOn(rig: Rig, golden: Golden): boolean {
  const { machine } = rig;
  const limit = machine.cycles + HORIZON_FACTOR * golden.endCycle;
  const done = () => rig.guests.every(({ index }) => delivered(rig, golden, index));
  while (machine.cycles < limit) {
    const stop = machine.run(Math.min(limit, machine.cycles + SLICE));
    if (stop.kind === 'finished' || stop.kind === 'idle') break;
    if (done()) return true;
  }
  return done();
}

/** Junk in RAM outlives a reset; what is loaded does not. */
function resetAsWatchdog(rig: Rig, inputSeed: number): void {
  const { machine, loads } = rig;
  const left = rig.ram.map(({ base, size }) => ({ base, bytes: machine.read(base, size) }));
  restore(rig, inputSeed);
  for (const { base, bytes } of left) {
    const now = machine.read(base, bytes.length);
    const [was, is] = [bytes, now].map(
      ({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length / 4),
    );
    for (let at = 0; at < bytes.length; at += PAGE) {
      const page = was?.subarray(at / 4, (at + PAGE) / 4);
      if (page?.some((word, offset) => word !== is?.[at / 4 + offset]))
        machine.write(base + at, bytes.subarray(at, at + PAGE));
    }
  }
  for (const { base, bytes } of loads) machine.write(base, bytes);
}

/** From a fault that has just happened: are all guests served after all? */
function isSaved(rig: Rig, golden: Golden, inputSeed: number, recovery: Recovery): boolean {
  if (runOn(rig, golden)) return true;
  if (recovery !== 'layer restart') return false;
  resetAsWatchdog(rig, inputSeed);
  return runOn(rig, golden);
}

/** The fault happens in that mode, else it would have lost nobody. */
function mustHappen(reached: boolean): void {
  if (!reached) throw new RangeError('a fault that lost a guest is not reached under another policy');
}

/** @param rig under that recovery; @param golden of the rig without it */
export function recoverGuest(rig: Rig, golden: Golden, fault: Fault, recovery: Recovery): boolean {
  mustHappen(approach(rig, golden, fault));
  if (inject(rig, fault) !== undefined) throw new RangeError('a fault that lasts cannot be recovered from');
  return isSaved(rig, golden, fault.inputSeed, recovery);
}

/** Cycles, within which a layer has the hart again, and those from one look to the next: shorter than any of its stays. */
const SOON = 20_000_000;
const LOOK = 50;

/** Under another policy a layer may be some cycles ahead or behind: then the fault happens when it next has the hart. */
function approachSoon(rig: Rig, fault: LayerFault, party: PartyName): boolean {
  if (approachLayer(rig, fault, party)) return true;
  const { machine } = rig;
  const last = machine.cycles + SOON;
  while (machine.cycles < last && machine.run(machine.cycles + LOOK).kind === 'limit')
    if (machine.ports[0]?.party === party) return true;
  return false;
}

export function recoverLayer(
  rig: Rig,
  golden: Golden,
  fault: LayerFault,
  party: PartyName,
  recovery: Recovery,
): boolean {
  mustHappen(approachSoon(rig, fault, party));
  injectLayer(rig, fault);
  return isSaved(rig, golden, fault.inputSeed, recovery);
}

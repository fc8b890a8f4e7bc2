// Moments along a golden run, kept as snapshots: the starts of some of a guest's units of work. Points are counted from
// them, so that an experiment need not begin at the reset vector. Units are the guest's own, hence the same in every mode.

import type { Snapshot } from '../machine/index.ts';
import { instretOf, type Rig, type RigGuest, restore, snapshotOf } from './rig.ts';

/** Moments along the work of a guest. */
const PER_GUEST = 8;

/** Units from one moment to the next; a guest that polls for no unit has none. */
function stepOf({ work, pollPc }: RigGuest): number {
  return pollPc === 0n ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(work / PER_GUEST));
}

interface Moment {
  /** Of the guest's own. */
  readonly instret: number;
  /** Undefined where the machine has no room for it. */
  readonly snapshot: Snapshot | undefined;
  /** Of the state that the snapshot holds. */
  readonly hash: string;
}

/** Of one rig and one trajectory, made when first asked for. */
export class Moments {
  readonly #rig: Rig;
  readonly #inputSeed: number;
  /** The run ends there. */
  readonly #endCycle: number;
  readonly #startHash: string;
  readonly #kept = new Map<string, Moment>();
  /** The first unit that a guest never begins, by its index. */
  readonly #missing = new Map<number, number>();

  /** @param startHash of the machine's state where the run begins */
  constructor(rig: Rig, inputSeed: number, endCycle: number, startHash: string) {
    this.#rig = rig;
    this.#inputSeed = inputSeed;
    this.#endCycle = endCycle;
    this.#startHash = startHash;
  }

  /** Goes back to the start of the unit, and says what is wrong where the machine is not in the state that was left there. */
  verify(rig: Rig, guest: RigGuest, unit: number): string {
    const moment = this.#kept.get(`${guest.index} ${unit}`);
    if (rig !== this.#rig || (unit > 0 && moment?.snapshot === undefined)) return '';
    this.restore(rig, guest, unit);
    const was = unit === 0 ? this.#startHash : moment?.hash;
    const is = rig.machine.hash();
    return is === was ? '' : `gone back to unit ${unit} of ${guest.name}, the machine is in state ${is}, not in ${was}`;
  }

  /** Puts that rig at the start of the unit; false where the run has no such unit. A snapshot belongs to the machine that
   * took it: another one, of the same mode, goes there on its own feet. */
  restore(rig: Rig, guest: RigGuest, unit: number): boolean {
    if (unit === 0) {
      restore(rig, this.#inputSeed);
      return true;
    }
    const snapshot = rig === this.#rig ? this.#kept.get(`${guest.index} ${unit}`)?.snapshot : undefined;
    if (snapshot === undefined) return this.#walk(rig, guest, unit);
    rig.machine.restore(snapshot);
    return true;
  }

  /** The last moment before the guest has retired so many instructions. */
  unitBefore(guest: RigGuest, instret: number): number {
    const step = stepOf(guest);
    for (let unit = step; unit < guest.work; unit += step) {
      if (unit === this.#missing.get(guest.index)) return unit - step;
      const known = this.#kept.has(`${guest.index} ${unit}`) || this.#walk(this.#rig, guest, unit);
      const moment = this.#kept.get(`${guest.index} ${unit}`);
      if (!known) this.#missing.set(guest.index, unit);
      if (moment === undefined || moment.instret >= instret) return unit - step;
    }
    return step === Number.POSITIVE_INFINITY ? 0 : Math.floor((guest.work - 1) / step) * step;
  }

  /** From the moment before. */
  #walk(rig: Rig, guest: RigGuest, unit: number): boolean {
    const { machine } = rig;
    const before = Math.max(0, unit - stepOf(guest));
    if (!this.restore(rig, guest, before)) return false;
    // The start of a unit is its poll, and the machine stands before that of the moment before.
    machine.watch({ world: guest.index, privilege: 'S', pc: guest.pollPc, count: unit - before + 1 });
    const stop = machine.run(this.#endCycle);
    machine.watch(undefined);
    if (stop.kind !== 'watch') return false;
    if (rig !== this.#rig) return true;
    const snapshot = snapshotOf(rig);
    const hash = snapshot === undefined ? '' : machine.hash();
    this.#kept.set(`${guest.index} ${unit}`, { instret: instretOf(rig, guest.index), snapshot, hash });
    return true;
  }
}

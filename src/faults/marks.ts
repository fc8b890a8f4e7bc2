// Marks along a golden run: a run that stands in the state of a mark goes on as the golden run did, so nobody need watch
// it do so. Most faults leave no trace, and their runs end at the next mark.

import type { Snapshot } from '../machine/index.ts';
import { instretOf, type Rig, restore, snapshotOf } from './rig.ts';

/** Slices from one mark to the next, at first. */
const SLICES_PER_MARK = 4;
/** Marks lie twice as far apart each time that such a part of the room for snapshots is used: each keeps the pages written
 * since the last one. */
const SHARE = 1 / 64;
/** At least so much of it is left to others. */
const LEFT_TO_OTHERS = 1 / 2;

interface Mark {
  readonly cycle: number;
  readonly instret: number;
  /** Of each guest's own. */
  readonly own: ReadonlyMap<number, number>;
  readonly snapshot: Snapshot;
}

/** The marks of one run of a rig, made while it runs. */
export class Marks {
  readonly #rig: Rig;
  readonly #inputSeed: number;
  /** By the number of the slice that ends there. */
  readonly #kept = new Map<number, Mark>();

  #used = 0;
  #next = SLICES_PER_MARK;

  constructor(rig: Rig, inputSeed: number) {
    this.#rig = rig;
    this.#inputSeed = inputSeed;
  }

  /** The golden run has come to the end of that slice. */
  make(slice: number): void {
    const { machine, guests, snapshotRoom } = this.#rig;
    const { left } = machine.snapshotRoom;
    if (slice < this.#next || left < snapshotRoom * LEFT_TO_OTHERS) return;
    const snapshot = snapshotOf(this.#rig);
    if (snapshot === undefined) return;
    this.#used += left - machine.snapshotRoom.left;
    this.#next = slice + SLICES_PER_MARK * 2 ** Math.floor(this.#used / (snapshotRoom * SHARE));
    const own = new Map(guests.map(({ index }) => [index, instretOf(this.#rig, index)]));
    this.#kept.set(slice, { cycle: machine.cycles, instret: machine.instret, own, snapshot });
  }

  /** Puts the rig at the last mark for which that holds; where there is none, at the reset vector. */
  restoreLast(rig: Rig, holds: (mark: Omit<Mark, 'snapshot'>) => boolean): void {
    const last = rig.machine === this.#rig.machine ? [...this.#kept.values()].findLast(holds) : undefined;
    if (last === undefined) restore(rig, this.#inputSeed);
    else rig.machine.restore(last.snapshot);
  }

  /** Does an experiment stand at the end of that slice where the golden run stood? A snapshot belongs to the machine that
   * took it: of another one nothing is known. */
  isAt({ machine }: Rig, slice: number): boolean {
    const mark = this.#kept.get(slice);
    if (mark === undefined || machine !== this.#rig.machine || machine.instret !== mark.instret) return false;
    return machine.isAt(mark.snapshot);
  }
}

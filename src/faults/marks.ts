// Marks along a golden run: a run that stands in the state of a mark goes on as the golden run did, so nobody need watch
// it do so. Most faults leave no trace, and their runs end at the next mark.

import type { LedgerEntry } from '../machine/index.ts';
import type { Rig } from './rig.ts';

/** Slices from one mark to the next: a hash costs what running half of that does. */
const SLICES_PER_MARK = 12;

interface Mark {
  /** Cheap to have: what differs here differs. */
  readonly sketch: string;
  /** All that the rest of a run and its verdict depend on. */
  readonly signature: string;
}

/** By the number of the slice that ends there. */
export type Marks = ReadonlyMap<number, Mark>;

const entryText = (entry: LedgerEntry): string => Object.values(entry).map(String).join(' ');

function sketchOf({ machine }: Rig): string {
  return [machine.cycles, machine.instret, machine.pc, machine.ledger.entries.length].join(' ');
}

function signatureOf({ machine }: Rig): string {
  return [machine.hash(), ...machine.ledger.entries.map(entryText)].join('\n');
}

/** To be told of the end of each slice of a golden run. */
export class MarkMaker {
  readonly marks = new Map<number, Mark>();

  atSlice(rig: Rig, slice: number): boolean {
    if (slice % SLICES_PER_MARK !== 0) return false;
    this.marks.set(slice, { sketch: sketchOf(rig), signature: signatureOf(rig) });
    return false;
  }
}

/** To be told of the end of each slice of an experiment; true once it stands where the golden run stood. Looks less and
 * less often: what has not come back soon seldom does. */
export class MarkSeeker {
  readonly #marks: Marks;
  #passed = 0;
  #next = 1;

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  atSlice(rig: Rig, slice: number): boolean {
    const mark = this.#marks.get(slice);
    if (mark === undefined || sketchOf(rig) !== mark.sketch) return false;
    this.#passed++;
    if (this.#passed < this.#next) return false;
    this.#next *= 2;
    return signatureOf(rig) === mark.signature;
  }
}

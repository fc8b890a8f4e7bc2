// Accesses that a faulty guest was refused: a fault in its own tables, or in those of the layer, for its devices too. Only
// those count that were aimed at something of another's; what a kernel names is its own physical addresses, so the address
// tells whose it is; of a process, which has it under another, the act does.

import type { Party } from '../machine/index.ts';
import type { Fault } from './fault.ts';
import { type Rig, rigGuest } from './rig.ts';

export interface Refusal {
  /** `own tables`: the guest's own page tables; `layer`: PMP or G-stage, which the layer fills; `IOMMU`: what stands before
   * its devices. */
  readonly by: 'own tables' | 'layer' | 'IOMMU';
  readonly cause: number;
  readonly owner: Party;
  /** Of the first one. */
  readonly address: number;
  readonly pc: bigint;
  /** Among the first traps of the run, see `HEARD`. */
  readonly count: number;
}

/** Causes of access faults and guest page faults, and of page faults: "Privileged ISA", table 27. */
const BY: Readonly<Record<number, Refusal['by']>> = {
  1: 'layer',
  5: 'layer',
  7: 'layer',
  20: 'layer',
  21: 'layer',
  23: 'layer',
  12: 'own tables',
  13: 'own tables',
  15: 'own tables',
};

/** Of more pages and owners than this nothing is kept: a guest that runs wild names any. */
const KEPT = 64;
/** Traps of a run that are looked at: several times what a healthy run takes in all. */
const HEARD = 20_000;
const PAGE = 4096;

/** Where a directed act strikes; undefined: nowhere in particular. */
const aimOf = ({ what }: Fault): number | undefined =>
  what.kind === 'directed' ? Number(what.mailbox.target) : undefined;

/** From now on until the answer is asked for. */
export function watchRefusals(rig: Rig, fault: Fault): () => readonly Refusal[] {
  const { machine } = rig;
  const guest = fault.from;
  const aim = aimOf(fault);
  const seen = new Map<string, Refusal>();
  const { memory } = rigGuest(rig, guest);
  const note = (by: Refusal['by'], cause: number, address: number, pc: bigint): void => {
    if (address >= memory.base && address < memory.base + memory.size) return;
    const owner = rig.ownerOf(address);
    if (owner === 'free' || owner === guest) return;
    const key = `${cause} ${owner} ${Math.floor(address / PAGE)}`;
    const known = seen.get(key);
    if (known !== undefined) seen.set(key, { ...known, count: known.count + 1 });
    else if (seen.size < KEPT) seen.set(key, { by, cause, owner, address, pc, count: 1 });
  };
  const stops = [
    machine.probe.onFirst(HEARD, 'trap', ({ from, interrupt, cause, value, pc }) => {
      const by = BY[cause];
      if (interrupt || from !== 'guest' || by === undefined || machine.world !== guest) return;
      const address = Number(value);
      // A process has what it aims at where its kernel put that page.
      const isMapped = by === 'layer' && aim !== undefined && address % PAGE === aim % PAGE;
      note(by, cause, isMapped ? aim : address, pc);
    }),
    // A device acts when it may, so that the hart is anywhere.
    machine.probe.on('refused', ({ guest: whose, address, cause }) => {
      if (whose === guest) note('IOMMU', cause, address, machine.pc);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    return [...seen.values()];
  };
}

// Was what a fault changed ever used? It is activated when it is read before it is written.

import type { Fault } from './fault.ts';
import type { BitOfMemory } from './fault-space.ts';
import { instretOf, type Rig, rigGuest } from './rig.ts';
import type { Upkeep } from './run-to-end.ts';

/** Own instructions of the guest after which we stop looking: a step costs a thousand times what running does. A later
 * use shows only if something comes of it, so the activated are at least, and rates per activated at most, what they
 * are. */
const PATIENCE = 1000;
/** Cycles the guest may be away (descheduled, idle) while we follow it. */
const AWAY = 20_000_000;
/** Cycles for which accesses of memory are looked at, a hundred times slower than running. */
const MEMORY_PATIENCE = 1_000_000;

/** Steps the guest from the injection on, and says whether the register was used. The run goes on afterwards as if nobody
 * had looked. */
function followRegister(rig: Rig, guest: number, register: number): boolean {
  const { machine } = rig;
  const limit = machine.cycles + AWAY;
  const start = instretOf(rig, guest);
  for (let step = 0; step < PATIENCE; step++) {
    const { reads, writes } = machine.operands();
    if (reads.includes(register)) return true;
    if (writes === register) return false;
    machine.stopAtInstret(guest, start + step + 1);
    if (machine.run(limit).kind !== 'instret') return false;
  }
  return false;
}

/** Runs until somebody reads the byte or writes it. Page tables are read by hardware, which tells nobody: of a flip there
 * only its consequences show. */
function followByte({ machine }: Rig, { address }: BitOfMemory): boolean {
  const at = { address: BigInt(address), length: 1 };
  const stops = machine.debugger();
  const read = { ...at, on: 'read' } as const;
  stops.watchData([read, { ...at, on: 'write' }]);
  stops.resume();
  const stop = machine.run(machine.cycles + MEMORY_PATIENCE);
  stops.clear();
  return stop.kind === 'debug' && stop.stop.why === 'watchpoint' && stop.stop.watch === read;
}

export interface Witness {
  /** To be told of while the run goes on. */
  readonly upkeep?: Upkeep;
  /** Instructions of the machine from its reset to the use; asked when the run is over. */
  usedAt(): number | undefined;
}

const sure = (usedAt: number | undefined): Witness => ({ usedAt: () => usedAt });

/** The instruction is watched until it is executed: for code, exact. */
function watchCode({ machine }: Rig, guest: number, pc: bigint): Witness {
  let usedAt: number | undefined;
  machine.watch({ world: guest, privilege: 'S', pc, count: 1 });
  const watched = (): void => {
    usedAt = machine.instret;
  };
  return { upkeep: { watched }, usedAt: () => usedAt };
}

/** Right after the injection. Of several bits, the first one is followed. What lasts is not: it shows, sooner or later. */
export function witness(rig: Rig, { from, what }: Fault): Witness {
  const { machine } = rig;
  const now = (used: boolean) => sure(used ? machine.instret : undefined);
  switch (what.kind) {
    case 'flip':
      return now(followRegister(rig, from, what.register));
    case 'flip-memory': {
      const [first] = what.bits;
      if (first === undefined) return sure(undefined);
      const { space, pcOf } = rigGuest(rig, from);
      const at = space.instructionAt(first.address);
      return at === undefined ? now(followByte(rig, first)) : watchCode(rig, from, pcOf(at));
    }
    case 'flip-csr':
    case 'stuck':
    case 'intermittent':
      return sure(undefined);
    default:
      return now(true);
  }
}

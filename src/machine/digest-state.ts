import type { Clock } from './clock.ts';
import { SAVED_BYTES } from './hart/layout.ts';
import type { Harts } from './harts.ts';
import { StateHash } from './hash.ts';
import { type MachineMemory, PAGE } from './memory.ts';
import type { Peripherals } from './peripherals.ts';
import type { SnapshotPages } from './snapshot.ts';

/** Digest of all that software can observe: hart, timed TLBs, accounts, devices, events, RAM. */
export function digestState(
  memory: MachineMemory,
  harts: Harts,
  pages: SnapshotPages,
  { bus, consoles, layerConsole }: Peripherals,
  clock: Clock,
): string {
  harts.fold();
  const hash = new StateHash();
  for (const hart of memory.harts) hash.words(memory.words(hart.base, SAVED_BYTES));
  const { caches, schedule } = harts.save();
  if (caches !== undefined) hash.value(caches);
  if (memory.harts.length > 1) hash.value(schedule);
  hash.value(bus.save());
  hash.value([...consoles, layerConsole].map((console) => console.save()));
  hash.value(clock.save().events);
  pages.forEachContent((page, copy) => {
    const lanes = copy === 0 ? lanesOf(memory, pages, memory.page(page)) : copyLanes(memory, pages, copy);
    if (lanes === ZEROS) return;
    hash.word(page);
    for (const lane of lanes) hash.word(lane);
  });
  return hash.hex();
}

type Lanes = readonly number[];
/** A page of zeros is the same whether it was ever written or not. */
const ZEROS: Lanes = [];

/** Of pages of snapshots, which never change, by machine and address. */
const known = new WeakMap<MachineMemory, Map<number, Lanes>>();

function copyLanes(memory: MachineMemory, pages: SnapshotPages, address: number): Lanes {
  const digests = known.get(memory) ?? new Map<number, Lanes>();
  known.set(memory, digests);
  const lanes = digests.get(address) ?? lanesOf(memory, pages, address);
  digests.set(address, lanes);
  return lanes;
}

function lanesOf(memory: MachineMemory, pages: SnapshotPages, address: number): Lanes {
  if (pages.isZero(address)) return ZEROS;
  const hash = new StateHash();
  hash.words(memory.words(address, PAGE));
  return hash.lanes();
}

import type { Clock } from './clock.ts';
import { SAVED_BYTES } from './hart/layout.ts';
import type { Harts } from './harts.ts';
import { StateHash } from './hash.ts';
import { type MachineMemory, PAGE } from './memory.ts';
import type { Peripherals } from './peripherals.ts';
import { isZero, type SnapshotPages } from './snapshot.ts';

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
  for (const page of pages.written()) {
    const words = memory.words(memory.page(page), PAGE);
    // A page of zeros is the same whether it was ever written or not.
    if (isZero(words)) continue;
    hash.word(page);
    hash.words(words);
  }
  return hash.hex();
}

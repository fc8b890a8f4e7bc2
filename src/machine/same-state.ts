import type { Clock } from './clock.ts';
import { SAVED_BYTES } from './hart/layout.ts';
import type { Harts } from './harts.ts';
import type { Ledger } from './ledger.ts';
import type { MachineMemory } from './memory.ts';
import type { Peripherals } from './peripherals.ts';
import type { Snapshot, SnapshotPages } from './snapshot.ts';

/** Are these plain data equal? Numbers, strings, booleans, bigints, arrays, typed arrays of one type, records. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return isEqualView(a, b);
  const keys = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isEqual(Reflect.get(a, key), Reflect.get(b, key)));
}

/** By words where both lie at words: caches take hundreds of kilobytes. */
function isEqualView(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const inWords = [a.byteLength, a.byteOffset, b.byteOffset].every((number) => number % 4 === 0);
  return inWords ? isEqualItems(wordsOf(a), wordsOf(b)) : isEqualItems(bytesOf(a), bytesOf(b));
}

function wordsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function isEqualItems(a: Int32Array | Uint8Array, b: Int32Array | Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Is everything that `digestState` digests what it was at that moment, and the ledger, too? The cheapest is asked first. */
export function isInState(
  memory: MachineMemory,
  harts: Harts,
  pages: SnapshotPages,
  { bus, consoles, layerConsole }: Peripherals,
  clock: Clock,
  ledger: Ledger,
  snapshot: Snapshot,
): boolean {
  harts.fold();
  const views = memory.harts.map(({ base }) => memory.bytes.subarray(base, base + SAVED_BYTES));
  if (!isEqual(views, snapshot.harts.harts)) return false;
  if (ledger.size !== snapshot.ledger.entries.length || !pages.isAt(snapshot.pages)) return false;
  const { caches, schedule } = harts.save();
  return (
    isEqual(caches, snapshot.harts.caches) &&
    (memory.harts.length === 1 || isEqual(schedule, snapshot.harts.schedule)) &&
    isEqual(clock.save().events, snapshot.clock.events) &&
    isEqual(ledger.entries, snapshot.ledger.entries) &&
    isEqual(
      [...consoles, layerConsole].map((console) => console.save()),
      snapshot.consoles,
    ) &&
    isEqual(bus.save(), snapshot.devices)
  );
}

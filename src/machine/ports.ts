import { CYCLES_PER_TICK, RAM_BASE } from './board.ts';
import type { HartTimer } from './devices/clint.ts';
import type { RamPort } from './devices/ram-port.ts';
import type { MachineMemory } from './memory.ts';
import { PAGE } from './memory.ts';
import type { Observer } from './observer.ts';

/** Marks the bytes of one RAM page as written: dirty, and no longer what was predecoded. */
export type NoteWritten = (paddr: number, size: number) => void;

const RESERVED_BYTES = 8;

/** Calls `visit` with the run of bytes in each page that [paddr, paddr + length) touches. */
export function eachPage(paddr: number, length: number, visit: (at: number, size: number) => void): void {
  for (let at = paddr; at < paddr + length; ) {
    const size = Math.min(paddr + length - at, PAGE - (at % PAGE));
    visit(at, size);
    at += size;
  }
}

/** mtime and mtimecmp, which are state of the hart, as the CLINT sees them. */
export function hartTimer(
  memory: MachineMemory,
  cycles: () => number,
  setSoftware: (hart: number, high: boolean) => void,
): HartTimer {
  const now = () => BigInt(Math.floor(cycles() / CYCLES_PER_TICK)) + memory.current.wide('time_delta');
  const join = (low: number, high: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const compare = (hart: number) => memory.harts[hart]?.wide('mtimecmp') ?? 0n;
  return {
    setSoftware,
    compareLow: (hart) => Number(compare(hart) & 0xffffffffn),
    compareHigh: (hart) => Number(compare(hart) >> 32n),
    setCompare: (hart, low, high) => {
      memory.harts[hart]?.setWide('mtimecmp', join(low, high));
      // It may be due at once, or later than the quantum was planned for.
      memory.harts[hart]?.setCount('stop', 0);
    },
    timeLow: () => Number(now() & 0xffffffffn),
    timeHigh: () => Number((now() >> 32n) & 0xffffffffn),
    setTime: (low, high) => {
      const delta = memory.current.wide('time_delta') + join(low, high) - now();
      for (const hart of memory.harts) hart.setWide('time_delta', delta);
    },
  };
}

/** What a device reaches that reads and writes RAM by itself. */
export function ramPort(memory: MachineMemory, observer: () => Observer, noteWritten: NoteWritten): RamPort {
  const host = (paddr: number) => memory.map.ram + (paddr - RAM_BASE);
  return {
    covers: (paddr, length) => inRam(memory, paddr, length),
    takeCycles: () => 0,
    read(paddr, length, world) {
      if (!inRam(memory, paddr, length)) return undefined;
      observer().dma(paddr, length, world, undefined);
      return memory.bytes.slice(host(paddr), host(paddr) + length);
    },
    write(paddr, bytes, world) {
      if (!inRam(memory, paddr, bytes.length)) return false;
      eachPage(paddr, bytes.length, (at, size) => {
        observer().dma(at, size, world, bytes.subarray(at - paddr, at - paddr + size));
        noteWritten(at, size);
      });
      memory.bytes.set(bytes, host(paddr));
      endReservations(memory, paddr, bytes.length);
      return true;
    },
  };
}

function inRam(memory: MachineMemory, paddr: number, length: number): boolean {
  return paddr >= RAM_BASE && paddr + length <= RAM_BASE + memory.ramBytes;
}

/** A store by another agent to the reserved bytes, at most eight, ends a reservation ("Unprivileged ISA", 14.2). */
function endReservations(memory: MachineMemory, paddr: number, length: number): void {
  for (const hart of memory.harts) {
    const reserved = Number(hart.wide('reserved_paddr'));
    if (reserved + RESERVED_BYTES > paddr && reserved < paddr + length) hart.set('reserved_valid', 0);
  }
}

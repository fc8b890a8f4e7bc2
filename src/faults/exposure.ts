// How much of what is others' lies open to a guest's stray store: foreign pages that its active address space lets its
// kernel write, of all there are. Read off satp, G-stage and PMP in the middle of its fault-free run; nothing is touched.

import { CSR_NAMES, type HartPort } from '../machine/index.ts';
import { type Golden, guestOf } from './observation.ts';
import type { ExposureRow } from './records.ts';
import { instretOf, portOf, type Range, type Rig, type RigGuest, restore } from './rig.ts';
import { supervisorCsr } from './supervisor-csr.ts';
import { PAGE } from './targets.ts';

/** A run of pages that may be written, where it is seen and where it lies. */
interface Mapping {
  readonly from: bigint;
  readonly to: bigint;
  readonly size: bigint;
}

const VALID = 1n;
const READ = 2n;
const WRITE = 4n;
const EXECUTE = 8n;
const PPN = (1n << 44n) - 1n;
const MODE_SHIFT = 60n;
/** Modes 8, 9, 10 are Sv39, Sv48, Sv57: of 3, 4, 5 levels. */
const LEVELS_LESS_MODE = 5n;
/** A root of a G-stage is four pages. */
const WIDE = 4;
const EVERYTHING: Mapping = { from: 0n, to: 0n, size: 1n << 56n };

function csr(port: HartPort, name: string): bigint {
  const row = CSR_NAMES.find((candidate) => candidate.name === name);
  if (row === undefined) throw new RangeError(`the machine has no CSR ${name}`);
  return port.csr(row);
}

/** Pages of tables lie in RAM; a table that does not is not walked by the hardware either. */
function entriesAt(rig: Rig, paddr: bigint, pages: number): BigUint64Array {
  try {
    return new BigUint64Array(rig.machine.read(Number(paddr), pages * PAGE).slice().buffer);
  } catch (error) {
    if (error instanceof RangeError) return new BigUint64Array(0);
    throw error;
  }
}

/** Writable leaves below a root. @param lies physical address of a page of tables, whose own addresses may be translated */
function writableLeaves(
  rig: Rig,
  root: bigint,
  isGstage: boolean,
  lies: (table: bigint) => bigint | undefined,
): Mapping[] {
  if (root >> MODE_SHIFT === 0n) return [EVERYTHING];
  const walk = (table: bigint, level: bigint, base: bigint, pages: number): Mapping[] => {
    const paddr = lies(table);
    if (paddr === undefined) return [];
    return [...entriesAt(rig, paddr, pages)].flatMap((entry, index): Mapping[] => {
      if ((entry & VALID) === 0n) return [];
      const size = 1n << (12n + 9n * level);
      const from = base + BigInt(index) * size;
      const to = ((entry >> 10n) & PPN) << 12n;
      if ((entry & (READ | WRITE | EXECUTE)) === 0n) return level === 0n ? [] : walk(to, level - 1n, from, 1);
      return (entry & WRITE) === 0n ? [] : [{ from, to, size }];
    });
  };
  const levels = (root >> MODE_SHIFT) - LEVELS_LESS_MODE;
  return walk((root & PPN) << 12n, levels - 1n, 0n, isGstage ? WIDE : 1);
}

/** What is left of mappings whose targets are seen through others. */
function through(first: readonly Mapping[], second: readonly Mapping[]): Mapping[] {
  return first.flatMap((a) =>
    second.flatMap((b): Mapping[] => {
      const start = a.to > b.from ? a.to : b.from;
      const end = a.to + a.size < b.from + b.size ? a.to + a.size : b.from + b.size;
      return end <= start ? [] : [{ from: a.from + (start - a.to), to: b.to + (start - b.from), size: end - start }];
    }),
  );
}

const ENTRIES = 16;
const TOR = 1;
const NA4 = 2;
const NAPOT = 3;

interface PmpEntry {
  readonly base: bigint;
  readonly end: bigint;
  readonly writable: boolean;
}

/** In the order in which they count. */
function pmpEntries(port: HartPort): PmpEntry[] {
  const configs = (csr(port, 'pmpcfg2') << 64n) | csr(port, 'pmpcfg0');
  const addresses = Array.from({ length: ENTRIES }, (_, index) => csr(port, `pmpaddr${index}`));
  return addresses.flatMap((address, index): PmpEntry[] => {
    const config = Number((configs >> BigInt(8 * index)) & 0xffn);
    const writable = (config & 2) !== 0;
    switch ((config >> 3) & 3) {
      case TOR:
        return [{ base: (addresses[index - 1] ?? 0n) << 2n, end: address << 2n, writable }];
      case NA4:
        return [{ base: address << 2n, end: (address << 2n) + 4n, writable }];
      case NAPOT: {
        const size = ((address ^ (address + 1n)) + 1n) << 2n;
        const base = (address << 2n) & ~(size - 1n);
        return [{ base, end: base + size, writable }];
      }
      default:
        return [];
    }
  });
}

/** Of a page below M-mode: the first entry that touches it decides, and must hold all of it; none denies. */
function passesPmp(entries: readonly PmpEntry[], page: bigint): boolean {
  const end = page + BigInt(PAGE);
  const first = entries.find((entry) => entry.base < end && entry.end > page);
  return first?.writable === true && first.base <= page && first.end >= end;
}

/** Stands in the guest's kernel, half of its own instructions done. */
function goToMiddle(rig: Rig, golden: Golden, guest: RigGuest, inputSeed: number): void {
  const { machine } = rig;
  restore(rig, inputSeed);
  const before = instretOf(rig, guest.index);
  const own = guestOf(golden.observation, guest.index).instret - before;
  machine.stopAtInstret(guest.index, before + Math.floor(own / 2));
  const stop = machine.run(golden.endCycle);
  if (stop.kind !== 'instret')
    throw new RangeError(`${guest.name} does not come to the middle of its run: ${stop.kind}`);
}

/** As `rig` stands now, on the hart of that guest. */
export function writablePages(rig: Rig, guest: RigGuest, ranges: readonly Range[]): number {
  const port = portOf(rig, guest);
  const { mode } = port;
  const isVirtual = mode === 'VS' || mode === 'VU';
  const gstage = isVirtual ? writableLeaves(rig, csr(port, 'hgatp'), true, (table) => table) : [EVERYTHING];
  const lies = (table: bigint): bigint | undefined => {
    const own = gstage.find(({ from, size }) => from <= table && table < from + size);
    return own === undefined ? undefined : own.to + (table - own.from);
  };
  const satp = port.csr(supervisorCsr('satp', mode).row);
  const mapped = through(writableLeaves(rig, satp, false, lies), gstage);
  const pmp = pmpEntries(port);
  const pages = ranges.flatMap(({ base, size }) =>
    Array.from({ length: size / PAGE }, (_, n) => BigInt(base + n * PAGE)),
  );
  return pages.filter((page) => {
    const isMapped = mapped.some(({ to, size }) => to <= page && page + BigInt(PAGE) <= to + size);
    return isMapped && passesPmp(pmp, page);
  }).length;
}

export function exposureOf(rig: Rig, golden: Golden, guest: RigGuest, inputSeed: number): ExposureRow {
  goToMiddle(rig, golden, guest, inputSeed);
  const ranges = rig.ram.filter(({ owner }) => owner !== guest.index);
  return {
    mode: rig.mode,
    faulty: guest.name,
    writable: writablePages(rig, guest, ranges),
    foreign: ranges.reduce((sum, { size }) => sum + size / PAGE, 0),
  };
}

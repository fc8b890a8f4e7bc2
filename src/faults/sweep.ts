// The exhaustive sweep of what one guest can reach, with `probe` in that guest's slot and with its device tree. RAM is
// loaded and stored in one boot; each fetch and each access to a device register is a restored act of its own, because
// its effect would spoil what follows. The ledger is the judge; the probe's own view must agree with it.

import type { LedgerEntry, Snapshot } from '../machine/index.ts';
import { ADDRESS, assembleProbe, CURSOR, LOADS, RESULT, RESULTS_OFFSET, STORES, VALUE } from './probe-program.ts';
import type { ReachRow } from './records.ts';
import type { Rig } from './rig.ts';
import { sortBy } from './tally.ts';
import { PAGE, type PageRange, type Register } from './targets.ts';

/** A rig whose guest `guest` is the probe, with what is foreign to it. */
export interface ProbeRig {
  readonly rig: Rig;
  readonly guest: number;
  readonly guestName: string;
  readonly slotBase: number;
  readonly pages: readonly PageRange[];
  readonly registers: readonly Register[];
}

/** One act, traps included, takes some microseconds of the machine; the guest's window is far longer. */
const ACT_CYCLES = 5_000_000;

interface Probe {
  readonly at: ProbeRig;
  readonly symbols: ReadonlyMap<string, bigint>;
  readonly ready: Snapshot;
}

function symbol(symbols: ReadonlyMap<string, bigint>, name: string): bigint {
  const address = symbols.get(name);
  if (address === undefined) throw new RangeError(`the probe has no label ${name}`);
  return address;
}

/** The probe at its label `ready`, where every act begins. */
export function readyProbe(at: ProbeRig): Probe {
  const { machine, reset, patience } = at.rig;
  const { symbols } = assembleProbe(at.slotBase);
  machine.restore(reset);
  machine.watch({ world: at.guest, privilege: 'S', pc: symbol(symbols, 'ready'), count: 1 });
  const stop = machine.run(patience);
  if (stop.kind !== 'watch') throw new Error(`the probe did not start in mode ${at.rig.mode}: ${stop.kind}`);
  machine.watch(undefined);
  return { at, symbols, ready: machine.snapshot() };
}

function isOwn(entry: LedgerEntry, guest: number): boolean {
  const by = entry.from === guest || (entry.from === 'layer' && entry.onBehalf === guest);
  return by && entry.owner !== 'free';
}

/** Does one act; true when the ledger saw it reach something foreign. */
function act(probe: Probe, label: string, address: number, value: bigint): boolean {
  const { machine } = probe.at.rig;
  const { guest } = probe.at;
  machine.restore(probe.ready);
  machine.pc = symbol(probe.symbols, label);
  machine.setX(ADDRESS, BigInt(address));
  machine.setX(VALUE, value);
  machine.stopOnForeign = true;
  machine.watch({ world: guest, privilege: 'S', pc: symbol(probe.symbols, 'done'), count: 1 });
  for (;;) {
    const stop = machine.run(machine.cycles + ACT_CYCLES);
    if (machine.ledger.entries.some((entry) => isOwn(entry, guest))) return true;
    if (stop.kind === 'watch' || stop.kind === 'finished') return stop.kind === 'finished';
    if (stop.kind !== 'foreign') throw new Error(`the probe's act ${label} at 0x${address.toString(16)} did not end`);
  }
}

function row(probe: Probe, resource: string, access: ReachRow['access'], tried: number, reached: number): ReachRow {
  const { rig, guestName } = probe.at;
  return { mode: rig.mode, from: guestName, resource, access, tried, reached };
}

/** Pages of the range that the ledger saw touched in that way. */
function touched(entries: readonly LedgerEntry[], guest: number, kind: LedgerEntry['kind']): Set<number> {
  const own = entries.filter((entry) => isOwn(entry, guest) && entry.kind === kind);
  return new Set(own.map((entry) => Math.floor(entry.address / PAGE)));
}

/** Loads and stores on each page, in one boot. */
export function sweepPages(at: ProbeRig): ReachRow[] {
  const probe = readyProbe(at);
  const { machine, patience } = at.rig;
  return at.pages.flatMap(({ resource, base, size }) => {
    const results = at.slotBase + RESULTS_OFFSET;
    const count = size / PAGE;
    machine.restore(probe.ready);
    machine.pc = symbol(probe.symbols, 'pages');
    machine.setX(ADDRESS, BigInt(base));
    machine.setX(VALUE, BigInt(base + size));
    machine.setX(CURSOR, BigInt(results));
    machine.watch({ world: at.guest, privilege: 'S', pc: symbol(probe.symbols, 'done'), count: 1 });
    const stop = machine.run(patience);
    if (machine.translationCapped) throw new Error(`the page sweep of ${resource} filled the translation caches`);
    if (stop.kind !== 'watch') throw new Error(`the page sweep of ${resource} did not end: ${stop.kind}`);
    const answers = machine.read(at.rig.physical(results), count);
    const { entries } = machine.ledger;
    return (['read', 'write'] as const).map((kind) => {
      const pages = touched(entries, at.guest, kind);
      const bit = kind === 'read' ? RESULT.LOADED : RESULT.STORED;
      let reached = 0;
      for (let page = 0; page < count; page++) {
        // A layer may lead it there, or to what the guest would look for there.
        const address = base + page * PAGE;
        const seen = pages.has(address / PAGE) || pages.has(at.rig.physical(address) / PAGE);
        const said = ((answers[page] ?? 0) & bit) !== 0;
        if (seen !== said) throw new Error(disagreement(kind, address, seen));
        if (seen) reached++;
      }
      return row(probe, resource, kind === 'read' ? 'r' : 'w', count, reached);
    });
  });
}

function disagreement(kind: string, address: number, seen: boolean): string {
  const [ledger, probe] = seen ? ['saw', 'was refused'] : ['saw nothing', 'was not refused'];
  return `${kind} at 0x${address.toString(16)}: the ledger ${ledger}, and yet the probe ${probe}`;
}

/** Fetches from pages `first` to `last` of all foreign ones, in the order of their addresses. */
export function sweepFetches(at: ProbeRig, first: number, last: number): ReachRow[] {
  const probe = readyProbe(at);
  let position = 0;
  return at.pages.flatMap(({ resource, base, size }) => {
    let tried = 0;
    let reached = 0;
    for (let page = base; page < base + size; page += PAGE, position++) {
      if (position < first || position >= last) continue;
      tried++;
      if (act(probe, 'fetch', page, 0n)) reached++;
    }
    return tried === 0 ? [] : [row(probe, resource, 'x', tried, reached)];
  });
}

/** Loads and stores of each foreign register. Nothing fetches there: device memory is not executable. */
export function sweepRegisters(at: ProbeRig): ReachRow[] {
  const probe = readyProbe(at);
  return at.registers.flatMap(({ resource, address, width, value }) => [
    row(probe, resource, 'r', 1, act(probe, LOADS[width], address, 0n) ? 1 : 0),
    row(probe, resource, 'w', 1, act(probe, STORES[width], address, value) ? 1 : 0),
  ]);
}

export function pageCount(at: ProbeRig): number {
  return at.pages.reduce((sum, { size }) => sum + size / PAGE, 0);
}

/** One row per (mode, from, resource, access), whatever pieces the sweep was done in. */
export function mergeReach(rows: readonly ReachRow[]): ReachRow[] {
  const key = ({ mode, from, resource, access }: ReachRow) => [mode, from, resource, access];
  const merged = new Map<string, ReachRow>();
  for (const piece of rows) {
    const name = key(piece).join(' ');
    const known = merged.get(name);
    merged.set(
      name,
      known === undefined
        ? piece
        : { ...known, tried: known.tried + piece.tried, reached: known.reached + piece.reached },
    );
  }
  return sortBy([...merged.values()], key);
}

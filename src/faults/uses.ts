// Who reads and writes what in the fault-free run of a guest alone: what def-use pruning needs to know. The guest's own
// instructions are the clock, as for every random fault; what firmware and devices do in between happens at the instant of
// the guest's next instruction.

import { type DataAccess, dataAccess, operandsOf } from '../machine/index.ts';
import type { Act } from './fault.ts';
import { bitsOf, type Region } from './fault-space.ts';
import { type AccessKind, DefUse, type Pilot } from './pruning.ts';
import { type Rig, type RigGuest, restore } from './rig.ts';

/** What can be pruned: registers, and memory of which every access can be seen. Page tables are read by hardware, which
 * tells nobody, and text by fetches, of which nearly all are reads. */
export const PRUNABLE = ['registers', 'data', 'stack'] as const;
export type Prunable = (typeof PRUNABLE)[number];

export interface Uses {
  readonly space: DefUse;
  /** The fault that a pilot means. */
  act(pilot: Pilot): Act;
}

/** Told of what happens, at instants of the guest's own. */
interface Recorder {
  readonly uses: Uses;
  /** An instruction is about to run; the guest's own, or the firmware's. It may yet trap. */
  reads(word: number, own: boolean, at: number): void;
  /** It retired. */
  writes(word: number, own: boolean, at: number): void;
  /** It did not: the firmware took its place and went on behind it. */
  emulated(word: number, at: number): void;
  transfer(address: number, length: number, kind: AccessKind, at: number): void;
}

const REGISTERS = 31;
const REGISTER_BITS = 64;
const BYTE_BITS = 8;
const ECALL = 0x0000_0073;
/** a0 to a7: a call may read any of them. */
const ARGUMENTS = { first: 10, count: 8 } as const;
const KEPT_WORDS = 4096;

/** Decoding costs more than running. */
function remembering<T>(make: (word: number) => T): (word: number) => T {
  const known = new Map<number, T>();
  return (word) => {
    const old = known.get(word);
    if (old !== undefined || known.has(word)) return old as T;
    if (known.size >= KEPT_WORDS) known.clear();
    const made = make(word);
    known.set(word, made);
    return made;
  };
}

function registerRecorder(): Recorder {
  const space = new DefUse(REGISTERS, REGISTER_BITS);
  const write = (word: number, at: number): void => {
    const { writes } = operandsOf(word);
    if (writes !== undefined) space.access(writes - 1, 1, at, 'write');
  };
  return {
    uses: {
      space,
      act: ({ location, bit }) => ({ kind: 'flip', register: location + 1, bit }),
    },
    // The firmware gives back what it finds, but for the results of calls, and these come after the arguments are read.
    reads(word, own, at) {
      if (!own) return;
      for (const register of operandsOf(word).reads) space.access(register - 1, 1, at, 'read');
      if (word === ECALL) space.access(ARGUMENTS.first - 1, ARGUMENTS.count, at, 'read');
    },
    writes(word, own, at) {
      if (own) write(word, at);
    },
    emulated: write,
    transfer: () => undefined,
  };
}

/** Bytes of a region, numbered from its first. */
function memoryRecorder(rig: Rig, region: Region): Recorder {
  const space = new DefUse(bitsOf(region) / BYTE_BITS, BYTE_BITS);
  const access = remembering(dataAccess);
  const touch = (address: number, length: number, kind: AccessKind, at: number): void => {
    let index = 0;
    for (const { base, size } of region.ranges) {
      const from = Math.max(address, base);
      const to = Math.min(address + length, base + size);
      if (from < to) space.access(index + from - base, to - from, at, kind);
      index += size;
    }
  };
  const start = region.ranges.map(({ base }) => base);
  const addressOf = (location: number): number => {
    let rest = location;
    for (const [index, { size }] of region.ranges.entries()) {
      if (rest < size) return (start[index] ?? 0) + rest;
      rest -= size;
    }
    throw new RangeError(`${region.name} has no byte ${location}`);
  };
  // Where a store goes is known before it retires, and its base register may be another one afterwards.
  let pending: readonly Piece[] = [];
  return {
    uses: {
      space,
      act: ({ location, bit }) => ({ kind: 'flip-memory', bits: [{ address: addressOf(location), bit }] }),
    },
    reads(word, _own, at) {
      pending = [];
      const found = access(word);
      if (found === undefined) return;
      // Whether sc stores is known afterwards only: to call it a read loses nothing.
      if (!found.reads && !isStoreConditional(word)) pending = piecesOf(rig, found);
      else for (const { paddr, length } of piecesOf(rig, found)) touch(paddr, length, 'read', at);
    },
    writes(_word, _own, at) {
      for (const { paddr, length } of pending) touch(paddr, length, 'write', at);
    },
    emulated: () => undefined,
    transfer: touch,
  };
}

interface Piece {
  readonly paddr: number;
  readonly length: number;
}

function piecesOf({ machine }: Rig, { base, offset, size }: DataAccess): readonly Piece[] {
  const address = BigInt.asUintN(64, (base === 0 ? 0n : machine.x(base)) + offset);
  return machine.ports[0]?.locate(address, size) ?? [];
}

/** "Unprivileged ISA", 13.2: funct5 3 of the atomics. */
const isStoreConditional = (word: number): boolean => (word & 0x7f) === 0x2f && word >>> 27 === 3;

function recorderFor(rig: Rig, guest: RigGuest, what: Prunable): Recorder | undefined {
  if (what === 'registers') return registerRecorder();
  const region = guest.space.regions.find(({ name }) => name === what);
  return region && memoryRecorder(rig, region);
}

/** @param instret instructions of the guest's own in that run: the trace must come to as many
 * @throws RangeError where the guest has no such region */
export function traceUses(
  rig: Rig,
  guest: RigGuest,
  run: { inputSeed: number; endCycle: number; instret: number },
  what: Prunable,
): Uses {
  const { machine } = rig;
  const recorder = recorderFor(rig, guest, what);
  const [port] = machine.ports;
  if (recorder === undefined || port === undefined) throw new RangeError(`${guest.name} has no ${what}`);
  let at = 0;
  let last: { readonly word: number; readonly own: boolean; readonly retired: number; readonly pc: bigint } | undefined;
  let behind = false;
  /** An instruction of the guest whose place the firmware took. */
  let trapped: { readonly word: number; readonly pc: bigint } | undefined;
  const settle = (retired: number): void => {
    if (last === undefined) return;
    const { word, own, pc } = last;
    if (retired > last.retired) {
      recorder.writes(word, own, at);
      if (own) at++;
    } else if (own) trapped = { word, pc };
    last = undefined;
  };
  restore(rig, run.inputSeed);
  const stops = machine.debugger();
  const silence = machine.probe.on('transfer', ({ address, length, write }) => {
    // Right behind an instruction of the guest's own, a transfer comes before whatever may flip next, so it belongs to the
    // instant before; while the guest waits, or the firmware works for it, what flips has flipped already.
    if (last === undefined || machine.instret > last.retired) {
      behind = last?.own ?? behind;
      settle(machine.instret);
    } else behind = false;
    recorder.transfer(address, length, write ? 'write' : 'read', behind ? at - 1 : at);
  });
  stops.follow((word, retired) => {
    settle(retired);
    const own = port.party === 'guest';
    const { pc } = port;
    if (own && trapped !== undefined) {
      // Behind it, with nothing of the guest's own between: it was done for the guest.
      if (pc === trapped.pc + 2n || pc === trapped.pc + 4n) recorder.emulated(trapped.word, at);
      trapped = undefined;
    }
    recorder.reads(word, own, at);
    last = { word, own, retired, pc };
  });
  machine.run(run.endCycle);
  settle(machine.instret);
  stops.clear();
  silence();
  if (guest.booted + at !== run.instret)
    throw new Error(`${guest.name} retired ${at} instructions under observation, not ${run.instret - guest.booted}`);
  recorder.uses.space.end(at);
  return recorder.uses;
}

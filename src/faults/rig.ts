// A rig: one scenario booted in one mode and held where experiments begin, ready to be restored any number of times.

import type { HartPort, Machine, Party, Snapshot } from '../machine/index.ts';
import type { Aim, AimGuest } from './classes/fault-class.ts';
import type { Judged } from './classify.ts';
import { StateDigest } from './digest.ts';
import type { Space } from './space.ts';

/** What experiments use of a machine. */
export type RigMachine = Pick<
  Machine,
  | 'run'
  | 'watch'
  | 'watched'
  | 'stopAtInstret'
  | 'stopOnForeign'
  | 'privilege'
  | 'world'
  | 'pc'
  | 'ports'
  | 'debugger'
  | 'x'
  | 'setX'
  | 'operands'
  | 'delay'
  | 'read'
  | 'write'
  | 'cycles'
  | 'instret'
  | 'accounting'
  | 'ledger'
  | 'probe'
  | 'monitors'
  | 'consoles'
  | 'translationCapped'
  | 'seedTranslation'
  | 'snapshot'
  | 'snapshotRoom'
  | 'restore'
  | 'isAt'
  | 'hash'
>;

/** Bytes of physical memory. */
export interface Range {
  readonly base: number;
  readonly size: number;
}

export interface RigGuest extends Judged, AimGuest {
  /** The hart that it runs on, alone or with others. */
  readonly hart: number;
  /** Where its slot lies in RAM. */
  readonly physicalBase: number;
  /** In RAM: text, rodata and canary. A healthy guest never changes them after its start code. */
  readonly constants: readonly Range[];
  /** In RAM: the data on which its work is computed, free of times. */
  readonly workData: Range;
  /** Where its kernel runs what lies at that physical address. */
  readonly pcOf: (address: number) => bigint;
  /** Virtual address of the first instruction of `saboteur_poll`, or of what a process calls in its place; 0 without. */
  readonly pollPc: bigint;
  /** Instructions that it had retired where experiments begin. */
  readonly booted: number;
  /** Where random faults of it may lie. */
  readonly space: Space;
  /** Where its image lies: in its slot, and where a layer keeps a copy to restart it from. */
  readonly imageBases: readonly number[];
  /** The callers of its first panic, innermost first; nothing without one. */
  readonly backtrace: () => string[];
}

export interface Rig {
  readonly mode: string;
  readonly machine: RigMachine;
  readonly guests: readonly RigGuest[];
  readonly board: Aim['board'];
  readonly layerTrapHandler: number;
  readonly firmware: number;
  /** Where experiments begin: the reset vector, or the end of the warm-up. */
  readonly reset: Snapshot;
  /** Its cycle. */
  readonly start: number;
  /** Whose that is, by an address as guests name it: nobody's is free, and so is what everybody may use through the layer. */
  ownerOf(address: number): Party;
  /** Where in RAM that lies which guests name so, and the other way: elsewhere only where slots are shifted. */
  physical(address: number): number;
  named(address: number): number;
  /** "unix:trap_entry+0x4" for an address as guests name it, "plic" for a device's; empty for what has no name. */
  symbolAt(address: number): string;
  /** The same for a pc of that party, which for a guest with paging is a virtual address. */
  symbolAtPc(party: number | 'layer', pc: bigint): string;
  /** RAM that somebody owns, in whole pages, and what was loaded into it. */
  readonly ram: readonly (Range & { readonly owner: Party })[];
  readonly loads: readonly { readonly base: number; readonly bytes: Uint8Array }[];
  /** Will the layer never run that guest again? Read off its scheduler; false where it has none of ours. */
  isParked(index: number): boolean;
  /** Bytes for snapshots beside that of the start. */
  readonly snapshotRoom: number;
  /** Cycles within which a fault-free run must have done its work. */
  readonly patience: number;
}

export function rigGuest(rig: Rig, index: number): RigGuest {
  const guest = rig.guests.find((candidate) => candidate.index === index);
  if (guest === undefined) throw new RangeError(`mode ${rig.mode} has no guest ${index}`);
  return guest;
}

export function portOf({ machine }: Rig, { name, hart }: Pick<RigGuest, 'name' | 'hart'>): HartPort {
  const port = machine.ports[hart];
  if (port === undefined) throw new RangeError(`the machine has no hart ${hart} for ${name}`);
  return port;
}

/** Back to where experiments begin, with the inputs of one trajectory: sensor samples and translation caches draw from this
 * seed. */
export function restore(rig: Rig, inputSeed: number): void {
  rig.machine.restore(rig.reset);
  rig.machine.seedTranslation(inputSeed);
  for (const guest of rig.guests) {
    const monitor = monitorOf(rig, guest.index);
    monitor.setSeed(inputSeed);
    monitor.setDigestWords(guest.work);
  }
}

/** Undefined where the machine has no room for it. */
export function snapshotOf({ machine }: Rig): Snapshot | undefined {
  try {
    return machine.snapshot();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function monitorOf(rig: Rig, index: number): RigMachine['monitors'][number] {
  const monitor = rig.machine.monitors[index];
  if (monitor === undefined) throw new RangeError(`the machine has no monitor ${index}`);
  return monitor;
}

export function instretOf(rig: Rig, index: number): number {
  const account = rig.machine.accounting().guests[index];
  if (account === undefined) throw new RangeError(`the machine has no account of guest ${index}`);
  return account.instret;
}

export function digestConstants(rig: Rig, guest: RigGuest): string {
  const digest = new StateDigest();
  for (const { base, size } of guest.constants) digest.bytes(rig.machine.read(base, size));
  return digest.hex();
}

const REGISTERS = 32;

/** What a guest's next instructions depend on, apart from time: registers, text, rodata and the section of its work. */
export function digestContext(rig: Rig, guest: RigGuest): string {
  const digest = new StateDigest();
  for (let register = 1; register < REGISTERS; register++) digest.register(rig.machine.x(register));
  for (const { base, size } of [...guest.constants, guest.workData]) digest.bytes(rig.machine.read(base, size));
  return digest.hex();
}

// What a fault does to the machine at the instruction where it strikes; the machine stands before that instruction.

import { plant } from './assembly.ts';
import type { Act, Fault } from './fault.ts';
import type { BitOfMemory } from './fault-space.ts';
import { instretOf, monitorOf, portOf, type Rig, type RigGuest, rigGuest } from './rig.ts';
import type { Upkeep } from './run-to-end.ts';
import { supervisorCsr } from './supervisor-csr.ts';

const A0 = 10;
/** Cycles in which the one instruction that is to be decoded wrongly must come to an end. */
const ONE_INSTRUCTION = 100_000;

/** Before the first instruction: faults that were there when the machine was switched on. */
export function prepare(rig: Rig, { from, what }: Fault): void {
  if (what.kind !== 'mutant') return;
  for (const base of rigGuest(rig, from).imageBases)
    for (const { at, bytes } of what.patches) rig.machine.write(base + at, bytes);
}

/** Of memory as the guest names it. */
function setBit(rig: Rig, { address, bit }: BitOfMemory, change: (byte: number, mask: number) => number): void {
  changeByte(rig, { address: rig.physical(address), bit }, change);
}

function changeByte(
  { machine }: Rig,
  { address, bit }: BitOfMemory,
  change: (byte: number, mask: number) => number,
): void {
  const [byte = 0] = machine.read(address, 1);
  machine.write(address, Uint8Array.of(change(byte, 1 << bit)));
}

const flip = (byte: number, mask: number): number => byte ^ mask;

/** The instruction runs with one bit changed; what is in memory stays what it was. */
function flipInstruction(rig: Rig, guest: RigGuest, bit: number): void {
  const { machine } = rig;
  const port = portOf(rig, guest);
  const bytes = port.locate(machine.pc, 1)[0];
  const length = bytes !== undefined && ((machine.read(bytes.paddr, 1)[0] ?? 0) & 3) === 3 ? 4 : 2;
  const pieces = port.locate(machine.pc, length);
  const before = pieces.map(({ paddr, length: size }) => ({ paddr, bytes: machine.read(paddr, size) }));
  let index = bit % (8 * length);
  for (const { paddr, bytes: old } of before) {
    if (index >= 0 && index < 8 * old.length) changeByte(rig, { address: paddr + (index >> 3), bit: index & 7 }, flip);
    index -= 8 * old.length;
  }
  machine.stopAtInstret(guest.index, instretOf(rig, guest.index) + 1);
  machine.run(machine.cycles + ONE_INSTRUCTION);
  for (const { paddr, bytes: old } of before) machine.write(paddr, old);
}

/** Forced again after each store to it, because the debugger stops there; what a device writes stands for so many cycles
 * at most. */
const STUCK_AGAIN = 10_000;

function stuck(rig: Rig, at: BitOfMemory, value: 0 | 1): Upkeep {
  const force = (): void => setBit(rig, at, (byte, mask) => (value === 1 ? byte | mask : byte & ~mask));
  const stops = rig.machine.debugger();
  force();
  stops.watchData([{ address: BigInt(at.address), length: 1, on: 'write' }]);
  stops.resume();
  let next = rig.machine.cycles + STUCK_AGAIN;
  return {
    nextCycle: () => next,
    keep: () => {
      force();
      stops.resume();
      if (rig.machine.cycles >= next) next = rig.machine.cycles + STUCK_AGAIN;
    },
  };
}

function intermittent(rig: Rig, { at, period, times }: Extract<Act, { kind: 'intermittent' }>): Upkeep {
  let left = times;
  let next = rig.machine.cycles;
  const keep = (): void => {
    if (left > 0) setBit(rig, at, flip);
    left--;
    next = left > 0 ? rig.machine.cycles + period : Number.POSITIVE_INFINITY;
  };
  keep();
  return { nextCycle: () => next, keep };
}

/** The fault happens: now, where the machine stands. The answer is what must be done for it later on. */
export function inject(rig: Rig, { from, what }: Fault): Upkeep | undefined {
  const { machine } = rig;
  const guest = rigGuest(rig, from);
  switch (what.kind) {
    case 'nothing':
    case 'mutant':
      return undefined;
    case 'directed': {
      // The point is the entry of saboteur_poll, whose first argument is the unit of work about to begin.
      const { bug, target, value, args = [] } = what.mailbox;
      monitorOf(rig, guest.index).setMailbox({ bug: BigInt(bug), target, value, work: machine.x(A0), args });
      return undefined;
    }
    case 'flip':
      machine.setX(what.register, machine.x(what.register) ^ (1n << BigInt(what.bit)));
      return undefined;
    case 'flip-operand': {
      const { reads } = machine.operands();
      const register = reads[what.choice % reads.length] ?? A0;
      machine.setX(register, machine.x(register) ^ (1n << BigInt(what.bit)));
      return undefined;
    }
    case 'flip-pc':
      portOf(rig, guest).pc ^= 1n << BigInt(what.bit);
      return undefined;
    case 'flip-csr': {
      const port = portOf(rig, guest);
      const csr = supervisorCsr(what.csr, port.mode);
      port.setCsr(csr.row, port.csr(csr.row) ^ (1n << BigInt(what.bit + csr.shift)));
      return undefined;
    }
    case 'flip-memory':
      for (const at of what.bits) setBit(rig, at, flip);
      return undefined;
    case 'flip-instruction':
      flipInstruction(rig, guest, what.bit);
      return undefined;
    case 'stuck':
      return stuck(rig, what.at, what.value);
    case 'intermittent':
      return intermittent(rig, what);
    case 'own':
      plant(rig, what);
      return undefined;
    case 'rewrite':
      machine.setX(what.register, machine.x(what.register));
      return undefined;
    case 'delay':
      machine.delay(what.cycles);
      return undefined;
  }
}

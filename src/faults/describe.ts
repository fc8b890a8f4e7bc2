// A fault in words: where, and what.

import type { Act, Fault } from './fault.ts';
import type { BitOfMemory } from './fault-space.ts';
import type { Rig } from './rig.ts';
import { BUG } from './saboteur.ts';
import type { Patch } from './software/rewrite.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

function describeDirected(rig: Rig, act: Extract<Act, { kind: 'directed' }>): string {
  const { bug, target, value } = act.mailbox;
  const symbol = rig.symbolAt(Number(target));
  const place = symbol === '' ? hex(target) : `${symbol} (${hex(target)})`;
  switch (bug) {
    case BUG.STORE64:
      return `stores the 64-bit word ${hex(value)} at ${place}`;
    case BUG.STORE32:
      return `stores the 32-bit word ${hex(value)} at ${place}`;
    case BUG.LOAD64:
      return `loads a word from ${place} and reports it`;
    case BUG.DMA:
      return `has its DMA channel copy a page to ${place}`;
    case BUG.SBI_RESET:
      return 'asks for a shutdown by SBI call';
    case BUG.SPIN_MASKED:
      return 'loops for ever with interrupts masked';
    case BUG.PANIC:
      return 'panics';
    case BUG.DEPLETE_MEMORY:
      return 'takes memory until there is none, again and again';
    case BUG.FORK_BOMB:
      return 'starts processes that each start two more';
    case BUG.REAL_TIME_LOOP:
      return 'loops for ever above all its other processes';
    default:
      return `does bug ${bug} of the saboteur`;
  }
}

function describeBit(rig: Rig, { address, bit }: BitOfMemory): string {
  const symbol = rig.symbolAt(address);
  return `bit ${bit} of ${symbol === '' ? '' : `${symbol} `}(0x${address.toString(16)})`;
}

function describePatch({ at, bytes }: Patch): string {
  const digits = [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, '0'));
  return `0x${digits.join('')} at +0x${at.toString(16)}`;
}

export function describeAct(rig: Rig, act: Act): string {
  switch (act.kind) {
    case 'nothing':
      return 'nothing is done';
    case 'directed':
      return describeDirected(rig, act);
    case 'flip':
      return `bit ${act.bit} of x${act.register} flips`;
    case 'flip-pc':
      return `bit ${act.bit} of the program counter flips`;
    case 'flip-csr':
      return `bit ${act.bit} of ${act.csr} flips`;
    case 'flip-memory':
      return `${act.bits.map((at) => describeBit(rig, at)).join(', ')} ${act.bits.length === 1 ? 'flips' : 'flip'}`;
    case 'flip-instruction':
      return `bit ${act.bit} of the next instruction is another one as it is fetched`;
    case 'stuck':
      return `${describeBit(rig, act.at)} is stuck at ${act.value}`;
    case 'intermittent':
      return `${describeBit(rig, act.at)} flips ${act.times} times, every ${act.period} cycles`;
    case 'mutant':
      return `${act.operator}: ${act.patches.map(describePatch).join(', ')}`;
    case 'flip-operand':
      return `bit ${act.bit} of a register flips that the next instruction reads`;
    case 'own':
      return `runs ${act.text.trim().replace(/\s*[\n;]\s*/g, '; ')}`;
    case 'rewrite':
      return `x${act.register} is written with the value it has`;
    case 'delay':
      return `the guest loses ${act.cycles} cycles`;
  }
}

export function describePoint(rig: Rig, { from, when }: Fault): string {
  const symbol = rig.symbolAtPc(from, when.pc);
  const place = symbol === '' ? hex(when.pc) : `${symbol} (${hex(when.pc)})`;
  const since = when.unit === 0 ? '' : ` since unit ${when.unit} of its work`;
  return `before execution ${when.count} of ${place} in ${when.privilege}-mode${since}`;
}

// Machine code in place of other machine code of the same length.

import { AssemblyError, assembleProgram } from '../../machine/index.ts';
import type { Instruction } from './code.ts';

export interface Patch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

const NEAR = 2 ** 11;
const FAR = 2 ** 20;

/** Undefined where the text needs another length, or does not assemble there: an operand that its form cannot hold. */
function patch({ at, length }: Instruction, text: string): Patch | undefined {
  try {
    const { bytes } = assembleProgram(text, at);
    return bytes.length === length ? { at, bytes } : undefined;
  } catch (error) {
    if (error instanceof AssemblyError) return undefined;
    throw error;
  }
}

/** Patches of one instruction: one, or none where it cannot be said in as many bytes. */
export function toText(instruction: Instruction, text: string): Patch[] {
  const one = patch(instruction, text);
  return one === undefined ? [] : [one];
}

export function toNop(instruction: Instruction): Patch[] {
  return toText(instruction, instruction.length === 2 ? 'c.nop' : 'nop');
}

/** An unconditional jump to `target`; none where a short one does not reach so far. */
export function toJump(instruction: Instruction, target: number): Patch[] {
  const short = instruction.length === 2;
  const distance = target - instruction.at;
  const reach = short ? NEAR : FAR;
  if (distance < -reach || distance >= reach) return [];
  return toText(instruction, `${short ? 'c.j' : 'j'} ${target}`);
}

/** The instruction itself, elsewhere. */
export function moved({ word, length }: Instruction, at: number): Patch {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = word >>> (8 * index);
  return { at, bytes };
}

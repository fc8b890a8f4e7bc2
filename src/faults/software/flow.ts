// Control flow of one function: basic blocks, and the statements that a compiler's output lets us see.

import type { CodeFunction, Instruction } from './code.ts';

export interface Block {
  readonly instructions: readonly Instruction[];
}

export interface Flow {
  readonly code: CodeFunction;
  readonly blocks: readonly Block[];
  /** The block that begins there. */
  blockAt(address: number): Block | undefined;
  /** The instruction before that address. */
  before(address: number): Instruction | undefined;
  /** Instructions from `from` to below `to`. */
  between(from: number, to: number): readonly Instruction[];
}

const RA = 1;
const SP = 2;
/** s0 is the frame pointer; s1 to s11 hold what lives across calls. */
const FRAME = 8;
export const isVariable = (register: number): boolean => register === 9 || (register >= 18 && register <= 27);

const ENDS: ReadonlySet<Instruction['kind']> = new Set(['branch', 'jump', 'return', 'leave']);

export const endsBlock = ({ kind }: Instruction): boolean => ENDS.has(kind);

export function flowOf(code: CodeFunction): Flow {
  const { instructions } = code;
  const index = new Map(instructions.map(({ at }, position) => [at, position]));
  const leaders = new Set([code.start]);
  for (const instruction of instructions) {
    if (!endsBlock(instruction)) continue;
    leaders.add(instruction.at + instruction.length);
    if (instruction.target !== undefined) leaders.add(instruction.target);
  }
  const blocks: { instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (leaders.has(instruction.at)) blocks.push({ instructions: [] });
    blocks.at(-1)?.instructions.push(instruction);
  }
  const byStart = new Map(blocks.map((block) => [block.instructions[0]?.at, block]));
  return {
    code,
    blocks,
    blockAt: (address) => byStart.get(address),
    before: (address) => instructions[(index.get(address) ?? (address === code.end ? instructions.length : 0)) - 1],
    between: (from, to) => instructions.filter(({ at }) => at >= from && at < to),
  };
}

/** Prologues and epilogues keep and give back what belongs to the caller. */
function isBookkeeping({ kind, rs1, rs2, writes }: Instruction): boolean {
  if (kind === 'store') return rs1 === SP && (rs2 === RA || rs2 === FRAME || isVariable(rs2));
  return kind === 'load' ? rs1 === SP : writes === SP || writes === FRAME;
}

/** Something that a line of source does: a store, a call, an access to a CSR, or a value for a variable that outlives a
 * call. What only computes an operand of one is part of it. */
export function isStatement(instruction: Instruction): boolean {
  if (isBookkeeping(instruction)) return false;
  const { kind, writes } = instruction;
  return kind === 'store' || kind === 'call' || kind === 'system' || isVariable(writes);
}

export const statementsOf = (instructions: readonly Instruction[]): Instruction[] => instructions.filter(isStatement);

/** C2 of the catalogue: the statement is not the only one of its block. */
export const hasCompany = ({ instructions }: Block): boolean => statementsOf(instructions).length >= 2;

/** C9: at most five statements, and no loop. */
export function isSmallBody(body: readonly Instruction[]): boolean {
  const count = statementsOf(body).length;
  const loops = body.some(({ kind, target, at }) => kind !== 'call' && target !== undefined && target <= at);
  return count >= 1 && count <= 5 && !loops;
}

/** Is the value in that register, before the instruction at `position` of the block, one that stands in the code? */
export function isConstant(block: Block, position: number, register: number): boolean {
  if (register === 0) return true;
  const writer = block.instructions.findLastIndex(({ writes }, index) => index < position && writes === register);
  const found = block.instructions[writer];
  if (found === undefined) return false;
  if (found.name === 'lui' || (found.name === 'addi' && found.rs1 === 0)) return true;
  const extends_ = found.name === 'addi' || found.name === 'addiw' || found.name === 'slli';
  return extends_ && found.rs1 === register && isConstant(block, writer, register);
}

/** The variable that a statement gives a value to: a register, or a slot of the frame; empty where it lies elsewhere. */
export function variableOf({ kind, rs1, imm, writes }: Instruction): string {
  if (kind === 'store') return rs1 === FRAME || rs1 === SP ? `${rs1 === SP ? 'sp' : 's0'}${imm}` : '';
  return isVariable(writes) ? `x${writes}` : '';
}

// Operators on values: MVIV, MVAV, MVAE, WVAV, WPFV, WAEP, MLPA, WALR.

import type { Instruction } from './code.ts';
import {
  type Block,
  type Flow,
  hasCompany,
  isConstant,
  isStatement,
  isVariable,
  statementsOf,
  variableOf,
} from './flow.ts';
import type { Site } from './operators.ts';
import { moved, type Patch, toNop, toText } from './rewrite.ts';

interface Assignment {
  readonly instruction: Instruction;
  readonly constant: boolean;
  /** The first that its variable, local to the function, is given. */
  readonly initial: boolean;
}

const isMove = ({ name, rs1, imm }: Instruction): boolean => name === 'addi' && rs1 !== 0 && imm === 0;

function givesConstant(block: Block, position: number, { kind, rs2, name, rs1 }: Instruction): boolean {
  if (kind === 'store') return isConstant(block, position, rs2);
  return name === 'lui' || (name === 'addi' && rs1 === 0);
}

/** Stores, and values for the registers of variables, that have company in their block (C2). */
function assignmentsOf(flow: Flow): Assignment[] {
  const known = new Set<string>();
  return flow.blocks.flatMap((block) =>
    block.instructions.flatMap((instruction, position): Assignment[] => {
      const { kind } = instruction;
      if (!isStatement(instruction) || (kind !== 'store' && kind !== 'plain')) return [];
      const variable = variableOf(instruction);
      const initial = variable !== '' && !known.has(variable);
      known.add(variable);
      if (!hasCompany(block) || isMove(instruction)) return [];
      return [{ instruction, initial, constant: givesConstant(block, position, instruction) }];
    }),
  );
}

const without = (found: readonly Assignment[]): Site[] =>
  found.map(({ instruction }) => ({ at: instruction.at, patches: toNop(instruction) }));

/** MVIV: a local variable's first value, if it stands in the code. */
export const missingInitialisation = (flow: Flow): Site[] =>
  without(assignmentsOf(flow).filter(({ constant, initial }) => constant && initial));

/** MVAV: any other constant. */
export const missingConstant = (flow: Flow): Site[] =>
  without(assignmentsOf(flow).filter(({ constant, initial }) => constant && !initial));

/** MVAE: what is computed. */
export const missingExpression = (flow: Flow): Site[] =>
  without(assignmentsOf(flow).filter(({ constant }) => !constant));

/** The same instruction with the immediate one more, or one less where its form holds no more. */
function offByOne(instruction: Instruction): Patch[] {
  const { form, rd, rs1, imm } = instruction;
  for (const other of [imm + 1, imm - 1]) {
    const source = form.startsWith('c.') ? '' : ` x${rs1},`;
    const patches = toText(instruction, `${form} x${rd},${source} ${other}`);
    if (patches.length > 0) return patches;
  }
  return [];
}

/** WVAV: a constant that something is given, off by one. */
export function wrongValue(flow: Flow): Site[] {
  return flow.blocks.flatMap((block) =>
    block.instructions
      .filter(({ name, rs1, rd }) => name === 'addi' && rs1 === 0 && rd !== 0)
      .filter(({ rd, at }) => {
        const reader = block.instructions.find((later) => later.at > at && later.reads.includes(rd));
        return reader?.kind === 'store' ? reader.rs2 === rd : isVariable(rd);
      })
      .map((instruction) => ({ at: instruction.at, patches: offByOne(instruction) })),
  );
}

const A0 = 10;
const A7 = 17;
const isArgument = (register: number): boolean => register >= A0 && register <= A7;

/** The last instruction before each call of the block that gives an argument its value. */
function* argumentsOf(flow: Flow): Generator<readonly Instruction[]> {
  for (const { instructions } of flow.blocks) {
    let since = 0;
    for (const [position, call] of instructions.entries()) {
      if (call.kind !== 'call') continue;
      const last = new Map<number, Instruction>();
      for (const instruction of instructions.slice(since, position))
        if (isArgument(instruction.writes)) last.set(instruction.writes, instruction);
      since = position + 1;
      yield [...last.values()];
    }
  }
}

/** WPFV: an argument is given another argument's variable. */
export function wrongVariable(flow: Flow): Site[] {
  const source = (move: Instruction) => (move.name === 'add' ? move.rs2 : move.rs1);
  return [...argumentsOf(flow)].flatMap((given) => {
    const moves = given.filter((one) => isMove(one) || (one.name === 'add' && one.rs1 === 0));
    return moves.flatMap((move) => {
      const other = moves.map(source).find((register) => register !== source(move) && register !== move.rd);
      if (other === undefined) return [];
      const text = move.length === 2 ? `c.mv x${move.rd}, x${other}` : `addi x${move.rd}, x${other}, 0`;
      return [{ at: move.at, patches: toText(move, text) }];
    });
  });
}

const OTHER: Readonly<Record<string, string>> = {
  add: 'sub',
  sub: 'add',
  addw: 'subw',
  subw: 'addw',
  and: 'or',
  or: 'and',
  'c.add': 'c.sub',
  'c.sub': 'c.add',
  'c.addw': 'c.subw',
  'c.subw': 'c.addw',
  'c.and': 'c.or',
  'c.or': 'c.and',
};
const ADDING = new Set(['addi', 'addiw', 'c.addi', 'c.addiw']);

/** WAEP: an argument is computed with another operator, or off by one. */
export function wrongArithmetic(flow: Flow): Site[] {
  return [...argumentsOf(flow)].flat().flatMap((instruction): Site[] => {
    const { form, rd, rs1, rs2, imm, at } = instruction;
    const other = OTHER[form];
    if (other !== undefined) {
      const operands = form.startsWith('c.') ? `x${rd}, x${rs2}` : `x${rd}, x${rs1}, x${rs2}`;
      return [{ at, patches: toText(instruction, `${other} ${operands}`) }];
    }
    // Without an operand, or by 0, it is no expression; with a page address before it, it is a pointer.
    const isPointer = flow.before(at)?.name === 'auipc';
    const isExpression = ADDING.has(form) && rs1 !== 0 && imm !== 0 && !isPointer;
    return isExpression ? [{ at, patches: offByOne(instruction) }] : [];
  });
}

/** MLPA: two to five statements that follow each other in a block with more of them. */
export function missingPart(flow: Flow): Site[] {
  const most = 5;
  return flow.blocks.flatMap(({ instructions }): Site[] => {
    const statements = statementsOf(instructions);
    const part = statements.slice(0, Math.min(most, statements.length - 1));
    const [first] = part;
    return first === undefined || part.length < 2 ? [] : [{ at: first.at, patches: part.flatMap(toNop) }];
  });
}

/** WALR: a statement and the instruction after it, which depends on it or it on that, have changed places. */
export function misplaced(flow: Flow): Site[] {
  return flow.blocks.flatMap(({ instructions }) =>
    instructions.flatMap((first, position): Site[] => {
      const second = instructions[position + 1];
      if (second === undefined || first.length !== second.length || !canMove(first) || !canMove(second)) return [];
      if (!isStatement(first) && !isStatement(second)) return [];
      const depends =
        (first.writes !== 0 && second.reads.includes(first.writes)) ||
        (second.writes !== 0 && first.reads.includes(second.writes));
      if (!depends) return [];
      return [{ at: first.at, patches: [moved(second, first.at), moved(first, second.at)] }];
    }),
  );
}

/** Not what computes addresses from its own: it means something else elsewhere. */
const canMove = ({ kind, name }: Instruction): boolean =>
  (kind === 'plain' && name !== 'auipc') || kind === 'load' || kind === 'store';

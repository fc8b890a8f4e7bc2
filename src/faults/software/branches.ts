// Operators on conditions: MIA, MIFS, MIEB, MIES, EIFS, MLAC, MLOC, WLEC.

import type { Instruction } from './code.ts';
import { endsBlock, type Flow, isSmallBody, statementsOf } from './flow.ts';
import type { Site } from './operators.ts';
import { toJump, toNop, toText } from './rewrite.ts';

/** A branch over a body: `if` in the source. With an `else`, `join` is where both go on. */
interface If {
  readonly branch: Instruction;
  readonly target: number;
  readonly join: number | undefined;
}

/** With the `else` behind the body, which ends in a jump over it, or without one. */
function inLine(flow: Flow, branch: Instruction, target: number): If[] {
  const body = flow.between(branch.at + branch.length, target);
  const last = body.at(-1);
  if (!isSmallBody(body)) return [];
  if (last?.kind === 'jump' && last.target !== undefined && last.target > target)
    return [{ branch, target, join: last.target }];
  // A body that leaves by another way has its statements elsewhere.
  return last !== undefined && endsBlock(last) && last.kind !== 'branch' ? [] : [{ branch, target, join: undefined }];
}

/** With the `else` out of line: it jumps back to where the body ends. */
function outOfLine(flow: Flow, branch: Instruction, target: number): If[] {
  const back = flow.blockAt(target)?.instructions.at(-1);
  const join = back?.kind === 'jump' ? back.target : undefined;
  if (join === undefined || join <= branch.at + branch.length || join >= target) return [];
  const isSmall = isSmallBody(flow.between(branch.at + branch.length, join));
  return isSmall ? [{ branch, target, join }] : [];
}

function ifsOf(flow: Flow): If[] {
  return flow.code.instructions.flatMap((branch): If[] => {
    const { kind, target, at } = branch;
    if (kind !== 'branch' || target === undefined || target <= at || target > flow.code.end) return [];
    return [...inLine(flow, branch, target), ...outOfLine(flow, branch, target)];
  });
}

const sites = (found: readonly If[], rewrite: (one: If) => Site['patches']): Site[] =>
  found.map((one) => ({ at: one.branch.at, patches: rewrite(one) }));

/** MIA: the statements are always executed. */
export const missingIfAround = (flow: Flow): Site[] =>
  sites(
    ifsOf(flow).filter(({ join }) => join === undefined),
    ({ branch }) => toNop(branch),
  );

/** MIFS: they never are. */
export const missingIfAndStatements = (flow: Flow): Site[] =>
  sites(
    ifsOf(flow).filter(({ join }) => join === undefined),
    ({ branch, target }) => toJump(branch, target),
  );

/** MIEB: what stands in the `else` always is. */
export const missingIfBeforeElse = (flow: Flow): Site[] =>
  sites(
    ifsOf(flow).filter(({ join }) => join !== undefined),
    ({ branch, target }) => toJump(branch, target),
  );

/** MIES: neither is. */
export const missingIfAndElse = (flow: Flow): Site[] =>
  sites(
    ifsOf(flow).filter(({ join }) => join !== undefined),
    ({ branch, target, join }) => toJump(branch, join ?? target),
  );

/** EIFS: a jump forward over statements that becomes one upon a condition: the result of the last call is not zero. */
export function extraIf(flow: Flow): Site[] {
  return flow.code.instructions
    .filter(({ kind, target, at }) => kind === 'jump' && target !== undefined && target > at && target < flow.code.end)
    .filter(({ at, length, target }) => isSmallBody(flow.between(at + length, target ?? at)))
    .map((jump) => ({
      at: jump.at,
      patches: toText(jump, jump.length === 2 ? `c.bnez a0, ${jump.target}` : `bne a0, zero, ${jump.target}`),
    }));
}

/** Two branches with nothing but operands computed between them: parts of one condition. */
function* chains(flow: Flow): Generator<readonly [Instruction, Instruction]> {
  const branches = flow.code.instructions.filter(({ kind }) => kind === 'branch');
  for (const [index, second] of branches.entries()) {
    const first = branches[index - 1];
    if (first === undefined) continue;
    const between = flow.between(first.at + first.length, second.at);
    const isPure = between.every(({ kind }) => kind === 'plain' || kind === 'load');
    if (isPure && statementsOf(between).length === 0) yield [first, second];
  }
}

const isForward = ({ at, target }: Instruction): boolean => target !== undefined && target > at;

/** MLAC: `a && b` skips the body by either of two branches to one place; one of them is gone. */
export function missingAnd(flow: Flow): Site[] {
  return [...chains(flow)]
    .filter(([first, second]) => isForward(first) && first.target === second.target)
    .flatMap((pair) => pair.map((branch) => ({ at: branch.at, patches: toNop(branch) })));
}

/** MLOC: `a || b` enters the body by the first branch, right behind the second; the first is gone. */
export function missingOr(flow: Flow): Site[] {
  return [...chains(flow)]
    .filter(([first, second]) => isForward(second) && first.target === second.at + second.length)
    .map(([first]) => ({ at: first.at, patches: toNop(first) }));
}

const OPPOSITE: Readonly<Record<string, string>> = {
  beq: 'bne',
  bne: 'beq',
  blt: 'bge',
  bge: 'blt',
  bltu: 'bgeu',
  bgeu: 'bltu',
  'c.beqz': 'c.bnez',
  'c.bnez': 'c.beqz',
};

/** WLEC: the opposite condition. */
export function wrongCondition(flow: Flow): Site[] {
  return flow.code.instructions
    .filter(({ kind }) => kind === 'branch')
    .map((branch) => {
      const second = branch.length === 2 ? '' : ` x${branch.rs2},`;
      const text = `${OPPOSITE[branch.form]} x${branch.rs1},${second} ${branch.target}`;
      return { at: branch.at, patches: toText(branch, text) };
    });
}

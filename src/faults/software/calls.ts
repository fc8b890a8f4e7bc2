// Operators on calls and returns: MFC, EFC, MRS.

import type { CodeFunction, Instruction } from './code.ts';
import { type Block, type Flow, hasCompany, statementsOf } from './flow.ts';
import type { Site } from './operators.ts';
import { toJump, toNop } from './rewrite.ts';

/** The register of a result, and of a first argument. */
const A0 = 10;

/** What becomes of the result of a call, as far as its block tells: read, overwritten, or handed to whoever comes next. */
function fateOf(block: Block, position: number): 'read' | 'dropped' | 'passed on' {
  for (const { kind, reads, writes } of block.instructions.slice(position + 1)) {
    if (reads.includes(A0)) return 'read';
    if (writes === A0) return 'dropped';
    // It may be the next call's first argument.
    if (kind === 'call' || kind === 'leave' || kind === 'system') return 'read';
  }
  return 'passed on';
}

/** Follows the blocks after a call. What reaches the return is the function's own result. */
function fateAfter(flow: Flow, first: Block, position: number): 'read' | 'dropped' | 'returned' {
  const seen = new Set<Block>();
  const waiting: { block: Block | undefined; from: number }[] = [{ block: first, from: position }];
  let returned = false;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { block, from } = next;
    if (block === undefined || (seen.has(block) && from < 0)) continue;
    if (from < 0) seen.add(block);
    const fate = fateOf(block, from);
    if (fate === 'read') return 'read';
    if (fate === 'dropped') continue;
    const last = block.instructions.at(-1);
    if (last === undefined) continue;
    if (last.kind === 'return') returned = true;
    if (last.kind === 'branch' || last.kind === 'jump') {
      if (last.target !== undefined) waiting.push({ block: flow.blockAt(last.target), from: -1 });
    }
    if (last.kind !== 'return' && last.kind !== 'jump')
      waiting.push({ block: flow.blockAt(last.at + last.length), from: -1 });
  }
  return returned ? 'returned' : 'dropped';
}

function* callsOf(flow: Flow): Generator<{ block: Block; position: number; call: Instruction }> {
  for (const block of flow.blocks)
    for (const [position, call] of block.instructions.entries())
      if (call.kind === 'call') yield { block, position, call };
}

/** Addresses of the functions whose result some caller uses. One that nobody calls by name may be called by pointer, and
 * counts as one of them. */
export function functionsWithResult(flows: readonly Flow[]): ReadonlySet<number> {
  const called = new Set(flows.flatMap((flow) => [...callsOf(flow)].flatMap(({ call }) => call.target ?? [])));
  const used = new Set(flows.map(({ code }) => code.start).filter((start) => !called.has(start)));
  for (let size = -1; size !== used.size; ) {
    size = used.size;
    for (const flow of flows) {
      for (const { block, position, call } of callsOf(flow)) {
        const fate = fateAfter(flow, block, position);
        if (call.target !== undefined && (fate === 'read' || (fate === 'returned' && used.has(flow.code.start))))
          used.add(call.target);
      }
      // A tail call's result is its caller's.
      const last = flow.code.instructions.filter(({ kind, target }) => kind === 'leave' && target !== undefined);
      if (used.has(flow.code.start)) for (const { target } of last) if (target !== undefined) used.add(target);
    }
  }
  return used;
}

/** MFC: a call whose result nobody uses. */
export function missingCall(flow: Flow, withResult: ReadonlySet<number>): Site[] {
  return [...callsOf(flow)].flatMap(({ block, position, call }) => {
    const fate = fateAfter(flow, block, position);
    const isUsed = fate === 'read' || (fate === 'returned' && withResult.has(flow.code.start));
    return isUsed || !hasCompany(block) ? [] : [{ at: call.at, patches: toNop(call) }];
  });
}

/** EFC: a return that calls a function first, one that this function calls anyway, or else its neighbour. There is no room
 * for a call in the middle. */
export function extraCall(flow: Flow, others: readonly CodeFunction[]): Site[] {
  const callees = [...callsOf(flow)].flatMap(({ call }) => call.target ?? []);
  const near = others.filter(({ start }) => start !== flow.code.start).map(({ start }) => start);
  return flow.code.instructions
    .filter(({ kind }) => kind === 'return')
    .flatMap((back) => {
      const nearest = [...near].sort((a, b) => Math.abs(a - back.at) - Math.abs(b - back.at)).slice(0, 1);
      for (const target of [...callees, ...nearest]) {
        const patches = toJump(back, target);
        if (patches.length > 0) return [{ at: back.at, patches }];
      }
      return [];
    });
}

/** MRS: a return before the end of the function, or a jump to where it ends. */
export function missingReturn(flow: Flow): Site[] {
  const { instructions, end } = flow.code;
  const isEnd = (block: Block | undefined) =>
    block?.instructions.at(-1)?.kind === 'return' && statementsOf(block.instructions).length === 0;
  return instructions
    .filter(
      ({ kind, at, length, target }) =>
        at + length < end &&
        (kind === 'return' || (kind === 'jump' && target !== undefined && target > at && isEnd(flow.blockAt(target)))),
    )
    .map((back) => ({ at: back.at, patches: toNop(back) }));
}

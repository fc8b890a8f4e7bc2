import { CSRS } from '../../../src/machine/hart/csrs.ts';
import type { Block, Expression, FunctionNode, Statement } from '../../../src/machine/wasm/ast.ts';
import { expressionText, statementText } from './text.ts';

/** A place in a function: what stands there, and the function with something else in its stead. */
export type Site =
  | { readonly kind: 'expression'; readonly node: Expression; readonly put: (by: Expression) => FunctionNode }
  | { readonly kind: 'block'; readonly node: Block; readonly put: (by: Block) => FunctionNode };

/** Does a statement's own expression count? */
type Filter = (statement: Statement) => boolean;
const every: Filter = () => true;

/** Every place of a function, or of the arm that belongs to one CSR where a row is named. */
export function sitesOf(node: FunctionNode, row?: string, filter = every): Site[] {
  if (row === undefined) return [...inBlock(node.body, (body) => ({ ...node, body }), filter)];
  const [first] = node.body;
  const index = CSRS.findIndex(({ name }) => name === row);
  const arm = first?.kind === 'switch' ? first.arms[index] : undefined;
  if (first?.kind !== 'switch' || arm === undefined) throw new Error(`${node.name} has no arm for ${row}`);
  return [...inBlock(arm, (by) => ({ ...node, body: [{ ...first, arms: first.arms.with(index, by) }] }), filter)];
}

/** A statement without the statements within it. */
export function headOf(node: Statement): string {
  switch (node.kind) {
    case 'if':
    case 'while':
      return `${node.kind} (${expressionText(node.test)})`;
    case 'switch':
      return `switch (${expressionText(node.on)})`;
    default:
      return statementText(node);
  }
}

function* inBlock(node: Block, put: (by: Block) => FunctionNode, filter: Filter): Generator<Site> {
  yield { kind: 'block', node, put };
  for (const [i, statement] of node.entries()) yield* inStatement(statement, (by) => put(node.with(i, by)), filter);
}

function* inStatement(node: Statement, put: (by: Statement) => FunctionNode, filter: Filter): Generator<Site> {
  const own = filter(node);
  switch (node.kind) {
    case 'let':
    case 'set':
    case 'do':
      if (own) yield* inExpression(node.value, (value) => put({ ...node, value }));
      return;
    case 'return':
      if (own && node.value !== undefined) yield* inExpression(node.value, (value) => put({ ...node, value }));
      return;
    case 'if':
      if (own) yield* inExpression(node.test, (test) => put({ ...node, test }));
      yield* inBlock(node.yes, (yes) => put({ ...node, yes }), filter);
      if (node.no !== undefined) yield* inBlock(node.no, (no) => put({ ...node, no }), filter);
      return;
    case 'while':
      if (own) yield* inExpression(node.test, (test) => put({ ...node, test }));
      yield* inBlock(node.body, (body) => put({ ...node, body }), filter);
      return;
    case 'switch':
      for (const [i, arm] of node.arms.entries()) {
        yield* inBlock(arm, (by) => put({ ...node, arms: node.arms.with(i, by) }), filter);
      }
      return;
  }
}

function* inExpression(node: Expression, put: (by: Expression) => FunctionNode): Generator<Site> {
  yield { kind: 'expression', node, put };
  switch (node.kind) {
    case 'unary':
      yield* inExpression(node.operand, (operand) => put({ ...node, operand }));
      return;
    case 'binary':
      yield* inExpression(node.left, (left) => put({ ...node, left }));
      yield* inExpression(node.right, (right) => put({ ...node, right }));
      return;
    case 'choose':
      yield* inExpression(node.test, (test) => put({ ...node, test }));
      yield* inExpression(node.yes, (yes) => put({ ...node, yes }));
      yield* inExpression(node.no, (no) => put({ ...node, no }));
      return;
    case 'call':
      for (const [i, argument] of node.args.entries()) {
        yield* inExpression(argument, (by) => put({ ...node, args: node.args.with(i, by) }));
      }
      return;
  }
}

import { CORE_FUNCTIONS } from '../../../src/machine/hart/core.ts';
import type { FunctionNode } from '../../../src/machine/wasm/ast.ts';
import { parseExpression, parseStatements } from '../../../src/machine/wasm/parse.ts';
import { sitesOf } from './sites.ts';
import { blockText, expressionText } from './text.ts';

/** One change to the core, in the semantics language: an expression for an expression, or statements for statements. */
export interface Rewrite {
  readonly function: string;
  /** In csr_read, csr_write or csr_denied: the CSR whose row it is. */
  readonly row?: string;
  readonly replace: string;
  readonly with: string;
}

export function coreFunction(name: string): FunctionNode {
  const node = CORE_FUNCTIONS.find((one) => one.name === name);
  if (node === undefined) throw new Error(`the core has no function ${name}`);
  return node;
}

/** The function as rewritten. Throws unless `replace` stands there exactly once: a mutant that changes nothing proves nothing. */
export function rewrite(change: Rewrite): FunctionNode {
  const results = isStatements(change.replace) ? statementsReplaced(change) : expressionReplaced(change);
  const [result] = results;
  if (result === undefined || results.length > 1) {
    const place = [change.function, change.row].filter((part) => part !== undefined).join(' ');
    throw new Error(`${place} has ${results.length} times, not once: ${change.replace}`);
  }
  return result;
}

const isStatements = (text: string) => /[;}]\s*$/.test(text);

function expressionReplaced(change: Rewrite): FunctionNode[] {
  const wanted = expressionText(parseExpression(change.replace));
  const by = parseExpression(change.with);
  return sitesOf(coreFunction(change.function), change.row).flatMap((site) =>
    site.kind === 'expression' && expressionText(site.node) === wanted ? [site.put(by)] : [],
  );
}

function statementsReplaced(change: Rewrite): FunctionNode[] {
  const pattern = parseStatements(change.replace);
  const wanted = blockText(pattern);
  const by = parseStatements(change.with);
  return sitesOf(coreFunction(change.function), change.row).flatMap((site) => {
    if (site.kind !== 'block') return [];
    const { node, put } = site;
    return node.flatMap((_, at) =>
      blockText(node.slice(at, at + pattern.length)) === wanted ? [put(node.toSpliced(at, pattern.length, ...by))] : [],
    );
  });
}

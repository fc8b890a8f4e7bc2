// The operators of the G-SWFIT family by their names, and every mutant that they make of an image. Which mutant has which
// number depends on the image alone.

import type { Elf } from '../../machine/index.ts';
import * as branches from './branches.ts';
import * as calls from './calls.ts';
import { functionsOf } from './code.ts';
import { type Flow, flowOf } from './flow.ts';
import type { Patch } from './rewrite.ts';
import * as values from './values.ts';

/** A place of one operator: the first instruction that becomes another, and all that do. Without patches where the
 * mutated code does not fit into the place of the old. */
export interface Site {
  readonly at: number;
  readonly patches: readonly Patch[];
}

/** What an operator may look at besides the function. */
interface Program {
  readonly flows: readonly Flow[];
  readonly withResult: ReadonlySet<number>;
}

type Operator = (flow: Flow, program: Program) => Site[];

const OPERATORS = {
  MFC: (flow, { withResult }) => calls.missingCall(flow, withResult),
  MVIV: values.missingInitialisation,
  MVAV: values.missingConstant,
  MVAE: values.missingExpression,
  MIA: branches.missingIfAround,
  MIFS: branches.missingIfAndStatements,
  MIEB: branches.missingIfBeforeElse,
  MLAC: branches.missingAnd,
  MLOC: branches.missingOr,
  MLPA: values.missingPart,
  WVAV: values.wrongValue,
  WPFV: values.wrongVariable,
  WAEP: values.wrongArithmetic,
  WLEC: branches.wrongCondition,
  WALR: values.misplaced,
  EFC: (flow, { flows }) =>
    calls.extraCall(
      flow,
      flows.map(({ code }) => code),
    ),
  EIFS: branches.extraIf,
  MIES: branches.missingIfAndElse,
  MRS: calls.missingReturn,
} as const satisfies Readonly<Record<string, Operator>>;

export type OperatorName = keyof typeof OPERATORS;

export const isOperator = (name: string): name is OperatorName => Object.hasOwn(OPERATORS, name);

export interface Mutant {
  readonly operator: OperatorName;
  /** As linked. */
  readonly at: number;
  readonly patches: readonly Patch[];
}

const OPERATOR_NAMES = Object.keys(OPERATORS) as OperatorName[];

export type Mutants = ReadonlyMap<OperatorName, readonly Mutant[]>;

/** By operator; one without a place in the image has no entry. */
export function mutantsOf(elf: Pick<Elf, 'segments' | 'sections' | 'symbols'>): Mutants {
  const flows = functionsOf(elf).map(flowOf);
  const program = { flows, withResult: calls.functionsWithResult(flows) };
  const found = OPERATOR_NAMES.map((operator) => {
    const make: Operator = OPERATORS[operator];
    const sites = flows.flatMap((flow) => make(flow, program)).filter(({ patches }) => patches.length > 0);
    // Of a condition in three parts, the middle one is a part of two pairs.
    const once = new Map(sites.map((site) => [site.at, site]));
    return [operator, [...once.values()].map((site): Mutant => ({ operator, ...site }))] as const;
  });
  return new Map(found.filter(([, mutants]) => mutants.length > 0));
}

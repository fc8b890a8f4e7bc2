// SWF: the operators of the G-SWFIT family, which mutate machine code the way programmers err.

import { drawWeighted } from '../fault-space.ts';
import type { Random } from '../random.ts';
import type { Mutant, OperatorName } from '../software/operators.ts';
import { type FaultClass, randomAt } from './fault-class.ts';

/** Code that was analysed for mutants; that of a stranger's kernel is not. */
export const ANALYSED = 'analysed code';
const FLOW = 'incorrect execution flow';

const OPERATORS: readonly (readonly [name: OperatorName, text: string])[] = [
  ['MFC', 'missing function call'],
  ['MVIV', 'missing variable initialisation with a value'],
  ['MVAV', 'missing assignment with a value'],
  ['MVAE', 'missing assignment with an expression'],
  ['MIA', 'missing if around statements'],
  ['MIFS', 'missing if and its statements'],
  ['MIEB', 'missing if, statements and else before statements'],
  ['MLAC', 'missing and-expression in a condition'],
  ['MLOC', 'missing or-expression in a condition'],
  ['MLPA', 'missing small part of the algorithm'],
  ['WVAV', 'wrong value assigned'],
  ['WPFV', 'wrong variable in a parameter'],
  ['WAEP', 'wrong arithmetic expression in a parameter'],
  ['WLEC', 'wrong logical expression in a condition'],
  ['WALR', 'misplaced code'],
  ['EFC', 'extraneous function call'],
  ['EIFS', 'extraneous if'],
  ['MIES', 'missing if with its else'],
  ['MRS', 'missing return'],
];

const act = ({ operator, at, patches }: Mutant) => ({ kind: 'mutant', operator, at, patches }) as const;

const one = <T>(items: readonly T[], random: Random): T => drawWeighted(items, () => 1, random);

export const software: readonly FaultClass[] = [
  // Each operator with the same weight, however many places it has.
  randomAt(ANALYSED, 'SWF', 'software fault of any operator', FLOW, ({ mutants }, random) =>
    act(one(one([...mutants.values()], random), random)),
  ),
  ...OPERATORS.map(([name, text]) =>
    randomAt(name, `SWF-${name}`, text, FLOW, ({ mutants }, random) => act(one(mutants.get(name) ?? [], random))),
  ),
];

// SWF: the operators of the G-SWFIT family, which mutate machine code the way programmers err.

import { awaiting, type FaultClass } from './fault-class.ts';

const operators: readonly (readonly [name: string, text: string])[] = [
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

export const software: readonly FaultClass[] = operators.map(([name, text]) =>
  awaiting('random', `SWF-${name}`, text, 'incorrect execution flow', 'needs the machine-code mutator'),
);

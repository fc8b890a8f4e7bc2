// What is wrong with an act of the user's own, in the two lines that every error has.

import { ActProblem } from '../faults/assembly.ts';
import { AssemblyError } from '../machine/index.ts';
import { UsageError } from './errors.ts';

/** Does the work; an act that cannot be made is the user's to mend. */
export function explainingAct<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AssemblyError || error instanceof ActProblem)) throw error;
    throw new UsageError(`${place} the act`, error.message, 'a0 holds a place to hit; see docs/bring-your-own.md');
  }
}

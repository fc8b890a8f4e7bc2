// A bug of one's own: assembled, planted over the bugs that guests link, and called once in place of them.

import { assembleProgram } from '../machine/index.ts';
import type { Fault } from './fault.ts';
import type { Rig, RigGuest } from './rig.ts';

/** Stands for it in records and ids; no class of the catalogue, because its text is the scenario's or the id's. */
export const OWN_ACT = 'OWN-ACT';

/** First function of the guest's own bugs; `saboteur_poll`, which calls them, is behind them. */
const FIRST_BUG = 'store64';
const RETURN = 'ret';

export class ActProblem extends Error {
  override readonly name = 'ActProblem';
}

/** What the code finds in registers: the places that most bugs of this kind are about. */
function argumentsFor(to: RigGuest): bigint[] {
  return [BigInt(to.symbol('trap_entry')), BigInt(to.memory.base), BigInt(to.symbol('work_data'))];
}

/** The text as an act of `from` at `to`, at the point of directed acts. It ends with a return, added where it is missing,
 * and may use every register that a called function may.
 * @throws ActProblem where it does not fit, AssemblyError where it does not assemble */
export function ownAct(point: Pick<Fault, 'when' | 'inputSeed'>, from: RigGuest, to: RigGuest, text: string): Fault {
  const at = from.symbol(FIRST_BUG);
  const room = Number(from.pollPc) - at;
  const { bytes } = assembleProgram(`${text.replaceAll(';', '\n')}\n${RETURN}\n`, at);
  if (bytes.length > room) {
    throw new ActProblem(`takes ${bytes.length} bytes with its return, there is room for ${room} in ${from.name}`);
  }
  return {
    ...point,
    from: from.index,
    what: { kind: 'own', text, at, code: [...bytes], arguments: argumentsFor(to) },
  };
}

export function plant({ machine, physical }: Rig, act: Extract<Fault['what'], { kind: 'own' }>): void {
  machine.write(physical(act.at), Uint8Array.from(act.code));
  machine.pc = BigInt(act.at);
  act.arguments.forEach((value, index) => {
    machine.setX(FIRST_ARGUMENT + index, value);
  });
}

/** a0 */
const FIRST_ARGUMENT = 10;

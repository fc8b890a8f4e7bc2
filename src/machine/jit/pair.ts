import { createMachine, type Machine, type MachineOptions } from '../index.ts';
import { assemble } from '../isa/assemble.ts';
import type { Tuning } from './regions.ts';

export const BASE = 0x80000000;
export const DATA = BASE + 0x10000;
export const RAM = 2 ** 20;

/** For tests: the same program in two machines; one compiles regions, the other does not. */
export function pair(text: string, options: Partial<MachineOptions> = {}, tuning: Partial<Tuning> = {}) {
  const make = (engine: NonNullable<MachineOptions['engine']>): Machine => {
    const machine = createMachine({ ram: RAM, timing: 'inorder', guests: 1, ...options, engine });
    machine.write(BASE, assemble(text, BASE));
    machine.start(BASE, 0, 0);
    return machine;
  };
  const [regions, plain] = [make({ kind: 'regions', threshold: 1, ...tuning }), make({ kind: 'interpreter' })];
  const both = (act: (machine: Machine) => void) => {
    act(regions);
    act(plain);
  };
  const at = (machine: Machine): string => {
    const { cycles, instret, pc } = machine;
    return `cycle ${cycles}, instruction ${instret}, pc ${pc.toString(16)}, hash ${machine.hash()}`;
  };
  /** Throws where the machines differ; `what` says in the message when that was. */
  const same = (what = '') => {
    if (at(regions) !== at(plain)) throw new Error(`${what}: regions at ${at(regions)}\nplain at ${at(plain)}`);
  };
  return { regions, plain, both, same };
}

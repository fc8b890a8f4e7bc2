// A run in slices, with a debugger before it or without.

import type { Progress } from '../gdb/target.ts';
import { createMachine, type Machine, type MachineOptions, type Stop } from '../machine/index.ts';
import { type Debuggee, serveDebugger } from './gdb-server.ts';
import type { Host } from './host.ts';

/** The machine that `taco run` boots on: what its guests do often is compiled, which changes nothing that they do. */
export const machineToRun = (options: MachineOptions): Machine =>
  createMachine({ ...options, engine: { kind: 'regions' } });

/** Cuts a run into slices; where a debugger stops in one, the next run goes on to the end of the same. */
export class Slices {
  readonly #machine: Pick<Machine, 'run' | 'cycles'>;
  readonly #length: number;
  #end = 0;
  #whole = true;

  constructor(machine: Pick<Machine, 'run' | 'cycles'>, length: number) {
    this.#machine = machine;
    this.#length = length;
  }

  next(limit: number): Stop {
    if (this.#whole) this.#end = Math.min(limit, this.#machine.cycles + this.#length);
    const stop = this.#machine.run(this.#end);
    this.#whole = stop.kind !== 'debug';
    return stop;
  }
}

/** A run as its command sees it: one slice further, and why that was the last, or an empty text. */
export interface Course {
  readonly slice: () => Stop;
  /** Asked after each whole slice. */
  readonly ended: (stop: Stop) => string;
}

/** Runs to the end and says why it was the end. */
export async function follow(
  host: Host,
  course: Course,
  gdb: { readonly port: number; readonly debuggee: Omit<Debuggee, 'run'> } | undefined,
): Promise<string> {
  let reason = '';
  if (gdb !== undefined) {
    const run = (): Progress => {
      const stop = course.slice();
      if (stop.kind === 'debug') return { kind: 'stopped', stop: stop.stop };
      reason = course.ended(stop);
      if (reason === '') return { kind: 'running' };
      return { kind: stop.kind === 'idle' ? 'stuck' : 'over' };
    };
    const ending = await serveDebugger(host, gdb.port, { ...gdb.debuggee, run });
    if (ending === 'killed') return 'the debugger ended it';
    if (ending === 'over') return reason;
  }
  do reason = course.ended(course.slice());
  while (reason === '');
  return reason;
}

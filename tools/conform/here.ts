import { createMachine, type Machine } from '../../src/machine/index.ts';
import type { Batch, Ran, Runner } from './batch.ts';
import { RAM_BASE, RAM_BYTES } from './layout.ts';

/** Cycles that no program comes near, for each program of a batch. */
const CYCLES = 1_000_000;

const NOTHING = new Uint8Array(RAM_BYTES);

export const TIMINGS = ['functional', 'inorder'] as const;
export type Timing = (typeof TIMINGS)[number];

/** Regions are compiled at their first arrival, so that short programs meet them. */
export const ENGINES = {
  interpreter: { kind: 'interpreter' },
  regions: { kind: 'regions', threshold: 1, cap: 500 },
} as const;
export type Engine = keyof typeof ENGINES;

/** This project's machine; its results must not depend on its timing, nor on its engine. */
export class Here implements Runner {
  readonly name = 'taco';
  readonly #machine: Machine;

  constructor(timing: Timing = 'functional', engine: Engine = 'interpreter') {
    this.#machine = createMachine({ ram: RAM_BYTES, timing, guests: 1, engine: ENGINES[engine] });
    // Nobody's access to it is foreign, so none is noted.
    this.#machine.ownership([{ base: RAM_BASE, size: RAM_BYTES, owner: 'channel' }]);
  }

  get regionsCompiled(): number {
    return this.#machine.regionsCompiled;
  }

  run(batch: Batch): Promise<Ran> {
    const machine = this.#machine;
    machine.write(RAM_BASE, batch.image);
    // What programs before stored there, which those of another machine need not have.
    machine.write(RAM_BASE + batch.image.length, NOTHING.subarray(batch.image.length));
    machine.start(RAM_BASE, 0, 0);
    const stop = machine.run(machine.cycles + CYCLES * (batch.programs.length + 1));
    if (stop.kind === 'finished') return Promise.resolve({ memory: machine.view(RAM_BASE, batch.image.length) });
    const at = `${stop.kind} at pc 0x${machine.pc.toString(16)} in ${machine.privilege}`;
    return Promise.resolve({ stuck: at });
  }

  close(): void {}
}

// Both engines at the same moments of the same run: state, instructions and cycles must be the same.
import type { Machine, MachineOptions } from '../../../src/machine/index.ts';

export type Engine = NonNullable<MachineOptions['engine']>;

/** A number from 0 on, below a bound. */
export type Draw = (below: number) => number;

/** How often must something arrive, and how much is compiled at once: anything gives the same results. */
export const someTuning = (draw: Draw): Engine => ({ kind: 'regions', threshold: 1 + draw(60), cap: 1 + draw(500) });

export interface Compared {
  readonly points: number;
  /** Regions compiled in the one machine. */
  readonly regions: number;
  /** What was not the same, where and how: the first; undefined where everything was. */
  readonly difference: string | undefined;
}

const stateOf = (machine: Machine, stop: unknown): string => {
  const { cycles, instret, pc } = machine;
  return `cycle ${cycles}, instret ${instret}, pc 0x${pc.toString(16)}, state ${machine.hash()}, ${JSON.stringify(stop)}`;
};

/** Runs both machines to the same random cycles, from `step` to twice that apart, and compares them there; ends sooner where
 * their run ends. */
export function comparePoints(boot: (engine: Engine) => Machine, points: number, step: number, draw: Draw): Compared {
  const engine = someTuning(draw);
  const compiling = boot(engine);
  const plain = boot({ kind: 'interpreter' });
  for (let point = 1; point <= points; point++) {
    const until = plain.cycles + step + draw(step);
    const [stop, wanted] = [compiling.run(until), plain.run(until)];
    const [is, was] = [stateOf(compiling, stop), stateOf(plain, wanted)];
    const { regionsCompiled: regions } = compiling;
    if (is !== was) {
      const difference = `point ${point}, ${JSON.stringify(engine)}\n    regions      ${is}\n    interpreter  ${was}`;
      return { points: point, regions, difference };
    }
    if (stop.kind !== 'limit') return { points: point, regions, difference: undefined };
  }
  return { points, regions: compiling.regionsCompiled, difference: undefined };
}

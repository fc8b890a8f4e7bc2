import { describe, expect, it } from 'vitest';
import { OFFSET, PC, SLOT, toyRig } from '../../test/toy-machine.ts';
import { runExperiment } from './experiment.ts';
import type { Fault } from './fault.ts';
import type { Rig } from './rig.ts';
import { runGolden } from './run-to-end.ts';
import { BUG } from './saboteur.ts';

const SEED = 1;
const DRAWS = 160;
/** A bit of a register, at the third poll. */
const faults = Array.from(
  { length: DRAWS },
  (_, n): Fault => ({
    from: 0,
    when: { unit: 0, privilege: 'S', pc: BigInt(PC.POLL), count: 3, context: undefined },
    what: { kind: 'flip', register: 1 + (n % 31), bit: n % 64 },
    inputSeed: SEED,
  }),
);

/** Experiments after which the harness is said to have erred. */
function errors(rig: Rig): string[] {
  const golden = runGolden(rig, SEED);
  // The first one writes to its neighbour.
  const target = BigInt(2 * SLOT + OFFSET.WORK);
  const what = { kind: 'directed', mailbox: { bug: BUG.STORE64, target, value: 5n } } as const;
  return [...faults.map((fault) => ({ ...fault, what })).slice(0, 1), ...faults]
    .map((fault) => runExperiment(rig, golden, fault).outcome.harnessError)
    .filter((error) => error !== '');
}

describe('going back to a snapshot', () => {
  it('is verified by hash in one experiment of sixteen', () => {
    const rig = toyRig({ mode: 'open' });
    const golden = runGolden(rig, SEED);
    let hashes = 0;
    const { hash } = rig.machine;
    Object.assign(rig.machine, {
      hash: () => {
        hashes++;
        return hash.call(rig.machine);
      },
    });
    for (const fault of faults) runExperiment(rig, golden, fault);
    // Each is hashed in its end.
    const verified = hashes - DRAWS;
    expect(verified).toBeGreaterThan(DRAWS / 32);
    expect(verified).toBeLessThan(DRAWS / 8);
    expect(errors(toyRig({ mode: 'open' }))).toEqual([]);
  });

  it('is a harness error where it does not restore what was', () => {
    const found = errors(toyRig({ mode: 'open', defect: 'restore forgets' }));
    expect(found).toContainEqual(
      expect.stringMatching(/gone back to unit 0 of rtos, the machine is in state .*, not in /),
    );
  });
});

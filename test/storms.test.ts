// A pending bit that flips and that nobody takes back: which guests must take the interrupt for ever, on the machine.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labOf } from '../src/cli/tasks.ts';
import { openWorkspace } from '../src/cli/workspace.ts';
import { inject } from '../src/faults/acts.ts';
import { CONTROLS } from '../src/faults/controls.ts';
import { approach } from '../src/faults/experiment.ts';
import { describeStorms } from '../src/faults/mechanism.ts';
import { conduct, faultOf } from '../src/faults/plan.ts';
import { watchStorms } from '../src/faults/storms.ts';

const lab = labOf(openWorkspace(join(import.meta.dirname, '..'), undefined));
const EXTERNAL = 9;

/** The storms after the pending bit of external interrupts flips in that guest, at a point of its run. */
function storms(mode: string, from: string) {
  const id = { class: CONTROLS.NO_FAULT, mode, from, seed: 1, n: 0 };
  const rig = lab.rig(mode);
  const fault = faultOf(lab, id);
  const golden = lab.golden(mode, fault.inputSeed);
  if (!approach(rig, golden, fault)) throw new Error('the point is not reached');
  inject(rig, { ...fault, what: { kind: 'flip-csr', csr: 'sip', bit: EXTERNAL } });
  const stop = watchStorms(rig);
  rig.machine.run(golden.endCycle);
  const seen = stop();
  return { text: describeStorms(rig, seen), seen };
}

describe('a pending bit that stays set', () => {
  it.each(['colocated', 'partitioned'])('is the hart’s in %s, so every guest takes the interrupt', (mode) => {
    const { text, seen } = storms(mode, 'rtos');
    expect(text).toBe(
      'rtos and unix take external interrupts without end: the pending bit of the hart stays set, whoever runs',
    );
    expect(seen.map(({ interrupt }) => interrupt)).toEqual([EXTERNAL, EXTERNAL]);
  });

  it('is the guest’s own in virtualized, and the neighbour takes none', () => {
    expect(storms('virtualized', 'rtos').seen.filter(({ guest }) => guest !== 0)).toEqual([]);
  });

  it.each(['colocated', 'virtualized'])('is in no healthy run: %s', (mode) => {
    const record = conduct(lab, { class: CONTROLS.NO_FAULT, mode, from: 'unix', seed: 1, n: 0 });
    expect(record.mechanism).toBe('no foreign effect');
  });
});

import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootRig } from './boot-rig.ts';
import { runExperiment } from './experiment.ts';
import { NO_ENDPOINT } from './outcome.ts';
import { runGolden } from './run-to-end.ts';
import { BUG } from './saboteur.ts';

// What a guest does to itself must stop nobody else: not the layer, not the neighbour, not the host.

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 300us, args: "panic=halt work=16" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 16, bound: 50ms, args: "panic=halt map=own work=16" }
`;
const loaded = loadScenario('hostile.yaml', SCENARIO);
const images = openImages(loaded, readBuiltImage);
/** Bytes that a console keeps at most, in the host's memory. */
const CONSOLE_KEPT = 64 * 1024 + 100;

const selfHarm = {
  'console flood': BUG.CONSOLE_FLOOD,
  'trap storm': BUG.TRAP_STORM,
  'double fault': BUG.DOUBLE_FAULT,
  'loop with interrupts masked': BUG.SPIN_MASKED,
  shutdown: BUG.SBI_RESET,
  'store to nowhere': BUG.STORE64,
};

describe.each(['colocated', 'partitioned', 'open', 'virtualized'])('in %s', (mode) => {
  const [plan] = planBoots(findMode(mode), loaded.scenario, images);
  if (plan === undefined) throw new RangeError(mode);
  const rig = bootRig(plan);
  const golden = runGolden(rig, 1);

  it.each(Object.entries(selfHarm).flatMap(([name, bug]) => [0, 1].map((from) => [name, bug, from] as const)))(
    'a %s (bug %d) of guest %d harms itself alone',
    (_, bug, from) => {
      const guest = rig.guests[from];
      if (guest === undefined) throw new RangeError(`no guest ${from}`);
      const when = { unit: 0, privilege: 'S' as const, pc: guest.pollPc, count: 3, context: undefined };
      const what = { kind: 'directed' as const, mailbox: { bug, target: 0n, value: 0n } };
      const { outcome, effects } = runExperiment(rig, golden, { from, when, what, inputSeed: 1 });
      expect(outcome.bystanders[0]).toMatchObject({ endpoints: NO_ENDPOINT, failure: 'none', words: 16 });
      expect(outcome).toMatchObject({ layer: 'ok', harnessError: '' });
      expect(['hung', 'crashed']).toContain(outcome.faulty);
      expect(effects).toEqual([]);
      expect(rig.machine.consoles[from]?.text().length).toBeLessThanOrEqual(CONSOLE_KEPT);
    },
  );
});

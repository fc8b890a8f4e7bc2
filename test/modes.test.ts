// The shipped scenario, whole: real images on the real machine, in every mode.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Machine, Translation } from '../src/machine/index.ts';
import { createMachine } from '../src/machine/index.ts';
import type { BootPlan } from '../src/scenario/boot.ts';
import { bootScenario, planBoots } from '../src/scenario/boot.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { readBuiltImage } from './built-images.ts';

const file = 'scenarios/taco.yaml';
const loaded = loadScenario(file, readFileSync(join(import.meta.dirname, '..', file), 'utf8'));
const images = openImages(loaded, readBuiltImage);
const CYCLES = 200_000_000;

function boot(plan: BootPlan, translation?: Translation): Machine {
  const options = { ...plan.machine, ...(translation && { translation }) };
  const machine = bootScenario(createMachine, { ...plan, machine: options });
  for (const { index, work } of plan.guests) machine.monitors[index]?.setDigestWords(work);
  machine.run(CYCLES);
  return machine;
}

/** What each guest of a mode said and worked out, in whichever boot it took part. */
function outcomes(mode: string, translation?: Translation): Record<string, object> {
  const all: Record<string, object> = {};
  for (const plan of planBoots(findMode(mode), loaded.scenario, images)) {
    const machine = boot(plan, translation);
    expect(machine.ledger.entries).toEqual([]);
    expect(machine.translationCapped).toBe(false);
    for (const { name, index } of plan.guests) {
      const monitor = machine.monitors[index];
      all[name] = {
        ended: monitor?.ended,
        crash: monitor?.crash,
        outputs: monitor?.outputs.count,
        digest: monitor?.digest(),
        console: machine.consoles[index]?.text(),
      };
    }
  }
  return all;
}

describe('the shipped scenario', () => {
  const native = outcomes('native');

  it('does all its work when each guest is alone', () => {
    expect(native).toMatchObject({
      rtos: { ended: true, crash: undefined },
      unix: { ended: true, crash: undefined },
    });
  });

  it.each(['colocated', 'partitioned', 'open', 'virtualized'])(
    'does the same work when %s, and touches nothing foreign',
    (mode) => {
      expect(outcomes(mode)).toEqual(native);
    },
  );

  // Layers and guests fence whatever they must: with the worst caches the manual permits, nothing is seen of them.
  it.each(['native', 'colocated', 'partitioned', 'open', 'virtualized'])(
    'does it with adversarial translation when %s',
    (mode) => {
      for (let seed = 1; seed <= 4; seed++) {
        expect(outcomes(mode, { kind: 'adversarial', seed, layer: true, guest: seed % 2 === 0 })).toEqual(native);
      }
    },
  );

  it('faults no page in twice, whatever the hart remembers of what was not there', () => {
    const translation: Translation = { kind: 'adversarial', seed: 1, layer: true, guest: true };
    for (const plan of planBoots(findMode('native'), loaded.scenario, images)) {
      expect(boot(plan, translation).instret / boot(plan).instret).toBeCloseTo(1, 3);
    }
  });

  it.each(['native', 'colocated', 'partitioned', 'open', 'virtualized'])('accounts for every cycle when %s', (mode) => {
    for (const plan of planBoots(findMode(mode), loaded.scenario, images)) {
      const machine = boot(plan);
      const { idle, firmware, layer, guests } = machine.accounting();
      const shared = guests.reduce((sum, guest) => sum + guest.cycles + guest.layerCycles, 0);
      expect(idle + firmware.cycles + layer.cycles + shared).toBe(machine.cycles);
    }
  });
});

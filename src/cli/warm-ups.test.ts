import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { bootRig } from '../faults/boot-rig.ts';
import type { Rig } from '../faults/rig.ts';
import { runFaultFree } from '../faults/run-to-end.ts';
import { type WarmState, type WarmUps, warmMachine } from '../faults/warm-up.ts';
import { type BootPlan, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { openWarmUps } from './warm-ups.ts';

const scenarioText = (warmup: string) => `
machine: { ram: 16M }
factors: { restart: never }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 300us, args: "panic=halt work=40" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 12, bound: 50ms, args: "panic=halt map=own work=24" }
warmup: ${warmup}
`;

function planOf(mode: string, warmup = '6ms'): BootPlan {
  const loaded = loadScenario('warm.yaml', scenarioText(warmup));
  const [plan] = planBoots(findMode(mode), loaded.scenario, openImages(loaded, readBuiltImage));
  if (plan === undefined) throw new RangeError(mode);
  return plan;
}

const SEED = 11;
const root = mkdtempSync(join(tmpdir(), 'taco-warm-'));
const folder = join(root, 'runs', '.warm-ups');
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => rmSync(join(root, 'runs'), { recursive: true, force: true }));

let said: string[] = [];
beforeEach(() => {
  said = [];
});
/** One that counts how often it was of use. */
function open(): WarmUps & { used: number } {
  const warmUps = openWarmUps(root, (sentence) => said.push(sentence));
  const counting = {
    used: 0,
    recall(plan: BootPlan): WarmState | undefined {
      const warm = warmUps.recall(plan);
      if (warm !== undefined) counting.used++;
      return warm;
    },
    keep: warmUps.keep,
  };
  return counting;
}

const everythingOf = ({ machine, guests, reset }: Rig) => {
  machine.restore(reset);
  return {
    cycles: machine.cycles,
    instret: machine.instret,
    hash: machine.hash(),
    ledger: machine.ledger.entries,
    accounting: machine.accounting(),
    consoles: machine.consoles.map((console) => console.text()),
    booted: guests.map(({ booted }) => booted),
  };
};

describe.each(['native', 'colocated', 'partitioned', 'open', 'virtualized'])('the end of a warm-up in %s', (mode) => {
  it('that was kept is the one that is come to on foot, and so is what follows', () => {
    const plan = planOf(mode);
    const onFoot = bootRig(plan);
    const first = bootRig(plan, warmMachine(plan, open()));
    const later = open();
    const second = bootRig(plan, warmMachine(plan, later));
    expect(later.used).toBe(1);
    expect(onFoot.start).toBeGreaterThan(0);
    for (const rig of [first, second]) {
      expect(everythingOf(rig)).toEqual(everythingOf(onFoot));
      expect(runFaultFree(rig, SEED)).toEqual(runFaultFree(onFoot, SEED));
    }
    expect(said).toEqual([]);
  });
});

describe('what is kept', () => {
  const fileOf = (): string => join(folder, readdirSync(folder)[0] ?? '');

  it('belongs to one plan: not to another mode, nor to another warm-up', () => {
    warmMachine(planOf('colocated'), open());
    const others = open();
    for (const plan of [planOf('partitioned'), planOf('colocated', '7ms')]) warmMachine(plan, others);
    expect(others.used).toBe(0);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1)],
    ['empty', () => new Uint8Array()],
    [
      'changed in one bit',
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)),
    ],
  ])('is refused where the file is %s, and is written anew', (_, damage) => {
    const plan = planOf('colocated');
    const { hash } = everythingOf(bootRig(plan, warmMachine(plan, open())));
    writeFileSync(fileOf(), damage(readFileSync(fileOf())));
    const warmUps = open();
    expect(everythingOf(bootRig(plan, warmMachine(plan, warmUps))).hash).toBe(hash);
    expect(warmUps.used).toBe(0);
    expect(said.join()).toContain('is damaged; guests boot again');
    warmMachine(plan, warmUps);
    expect(warmUps.used).toBe(1);
  });

  it('is not believed where it is another state than it says', () => {
    const plan = planOf('colocated');
    let kept: WarmState | undefined;
    warmMachine(plan, {
      recall: () => undefined,
      keep: (_, warm) => {
        kept = warm;
      },
    });
    const forged = (warm: WarmState): WarmState => ({
      ...warm,
      bytes: warm.bytes.map((byte, at) => (at === 5000 ? byte ^ 1 : byte)),
    });
    const machine = warmMachine(plan, { recall: () => kept && forged(kept), keep: () => undefined });
    expect(machine.hash()).toBe(kept?.hash);
  });

  it('is done without where there is no room for it', () => {
    mkdirSync(join(root, 'runs'));
    writeFileSync(folder, 'no folder');
    warmMachine(planOf('colocated'), open());
    expect(said.join()).toContain('cannot be written');
  });
});

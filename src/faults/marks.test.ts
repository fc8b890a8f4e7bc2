import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { createMachine, RAM_BASE } from '../machine/index.ts';
import { type BootPlan, bootScenario, planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { bootRig } from './boot-rig.ts';
import { Random } from './random.ts';
import { type Rig, restore } from './rig.ts';
import { runGolden } from './run-to-end.ts';

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 300us, args: "panic=halt work=16" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 16, bound: 50ms, args: "panic=halt map=own work=16" }
`;
const loaded = loadScenario('marks.yaml', SCENARIO);
const images = openImages(loaded, readBuiltImage);
const SEED = 3;
const SLICE = 500_000;
/** A prime number of places. */
const SAMPLE = 11;

function planOf(mode: string): BootPlan {
  const [plan] = planBoots(findMode(mode), loaded.scenario, images);
  if (plan === undefined) throw new RangeError(mode);
  return plan;
}

const boot = (mode: string): Rig => bootRig(planOf(mode));

describe.each(['colocated', 'virtualized'])('the marks of a golden run in %s', (mode) => {
  const rig = boot(mode);
  const golden = runGolden(rig, SEED);
  const slices = Math.floor(golden.endCycle / SLICE);
  const onFoot = boot(mode);
  restore(onFoot, SEED);
  const states = Array.from({ length: slices }, (_, slice) => {
    onFoot.machine.run(SLICE * (slice + 1));
    return { cycles: onFoot.machine.cycles, hash: onFoot.machine.hash() };
  });

  it('are the states of a run on foot, in whatever order they are gone back to', () => {
    const random = Random.seeded(7);
    const starts = new Set<number>();
    for (let time = 0; time < SAMPLE; time++) {
      const slice = random.below(slices);
      golden.marks.restoreLast(rig, ({ cycle }) => cycle <= (states[slice]?.cycles ?? 0));
      starts.add(rig.machine.cycles);
      rig.machine.run(SLICE * (slice + 1));
      expect({ cycles: rig.machine.cycles, hash: rig.machine.hash() }).toEqual(states[slice]);
    }
    expect(starts.size).toBeGreaterThan(4);
  });

  it('are met by a run that is the golden run, and by no other', () => {
    const ways: ((rig: Rig) => void)[] = [
      () => {},
      ({ machine, guests: [first] }) => {
        const at = (first?.memory.base ?? 0) + (first?.memory.size ?? 0) - 8;
        machine.write(at, Uint8Array.of(1 ^ (machine.read(at, 1)[0] ?? 0)));
      },
      ({ machine }) => machine.monitors[1]?.setMailbox({ bug: 0n, target: 5n, value: 0n, work: 0n, args: [] }),
      ({ machine }) => machine.delay(1),
    ];
    const met = ways.map((disturb) => {
      restore(rig, SEED);
      let marks = 0;
      for (let slice = 1; slice <= slices; slice++) {
        rig.machine.run(SLICE * slice);
        if (slice === 1) disturb(rig);
        if (golden.marks.isAt(rig, Math.floor(rig.machine.cycles / SLICE))) marks++;
      }
      return marks;
    });
    expect(met[0]).toBeGreaterThan(4);
    expect(met.slice(1)).toEqual([0, 0, 0]);
    restore(onFoot, SEED);
    onFoot.machine.run(4 * SLICE);
    // A snapshot belongs to its machine.
    expect(golden.marks.isAt(onFoot, 4)).toBe(false);
  });
});

it('are made as well where the start itself takes most of the room', () => {
  const plan = planOf('colocated');
  const machine = bootScenario(createMachine, { ...plan, machine: { ...plan.machine, ram: 64 * 2 ** 20 } });
  machine.write(RAM_BASE + 16 * 2 ** 20, new Uint8Array(48 * 2 ** 20).fill(1));
  const rig = bootRig(plan, machine);
  const { left, all } = machine.snapshotRoom;
  expect(left).toBeLessThan(all / 2);
  runGolden(rig, SEED).marks.restoreLast(rig, () => true);
  expect(machine.cycles).toBeGreaterThan(0);
});

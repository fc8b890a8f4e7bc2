// Guests on harts of their own: what is done to one, read of one, or said of one is about its own hart.
import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { planBoots } from '../scenario/boot.ts';
import { openImages } from '../scenario/image-set.ts';
import { loadScenario } from '../scenario/load.ts';
import { findMode } from '../scenario/modes.ts';
import { inject } from './acts.ts';
import { bootProbe, bootRig } from './boot-rig.ts';
import { exposureOf } from './exposure.ts';
import type { Act } from './fault.ts';
import { type Rig, restore, rigGuest } from './rig.ts';
import { runGolden } from './run-to-end.ts';
import { supervisorCsr } from './supervisor-csr.ts';
import { sweepRegisters } from './sweep.ts';
import { endOf } from './trace.ts';

const { scenario, images } = (() => {
  const loaded = loadScenario(
    'dedicated.yaml',
    `
machine: { ram: 16M }
factors: { cpus: dedicated }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 4, args: "panic=halt work=4" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 4, bound: 50ms, args: "panic=halt map=own work=4" }
`,
  );
  return { scenario: loaded.scenario, images: openImages(loaded, readBuiltImage) };
})();
const [RTOS, UNIX] = [0, 1];

function rigIn(mode: string): Rig {
  const [plan] = planBoots(findMode(mode), scenario, images);
  if (plan === undefined) throw new Error('no boot');
  return bootRig(plan);
}

describe.each(['colocated', 'virtualized'])('in %s', (mode) => {
  const rig = rigIn(mode);

  function inTheMiddle(guest: number): void {
    restore(rig, 1);
    rig.machine.stopAtInstret(guest, 2000);
    expect(rig.machine.run(rig.patience).kind).toBe('instret');
  }

  const words = () =>
    rig.machine.ports.map((port) => [port.pc, port.csr(supervisorCsr('sscratch', port.mode).row)].map(Number));

  const acts: readonly Act[] = [
    { kind: 'flip-pc', bit: 4 },
    { kind: 'flip-csr', csr: 'sscratch', bit: 4 },
  ];

  it.each(acts)('$kind strikes the hart of the guest that is hit', (what) => {
    for (const from of [RTOS, UNIX]) {
      inTheMiddle(from);
      const before = words();
      inject(rig, {
        from,
        when: { unit: 0, privilege: 'S', pc: 0n, count: 1, context: undefined },
        what,
        inputSeed: 1,
      });
      const changed = words().map((own, hart) => own.map((word, at) => word ^ (before[hart]?.[at] ?? 0)));
      const struck = what.kind === 'flip-pc' ? [16, 0] : [0, 16];
      expect(changed).toEqual([0, 1].map((hart) => (hart === from ? struck : [0, 0])));
    }
  });

  it('what a kernel with paging may write is read off its own tables', () => {
    const golden = runGolden(rig, 1);
    // Four MiB of the layer and two of rtos, none of which unix maps.
    expect(exposureOf(rig, golden, rigGuest(rig, UNIX), 1)).toMatchObject({ writable: 0, foreign: 1024 + 512 });
  });

  it('where a run ends is said of the guest that was hit', () => {
    for (const guest of [RTOS, UNIX]) {
      inTheMiddle(guest);
      const { name } = rigGuest(rig, guest);
      expect([RTOS, UNIX].map((hart) => endOf(rig, hart).who === name)).toEqual([guest === RTOS, guest === UNIX]);
    }
  });
});

describe('the sweep', () => {
  /** By the guest: the threshold of the other's S context. */
  const thresholds = [0x0c20_3000, 0x0c20_1000];

  it.each([RTOS, UNIX])('tries to mask the interrupts of the hart on which guest %i is not', (guest) => {
    const written = (mode: string) => {
      const at = bootProbe(findMode(mode), scenario, images, guest);
      const registers = at.registers.filter(({ address }) => thresholds.includes(address));
      expect(registers.map(({ address }) => address)).toEqual([thresholds[guest]]);
      return sweepRegisters({ ...at, registers }).find(({ access }) => access === 'w')?.reached;
    };
    expect([written('colocated'), written('partitioned'), written('virtualized')]).toEqual([1, 1, 0]);
  });
});

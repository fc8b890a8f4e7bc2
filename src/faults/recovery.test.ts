import { describe, expect, it } from 'vitest';
import { layouts } from '../../images/index.ts';
import { smallImages, smallLab } from '../../test/small-scenario.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import type { Act, Fault } from './fault.ts';
import { profileOf } from './layer-fault.ts';
import { guestOf } from './observation.ts';
import { RECOVERIES, type Recovery, recoverGuest, recoverLayer, rigUnder } from './recovery.ts';
import type { ExperimentRecord } from './records.ts';
import { restore, rigGuest } from './rig.ts';
import { lossesOf, recoveryRowsOf } from './tally-recovery.ts';

const lab = smallLab();
const { scheduler, scheduled_guest: scheduled } = layouts;
const LAYERS = [
  ['colocated', 'nanokernel'],
  ['virtualized', 'hypervisor'],
] as const;

describe.each(LAYERS)('in %s', (mode, image) => {
  const golden = lab.golden(mode, 1);
  const rigs = new Map(RECOVERIES.map((recovery) => [recovery, rigUnder(lab.rig(mode), recovery)]));
  const under = (recovery: Recovery) => rigs.get(recovery) ?? lab.rig(mode);

  it.each(RECOVERIES)('up to a fault nothing differs under %s', (recovery) => {
    const rig = under(recovery);
    restore(rig, 1);
    rig.machine.run(golden.endCycle);
    const words = rig.machine.monitors.slice(0, 2).map((monitor) => monitor.outputs.words());
    expect(words).toEqual([0, 1].map((index) => guestOf(golden.observation, index).outputs));
    expect(rig.machine.accounting().guests[0]?.instret).toBe(guestOf(golden.observation, 0).instret);
  });

  describe.each([
    ['rtos', 0],
    ['unix', 1],
  ] as const)('%s, crashed', (_, index) => {
    const guest = rigGuest(lab.rig(mode), index);
    const when = { unit: 0, privilege: 'S', pc: guest.pollPc, count: 3, context: undefined } as const;
    const fault = (what: Act): Fault => ({ from: index, when, what, inputSeed: 1 });
    // Its next instruction is fetched where there is nothing.
    const crash = fault({ kind: 'flip-pc', bit: 36 });
    const saves = (recovery: Recovery, what = crash) => recoverGuest(under(recovery), golden, what, recovery);

    it('is saved by what restarts it, and by nothing else', () => {
      // It halts: it asks for nothing, and is seen to wait with all interrupts off.
      expect(saves('never')).toBe(false);
      expect(saves('on-reset')).toBe(false);
      expect(saves('on-reset-or-crash')).toBe(true);
      expect(saves('on-reset-or-crash')).toBe(true);
    });

    it('is not saved where the fault is in what it is restarted from', () => {
      const at = Number(guest.pollPc) - guest.memory.base;
      const patches = [{ at, bytes: Uint8Array.of(0, 0, 0, 0) }];
      const mutant = {
        ...fault({ kind: 'mutant', operator: 'MFC', at, patches }),
        when: { ...when, count: 1 },
      };
      expect(saves('on-reset-or-crash', mutant)).toBe(false);
    });
  });

  describe('a guest that the layer has lost', () => {
    const elf = smallImages.layers.get(image)?.elf;
    if (elf === undefined) throw new Error(`no image ${image}`);
    const symbols = new SymbolTable(image, elf, 0);
    const { residence } = profileOf(lab.rig(mode), golden, 1, 'layer');
    const { from, length } = residence[residence.length >> 1] ?? { from: 0, length: 0 };
    const stopped = symbols.address('schedulers') + scheduler.fields.guests.offset + scheduled.fields.stopped.offset;
    const fault = {
      act: { kind: 'flip-memory', bits: [{ address: stopped + scheduled.size, bit: 0 }] },
      cycle: from + (length >> 1),
      inputSeed: 1,
    } as const;
    const saves = (recovery: Recovery) => recoverLayer(under(recovery), golden, fault, 'layer', recovery);

    it('is saved only by the layer beginning anew', () => {
      expect(saves('never')).toBe(false);
      expect(saves('on-reset-or-crash')).toBe(false);
      expect(saves('layer restart')).toBe(true);
    });

    it('is lost all the same where a policy has put the layer some cycles ahead or behind', () => {
      for (const cycle of [from - 100, from + length + 100]) {
        expect(recoverLayer(under('on-reset'), golden, { ...fault, cycle }, 'layer', 'on-reset')).toBe(false);
      }
    });
  });
});

describe('what counts', () => {
  const record = (id: string, mode: string, faulty: string): ExperimentRecord =>
    ({ id, mode, from: 'rtos', outcome: { faulty } }) as unknown as ExperimentRecord;

  it('as a loss: a guest that crashed, in the modes compared, so many of each', () => {
    const records = [
      record('b', 'colocated', 'crashed'),
      record('a', 'colocated', 'crashed'),
      record('0', 'colocated', 'hung'),
      record('c', 'colocated', 'crashed'),
      record('d', 'colocated', 'wrong words'),
      record('e', 'open', 'crashed'),
      record('f', 'virtualized', 'crashed'),
    ];
    expect(lossesOf(records, [], 2).map(({ id }) => id)).toEqual(['a', 'b', 'f']);
  });

  it('as saved: of those that nothing serves without, never of those that only were late', () => {
    const row = (id: string, recovery: Recovery, saved: boolean) => {
      return { id, from: 'rtos', inLayer: false, mode: 'colocated', recovery, saved };
    };
    const rows = recoveryRowsOf([
      ...[row('a', 'never', false), row('b', 'never', false), row('late', 'never', true)],
      ...[row('a', 'on-reset', false), row('b', 'on-reset', false), row('late', 'on-reset', true)],
      ...[row('a', 'on-reset-or-crash', true), row('b', 'on-reset-or-crash', false)],
    ]);
    expect(rows.map(({ recovery, lost, saved }) => [recovery, lost, saved])).toEqual([
      ['on-reset', 2, 0],
      ['on-reset-or-crash', 2, 1],
    ]);
    expect(rows[0]?.upper95).toBeCloseTo(1 - 0.05 ** (1 / 2), 12);
  });
});

import { describe, expect, it } from 'vitest';
import { type ToyOptions, toyRig, WORK_WORDS } from '../../test/toy-machine.ts';
import { CONTROLS, controlHolds, controlsOf, isControl, POSITIVE_CONTROL } from './controls.ts';
import { createLab } from './lab.ts';
import { conduct, faultOf, TRAJECTORIES } from './plan.ts';
import { parseId } from './replay-id.ts';

const NAMES = ['rtos', 'unix'];

function toyLab(defect?: ToyOptions['defect']) {
  return createLab('0badcafe', (mode, only) => {
    const present = only === undefined ? [0, 1] : [NAMES.indexOf(only)];
    const options = { mode: mode as ToyOptions['mode'], present };
    return toyRig(defect === undefined ? options : { ...options, defect });
  });
}

const id = (fault: string, n = 0, mode = 'open', from = 'rtos') => ({ class: fault, mode, from, seed: 1, n });

describe('a directed act', () => {
  it('strikes when an eighth of the work is done, where its class says', () => {
    const fault = faultOf(toyLab(), id('MEM-14'));
    expect(fault.when.count).toBe(WORK_WORDS / 8 + 1);
    expect(fault.what).toMatchObject({ kind: 'directed', mailbox: { target: 0x2000n } });
  });

  it('cannot be aimed at a bystander that is not there', () => {
    expect(() => faultOf(toyLab(), id('MEM-14', 1))).toThrow(RangeError);
  });
});

describe('a random fault', () => {
  it('is the same point and the same bit in every mode', () => {
    const lab = toyLab();
    for (let n = 0; n < 20; n++) expect(faultOf(lab, id('HWF-1', n))).toEqual(faultOf(lab, id('HWF-1', n, 'closed')));
  });

  it('differs from draw to draw, from guest to guest, from seed to seed', () => {
    const lab = toyLab();
    const text = (of: Parameters<typeof faultOf>[1]) =>
      JSON.stringify(faultOf(lab, of), (_, value) => (typeof value === 'bigint' ? value.toString() : value));
    const faults = [
      ...Array.from({ length: 30 }, (_, n) => text(id('HWF-1', n))),
      text(id('HWF-1', 0, 'open', 'unix')),
      text({ ...id('HWF-1'), seed: 2 }),
    ];
    expect(new Set(faults).size).toBe(faults.length);
  });

  it('covers the guest’s own run from its first to its last instruction', () => {
    const lab = toyLab();
    // Each of its instructions runs once per unit.
    const counts = Array.from({ length: 200 }, (_, n) => faultOf(lab, id('HWF-1', n)).when).map(
      ({ unit, count }) => unit + count,
    );
    expect(Math.min(...counts)).toBe(1);
    expect(Math.max(...counts)).toBe(WORK_WORDS);
  });

  it('spreads over the trajectories', () => {
    const lab = toyLab();
    const seeds = Array.from({ length: 20 }, (_, n) => faultOf(lab, id('HWF-1', n)).inputSeed);
    expect(new Set(seeds).size).toBe(TRAJECTORIES);
  });
});

describe('a record', () => {
  it('carries an id that rebuilds it', () => {
    const first = conduct(toyLab(), id('MEM-14'));
    const parsed = parseId(first.id);
    expect(parsed?.stamp).toBe('0badcafe');
    expect(parsed && conduct(toyLab(), parsed.id)).toEqual(first);
  });

  it('names the mechanism, reached or refused', () => {
    expect(conduct(toyLab(), id('MEM-14')).mechanism).toBe('writes unix+0x0');
    expect(conduct(toyLab(), id('MEM-14', 0, 'closed')).mechanism).toBe('refused: store access fault, cause 7');
    expect(conduct(toyLab(), id('PRV-5b')).mechanism).toMatch(/^writes /);
    expect(conduct(toyLab(), id('TIM-2')).mechanism).toBe('the faulty guest stops, the layer runs on');
  });

  it('is plain data', () => {
    const record = conduct(toyLab(), id('MEM-14'));
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  });
});

describe('each control fails when its defect is there', () => {
  const run = (defect?: ToyOptions['defect']) => {
    const lab = toyLab(defect);
    const names = ['MEM-1', POSITIVE_CONTROL, ...Object.values(CONTROLS)];
    const records = names.flatMap((name) =>
      Array.from({ length: isControl(name) ? 5 : 1 }, (_, n) => conduct(lab, id(name, n))),
    );
    const failing = controlsOf(records, () => true).filter((row) => row.n > 0 && !controlHolds(row));
    return failing.map((row) => row.name);
  };

  it('and holds without', () => {
    expect(run()).toEqual([]);
  });

  it('no fault: a restore that forgets', () => {
    expect(run('restore forgets')).toContain('no fault');
  });

  it('sham: writing a register disturbs something else', () => {
    expect(run('writing registers disturbs')).toEqual(['sham']);
  });

  it('delay only: time leaks into a bystander’s words', () => {
    expect(run('time leaks into words')).toEqual(['delay only']);
  });

  it('own fault: a detector that sees no damage', () => {
    const lab = toyLab('flips are lost');
    const records = Array.from({ length: 5 }, (_, n) => conduct(lab, id(CONTROLS.OWN_FAULT, n)));
    const row = controlsOf(records, () => true).find(({ expected }) => expected === null);
    expect(row).toMatchObject({ n: 0, failed: 0 });
    expect(row && controlHolds(row)).toBe(false);
  });

  it('positive: a detector, or a machine, in which no store lands', () => {
    expect(run('stores are lost')).toEqual(['positive']);
  });

  it('harness errors: a store without its ledger entry', () => {
    expect(run('stores lose their entry')).toEqual(['harness errors']);
  });
});

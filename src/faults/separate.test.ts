import { describe, expect, it } from 'vitest';
import { smallLab } from '../../test/small-scenario.ts';
import { CONTROLS } from './controls.ts';
import { NATIVE } from './lab.ts';
import { conduct, type Lab } from './plan.ts';
import type { Rig } from './rig.ts';

// Control (f): every guest on a machine of its own.
const lab = smallLab();
const idOf = (from: string, n: number) => ({ class: CONTROLS.OWN_FAULT, mode: NATIVE, from, seed: 1, n });

describe.each([
  ['rtos', 'unix'],
  ['unix', 'rtos'],
])('with %s on a machine of its own', (from, other) => {
  it('its faults are its own affair', () => {
    const records = Array.from({ length: 6 }, (_, n) => conduct(lab, idOf(from, n)));
    expect(records.some(({ outcome }) => ['crashed', 'hung', 'wrong words'].includes(outcome.faulty))).toBe(true);
    for (const { outcome } of records) {
      expect(outcome.harnessError).toBe('');
      expect(outcome.bystanders).toMatchObject([{ guest: other, failure: 'none', words: 16, work: 16 }]);
      expect(Object.values(outcome.bystanders[0]?.endpoints ?? {})).not.toContain(true);
    }
    expect(conduct(lab, idOf(from, 0))).toEqual(records[0]);
  }, 240_000);

  it('a neighbour that fails there all the same is seen to fail', () => {
    const rig = lab.native(other);
    lab.nativeGolden(other, 1);
    const { machine } = rig;
    machine.restore(rig.reset);
    const poll = Number(rig.guests[0]?.pollPc ?? 0);
    machine.write(poll, Uint8Array.of(0, 0, 0, 0));
    const broken: Rig = { ...rig, reset: machine.snapshot() };
    const leaky: Lab = { ...lab, native: (name) => (name === other ? broken : lab.native(name)) };
    const { outcome } = conduct(leaky, idOf(from, 0));
    expect(outcome.bystanders[0]).toMatchObject({ failure: 'crashed', endpoints: { failed: true } });
  });
});

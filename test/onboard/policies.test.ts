// What a guest does when it panics, and what the layer makes of its reset request, are data of the scenario and the same
// in every mode.
import { describe, expect, it } from 'vitest';
import { constants } from '../../images/index.ts';
import type { Stop } from '../../src/machine/index.ts';
import { planBoots } from '../../src/scenario/boot.ts';
import { findMode } from '../../src/scenario/modes.ts';
import type { Booted, ModeName } from './boot-guests.ts';
import { bootPlan, MODES, openShipped, SHARED_MODES } from './boot-guests.ts';

const CYCLES = 100_000_000;
const UNIT = 20n;
const RTOS = 0;
const UNIX = 1;

/** The shipped scenario, rtos panicking at its 20th job. */
function runPanic(mode: ModeName, edit: (text: string) => string): Booted & { readonly stop: Stop } {
  const { scenario, images } = openShipped(edit);
  const [plan] = planBoots(findMode(mode), scenario, images);
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  const booted = bootPlan(mode, plan);
  for (const { index, work } of plan.guests) booted.monitor(index).setDigestWords(work);
  const bug = BigInt(constants.BUG_PANIC);
  booted.monitor(RTOS).setMailbox({ bug, target: 0n, value: 0n, work: UNIT, args: [] });
  return { ...booted, stop: booted.machine.run(CYCLES) };
}

const panicPolicy = (policy: string) => (text: string) => text.replace('panic=halt', `panic=${policy}`);
const parked = (text: string): string => text.replace('restart: on-reset', 'restart: never');
const resetsMachine = (text: string): string => panicPolicy('reset')(text).replace('reset: guest', 'reset: machine');

describe('a panic', () => {
  it.each(MODES)('halts, loops or asks for a reset as its command line says, when %s', (mode) => {
    for (const [policy, kind] of [
      ['halt', 'idle'],
      ['reset', 'idle'],
      ['loop', 'limit'],
    ] as const) {
      const { stop, monitor, machine } = runPanic(mode, (text) => parked(panicPolicy(policy)(text)));
      expect(stop.kind, policy).toBe(kind);
      expect(monitor(RTOS).outputs.count).toBe(Number(UNIT));
      expect(machine.consoles[RTOS]?.text()).toContain('panic: planned');
    }
  });

  it.each(SHARED_MODES)('leaves its neighbour what it needs, whatever the policy, when %s', (mode) => {
    for (const policy of ['halt', 'reset', 'loop']) {
      expect(runPanic(mode, panicPolicy(policy)).monitor(UNIX).ended, policy).toBe(true);
    }
  });

  it.each(MODES)('ends the machine where a reset request is the machine’s affair, when %s', (mode) => {
    const { stop, monitor } = runPanic(mode, resetsMachine);
    expect(stop).toMatchObject({ kind: 'finished', by: 'layer', finish: { kind: 'reset' } });
    if (mode !== 'native') expect(monitor(UNIX).ended).toBe(false);
  });
});

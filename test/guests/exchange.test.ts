// What the guests tell each other over the channel: all of it arrives, in order and unharmed, in every shared mode; and a
// peer that says something else, or says it without end, changes none of the other's words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/index.ts';
import { createMachine } from '../../src/machine/index.ts';
import type { BootPlan } from '../../src/scenario/boot.ts';
import { bootScenario, planBoots } from '../../src/scenario/boot.ts';
import { openImages } from '../../src/scenario/image-set.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { findMode } from '../../src/scenario/modes.ts';
import { readBuiltImage } from '../built-images.ts';
import { SHARED_MODES } from '../onboard/boot-guests.ts';
import { CYCLES } from './alone.ts';
import { rtosModel, unixModel } from './models.ts';

const [RTOS, UNIX] = [0, 1];
const UNITS = 64n;
const file = 'scenarios/taco.yaml';
const loaded = loadScenario(file, readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8'));
const images = openImages(loaded, readBuiltImage);

function booted(mode: string): { readonly plan: BootPlan; readonly machine: Machine } {
  const [plan] = planBoots(findMode(mode), loaded.scenario, images);
  if (plan === undefined) throw new Error('nothing to boot');
  return { plan, machine: bootScenario(createMachine, plan) };
}

interface Exchange {
  readonly sent: bigint;
  readonly received: bigint;
  readonly wrong: bigint;
  readonly next: bigint;
}

/** What a guest has counted with its peer, from its `exchanges`. */
function exchangeOf({ plan, machine }: ReturnType<typeof booted>, guest: number, peer: number): Exchange {
  const at = (plan.guests[guest]?.symbols.address('exchanges') ?? 0) + 32 * peer;
  const [sent = 0n, received = 0n, wrong = 0n, next = 0n] = new BigUint64Array(machine.read(at, 32).buffer);
  return { sent, received, wrong, next };
}

function expectWords(machine: Machine): void {
  expect(machine.monitors[RTOS]?.outputs.words()).toEqual(rtosModel(0, Number(UNITS)));
  expect(machine.monitors[UNIX]?.outputs.words()).toEqual(unixModel(0, Number(UNITS)));
}

describe.each(SHARED_MODES)('between rtos and unix, when %s,', (mode) => {
  it('each message arrives once, in order', () => {
    const boot = booted(mode);
    boot.machine.run(CYCLES);
    expectWords(boot.machine);
    expect(exchangeOf(boot, UNIX, RTOS)).toEqual({ sent: UNITS, received: UNITS, wrong: 0n, next: UNITS });
    const rtos = exchangeOf(boot, RTOS, UNIX);
    expect(rtos.sent).toBe(UNITS);
    // The logger looks last when the last job is done; unix may have more to say by then.
    expect(rtos).toMatchObject({ wrong: 0n, next: rtos.received });
    expect(rtos.received).toBeGreaterThan(UNITS / 2n);
    expect(boot.machine.ledger.entries).toEqual([]);
  });

  it('a wrong message is noticed and changes nothing', () => {
    const boot = booted(mode);
    boot.machine.run(20_000_000);
    const { plan, machine } = boot;
    // The rtos loses count: what it says next does not follow.
    const at = (plan.guests[RTOS]?.symbols.address('exchanges') ?? 0) + 32 * UNIX;
    machine.write(at, new Uint8Array(BigUint64Array.of(5n).buffer));
    machine.run(CYCLES);
    expectWords(machine);
    expect(exchangeOf(boot, UNIX, RTOS).wrong).toBeGreaterThan(0n);
    expect(machine.consoles[UNIX]?.text()).toMatch(/message from guest 0 is wrong: number 5 for \d+/);
    expect(machine.consoles[UNIX]?.text().match(/is wrong/g)?.length).toBeLessThanOrEqual(4);
  });

  it('a peer that listens no more costs nothing', () => {
    const boot = booted(mode);
    boot.machine.monitors[UNIX]?.setMailbox({ bug: 14n, target: 0n, value: 0n, work: 2n, args: [] });
    boot.machine.run(CYCLES);
    expect(boot.machine.monitors[RTOS]?.outputs.words()).toEqual(rtosModel(0, Number(UNITS)));
    const { sent, wrong } = exchangeOf(boot, RTOS, UNIX);
    expect(sent).toBeLessThan(UNITS);
    expect(wrong).toBe(0n);
  });
});

it('without a peer, in native, nothing is sent', () => {
  const boot = booted('native');
  boot.machine.run(CYCLES);
  expect(exchangeOf(boot, RTOS, UNIX)).toEqual({ sent: 0n, received: 0n, wrong: 0n, next: 0n });
});

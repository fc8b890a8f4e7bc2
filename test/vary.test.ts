// Factors: set by name, and then the same for every mode that is compared.
import { describe, expect, it } from 'vitest';
import { constants } from '../images/index.ts';
import { planBoots } from '../src/scenario/boot.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { factorNames, varied } from '../src/scenario/vary.ts';
import { bootPlan, type ModeName, openShipped, SHARED_MODES } from './onboard/boot-guests.ts';

const RTOS = 0;
const UNIX = 1;
const CYCLES = 120_000_000;
const small = (text: string): string =>
  text.replaceAll('work: 64,', 'work: 24,').replaceAll('args: "', 'args: "work=24 ');

/** What each guest gets done when rtos does that bug in the midst of its work. */
function outcome(mode: ModeName, settings: readonly string[], bug: number): object {
  const { scenario, images } = openShipped((text) => varied(small(text), settings));
  const [plan] = planBoots(findMode(mode), scenario, images);
  if (plan === undefined) throw new RangeError(`${mode} boots nothing`);
  const { machine, monitor } = bootPlan(mode, plan);
  monitor(RTOS).setMailbox({ bug: BigInt(bug), target: 0n, value: 0n, work: 8n, args: [] });
  machine.run(CYCLES);
  const [rtos, unix] = [monitor(RTOS), monitor(UNIX)];
  return {
    done: rtos.outputs.count >= 24,
    crashes: Math.min(rtos.crashes.count, 9),
    neighbour: unix.outputs.count >= 24,
    words: unix.outputs.words().slice(0, 8).map(String),
  };
}

const PANICS = { crashes: 1, done: false };

describe.each<[string[], number, object]>([
  [[], 0, { done: true, crashes: 0, neighbour: true }],
  [['panic=halt'], constants.BUG_PANIC, { ...PANICS, neighbour: true }],
  [['panic=loop'], constants.BUG_PANIC, { ...PANICS, neighbour: true }],
  [['panic=loop', 'scheduling=priority'], constants.BUG_PANIC, { ...PANICS, neighbour: false }],
  [['panic=reset', 'restart=never'], constants.BUG_PANIC, { ...PANICS, neighbour: true }],
  // The bug comes again with each start, and after its one restart the guest is parked.
  [
    ['panic=reset', 'restart=on-reset', 'restarts=1'],
    constants.BUG_PANIC,
    { done: false, crashes: 2, neighbour: true },
  ],
  [['panic=reset', 'reset=machine'], constants.BUG_PANIC, { ...PANICS, neighbour: false }],
  [['share=10%'], 0, { done: true, crashes: 0, neighbour: true }],
  [['share=90%'], 0, { done: true, crashes: 0, neighbour: true }],
])('%j, bug %i', (settings, bug, expected) => {
  it('ends alike in all modes', () => {
    const outcomes = SHARED_MODES.map((mode) => outcome(mode, settings, bug));
    for (const [index, seen] of outcomes.entries())
      expect({ mode: SHARED_MODES[index], ...seen }).toMatchObject(expected);
    const words = outcomes.map((seen) => ('words' in seen ? seen.words : []));
    expect(new Set(words.map(String)).size).toBe(1);
  }, 60_000);
});

describe('varied text', () => {
  const { scenario } = openShipped();
  const load = (...settings: string[]) => openShipped((text) => varied(text, settings)).scenario;

  it('says what was asked for, and all else as before', () => {
    expect(load('scheduling=priority', 'reset=machine', 'restart=never', 'restarts=7').factors).toEqual({
      ...scenario.factors,
      scheduling: 'priority',
      reset: 'machine',
      restart: 'never',
      restarts: 7,
    });
    expect(load('panic=loop').guests.map(({ bootargs }) => bootargs)).toEqual(['panic=loop', 'panic=loop map=own']);
    expect(load()).toEqual(scenario);
  });

  it('shifts slots once no device stands in the way', () => {
    const { guests } = load('placement=shifted', 'dma=false');
    for (const { dma, physicalBase, memory } of guests)
      expect([dma, physicalBase === memory.base]).toEqual([false, false]);
    expect(() => load('placement=shifted')).toThrow(/dma is there/);
  });

  it('shares out RAM without a gap and without an overlap', () => {
    for (const share of [10, 50, 90]) {
      const [first, second] = load(`share=${share}`).guests.map(({ memory }) => memory);
      if (first === undefined || second === undefined) throw new Error('two guests are needed');
      expect(first.base + first.size).toBe(second.base);
      expect(first.size / (first.size + second.size)).toBeCloseTo(share / 100, 1);
      expect(second.base + second.size).toBe(0x8000_0000 + scenario.machine.ramSize);
    }
  });

  it.each([
    ['speed=fast', /taco vary speed=fast: {2}sets no factor\n {2}give name=value/],
    ['panic=now', /choose from halt, loop, reset/],
    ['share=100', /is no share/],
    ['scheduling', new RegExp(factorNames.join(', '))],
    ['scheduling=fair', /factors\.scheduling fair is not known\n {2}choose from priority, budget/],
  ])('%s ends in two lines', (setting, expected) => {
    const refuse = () =>
      loadScenario(
        'x.yaml',
        varied(
          'machine: { ram: 64M }\nguests:\n  a: { image: rtos, memory: 0x80400000+4M }\n  b: { image: rtos, memory: 0x80800000+4M }\n',
          [setting],
        ),
      );
    expect(refuse).toThrow(expected);
  });
});

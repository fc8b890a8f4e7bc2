import { beforeEach, describe, expect, it } from 'vitest';
import { CANARIES, OFFSET, PC, SLOT, type ToyOptions, toyRig, WORK_WORDS } from '../../test/toy-machine.ts';
import { runExperiment } from './experiment.ts';
import type { Act, Fault } from './fault.ts';
import type { Golden } from './observation.ts';
import { locatePoint } from './points.ts';
import type { Rig } from './rig.ts';
import { runGolden } from './run-to-end.ts';
import { BUG } from './saboteur.ts';

const SEED = 1;
const poll = (count: number): Fault['when'] => ({
  unit: 0,
  privilege: 'S',
  pc: BigInt(PC.POLL),
  count,
  context: undefined,
});
const store = (target: number, value = 0n): Act => ({
  kind: 'directed',
  mailbox: { bug: BUG.STORE64, target: BigInt(target), value },
});
const fault = (what: Act, when = poll(3)): Fault => ({ from: 0, when, what, inputSeed: SEED });

function prepared(mode: ToyOptions['mode']): { rig: Rig; golden: Golden } {
  const rig = toyRig({ mode });
  return { rig, golden: runGolden(rig, SEED) };
}

describe('one experiment', () => {
  let open: { rig: Rig; golden: Golden };
  let closed: { rig: Rig; golden: Golden };
  beforeEach(() => {
    open = prepared('open');
    closed = prepared('closed');
  });
  const inOpen = (what: Fault) => runExperiment(open.rig, open.golden, what);
  const inClosed = (what: Fault) => runExperiment(closed.rig, closed.golden, what);
  const neighbour = (result: ReturnType<typeof runExperiment>) => result.outcome.bystanders[0];

  it('lets a store through where the machine does, and the neighbour dies of it', () => {
    const result = inOpen(fault(store(2 * SLOT + OFFSET.TRAP)));
    expect(neighbour(result)).toMatchObject({
      guest: 'unix',
      failure: 'words missing',
      words: 2,
      endpoints: { reached: true, corrupted: true, failed: true, late: false, leaked: false },
    });
    expect(result.effects[0]).toMatchObject({ kind: 'write', from: 0, owner: 1, address: 2 * SLOT });
    expect(result.delays).toMatchObject({ use: 0, effect: 1 });
    expect(result.outcome.harnessError).toBe('');
  });

  it('has it contained where the machine stops it: the faulty guest crashes alone', () => {
    const result = inClosed(fault(store(2 * SLOT + OFFSET.TRAP)));
    expect(neighbour(result)?.endpoints).toEqual({
      reached: false,
      corrupted: false,
      failed: false,
      late: false,
      leaked: false,
    });
    expect(result.outcome.faulty).toBe('crashed');
    expect(result.effects).toEqual([]);
    expect(result.delays).toMatchObject({ effect: null, panic: expect.any(Number) });
  });

  it('sees wrong words, a leak, and a machine that stops', () => {
    expect(neighbour(inOpen(fault(store(2 * SLOT + OFFSET.WORK, 99n))))?.failure).toBe('wrong words');
    const read = fault({
      kind: 'directed',
      mailbox: { bug: BUG.LOAD64, target: BigInt(2 * SLOT + OFFSET.CANARY), value: 0n },
    });
    expect(neighbour(inOpen(read))?.endpoints).toMatchObject({ reached: true, leaked: true, corrupted: false });
    expect(inOpen(fault(store(0x10_0000, 0x5555n))).outcome).toMatchObject({ layer: 'stopped' });
  });

  it('acts at the unit of work at which the point lies', () => {
    const act = store(SLOT + OFFSET.WORK, 99n);
    const first = inOpen(fault(act, poll(1)));
    const last = inOpen(fault(act, poll(8)));
    expect(first.outcome.faulty).toBe('wrong words');
    expect(last.injection?.instret).toBeGreaterThan(first.injection?.instret ?? Number.NaN);
  });

  it('keeps a point that is never reached, as such', () => {
    const result = inOpen(fault(store(0), poll(99)));
    expect(result).toMatchObject({ injected: false, exact: false, activated: false });
    expect(result.outcome.faulty).toBe('not reached');
  });

  it('repeats itself to the last bit', () => {
    const flip = fault({ kind: 'flip', register: 7, bit: 3 });
    expect(inOpen(flip)).toEqual(inOpen(flip));
  });
});

describe('a register flip', () => {
  const at = (pc: number, count: number): Fault['when'] => ({
    unit: 0,
    privilege: 'S',
    pc: BigInt(pc),
    count,
    context: undefined,
  });

  it('is activated when the register is read before it is written', () => {
    const { rig, golden } = prepared('open');
    const flip = (register: number, pc: number) =>
      runExperiment(rig, golden, fault({ kind: 'flip', register, bit: 0 }, at(pc, 2)));
    expect(flip(6, PC.PUT)).toMatchObject({ activated: true, outcome: { faulty: 'wrong words' } });
    expect(flip(5, PC.LOAD)).toMatchObject({ activated: false, outcome: { faulty: 'not activated' } });
    expect(flip(20, PC.LOAD)).toMatchObject({ activated: false });
  });

  it('is timed from the injection to the use, and nothing is where nothing was seen', () => {
    const { rig, golden } = prepared('native');
    const flip = (register: number, pc: number) =>
      runExperiment(rig, golden, fault({ kind: 'flip', register, bit: 0 }, at(pc, 2))).delays;
    expect(flip(6, PC.PUT)).toMatchObject({ use: 0, effect: null });
    // Guests take turns, an instruction each: the machine retires two until this one's next.
    expect(flip(7, PC.LOAD)).toMatchObject({ use: 2 });
    expect(flip(5, PC.LOAD)).toEqual({ use: null, effect: null, panic: null });
  });

  it('is activated when something comes of it, however late it was used', () => {
    const rig = toyRig({ mode: 'open', defect: 'operands are not told' });
    const golden = runGolden(rig, SEED);
    const result = runExperiment(rig, golden, fault({ kind: 'flip', register: 6, bit: 0 }, at(PC.PUT, 2)));
    expect(result).toMatchObject({ activated: true, outcome: { faulty: 'wrong words' } });
  });

  it('leaves the golden state when nothing uses it and it is overwritten', () => {
    const { rig, golden } = prepared('open');
    const result = runExperiment(rig, golden, fault({ kind: 'flip', register: 5, bit: 1 }, at(PC.LOAD, 2)));
    expect(result.observation.stateHash).toBe(golden.observation.stateHash);
  });
});

describe('points', () => {
  it('are found in the native run and met in the others, in the same state', () => {
    const native = toyRig({ mode: 'native', present: [0] });
    const point = locatePoint(native, runGolden(native, SEED), 0, 4 * 3 + 2);
    expect(point).toMatchObject({ unit: 3, privilege: 'S', pc: BigInt(PC.MIX), count: 1 });
    const { rig, golden } = prepared('open');
    expect(runExperiment(rig, golden, fault({ kind: 'nothing' }, point))).toMatchObject({
      injected: true,
      exact: true,
    });
  });

  it('are MATCHED, not EXACT, where the state differs', () => {
    const native = toyRig({ mode: 'native', present: [0] });
    const point = { ...locatePoint(native, runGolden(native, SEED), 0, 14), context: 'something else' };
    const { rig, golden } = prepared('open');
    expect(runExperiment(rig, golden, fault({ kind: 'nothing' }, point))).toMatchObject({
      injected: true,
      exact: false,
    });
  });

  it('past the end of the run are refused', () => {
    const native = toyRig({ mode: 'native', present: [0] });
    const alone = runGolden(native, SEED);
    expect(() => locatePoint(native, alone, 0, 1000)).toThrow(RangeError);
  });
});

describe('the harness notices', () => {
  it('constants that changed before any fault', () => {
    const { rig, golden } = prepared('open');
    const other: Golden = {
      ...golden,
      observation: {
        ...golden.observation,
        guests: golden.observation.guests.map((guest) => ({ ...guest, constants: 'other' })),
      },
    };
    const result = runExperiment(rig, other, fault({ kind: 'nothing' }));
    expect(result.outcome.harnessError).toContain('text, rodata or canary of rtos');
  });

  it('a foreign write that the ledger missed', () => {
    const rig = toyRig({ mode: 'open', defect: 'stores lose their entry' });
    const golden = runGolden(rig, SEED);
    const result = runExperiment(rig, golden, fault(store(2 * SLOT + OFFSET.WORK, 99n)));
    expect(result.outcome.harnessError).toContain('unix differs');
  });

  it('a guest whose work is more than it does', () => {
    const rig = toyRig({ mode: 'open' });
    const guests = rig.guests.map((guest) => ({ ...guest, work: WORK_WORDS + 1 }));
    expect(() => runGolden({ ...rig, guests }, SEED)).toThrow(`and rtos ends in mode open after ${WORK_WORDS}`);
  });

  it('a scenario that does not end by itself', () => {
    expect(() => runGolden({ ...toyRig({ mode: 'open' }), patience: 10 }, SEED)).toThrow(
      /^rtos: asks for \d+ words, and rtos is not done within 10 cycles in mode open after \d+, with no fault$/,
    );
  });
});

it('canaries of two guests differ, else a leak could not be told', () => {
  expect(new Set(CANARIES).size).toBe(2);
});

import { describe, expect, it } from 'vitest';
import { SLOT, toyRig } from '../../test/toy-machine.ts';
import { describeAftermath, describeResponse, isKept } from './aftermath.ts';
import { runExperiment } from './experiment.ts';
import type { Fault } from './fault.ts';
import type { GuestObservation, Observation } from './observation.ts';
import type { EffectRecord } from './records.ts';
import { runGolden } from './run-to-end.ts';
import { BUG } from './saboteur.ts';

/** A word of the toy's second guest that nobody uses. */
const UNUSED = 2 * SLOT + 0x40;

describe('what the act stored', () => {
  const rig = toyRig({ mode: 'open' });
  const golden = runGolden(rig, 1);
  const strike = (bug: number, target: number, value: bigint): Fault => ({
    from: 0,
    when: { unit: 0, privilege: 'S', pc: rig.guests[0]?.pollPc ?? 0n, count: 3, context: undefined },
    what: { kind: 'directed', mailbox: { bug, target: BigInt(target), value } },
    inputSeed: 1,
  });
  const run = (fault: Fault) => ({ fault, result: runExperiment(rig, golden, fault) });

  it('is still there where nobody wrote', () => {
    expect(run(strike(BUG.STORE64, UNUSED, 0x7ac0n)).result.kept).toBe(true);
    expect(run(strike(BUG.STORE64, UNUSED, -1n)).result.kept).toBe(true);
  });

  it('is gone where memory holds something else at the end', () => {
    const { fault, result } = run(strike(BUG.STORE64, UNUSED, 0x7ac0n));
    const read = (_address: number, length: number) => new Uint8Array(length).fill(3);
    const changed = { ...rig, machine: { ...rig.machine, read } };
    expect(isKept(changed, fault, result.effects)).toBe(false);
  });

  it('is compared over the width of the store', () => {
    const { result } = run(strike(BUG.STORE64, UNUSED, 1n));
    const read = (_address: number, length: number) => new Uint8Array([0xc0, 0x7a, 0, 0, 5, 0, 0, 0]).slice(0, length);
    const changed = { ...rig, machine: { ...rig.machine, read } };
    expect(isKept(changed, strike(BUG.STORE32, UNUSED, 0x7ac0n), result.effects)).toBe(true);
    expect(isKept(changed, strike(BUG.STORE64, UNUSED, 0x7ac0n), result.effects)).toBe(false);
    expect(isKept(changed, strike(BUG.STORE64, UNUSED, 0x5_0000_7ac0n), result.effects)).toBe(true);
  });

  it('is not asked for where no word landed in memory', () => {
    expect(run(strike(BUG.LOAD64, UNUSED, 0n)).result.kept).toBeUndefined();
    expect(run(strike(BUG.STORE64, 0x10_0000, 0n)).result.kept).toBeUndefined();
    const closed = toyRig({ mode: 'closed' });
    expect(runExperiment(closed, runGolden(closed, 1), strike(BUG.STORE64, UNUSED, 1n)).kept).toBeUndefined();
    expect(isKept(rig, { ...strike(BUG.STORE64, UNUSED, 0n), what: { kind: 'nothing' } }, [])).toBeUndefined();
  });
});

describe('in words', () => {
  const effect: EffectRecord = {
    kind: 'write',
    from: 'rtos',
    onBehalf: '',
    owner: 'unix',
    address: '0x84005000',
    symbol: 'unix:buffer_block',
    pc: '0x820021c4',
    pcSymbol: 'rtos:store64+0x4',
    cycle: 1,
    instret: 1,
    changed: true,
    count: 1,
    tainted: false,
  };

  it('names the owner as the one who wrote, where the ledger has nobody else', () => {
    expect(describeAftermath([effect], false, '')).toBe('the stored word is overwritten by unix before the end');
    expect(describeAftermath([{ ...effect, count: 2 }], false, '')).toBe(
      'the stored word is overwritten before the end',
    );
    expect(describeAftermath([effect, effect], false, '')).toBe('the stored word is overwritten before the end');
    expect(describeAftermath([effect], true, '')).toBe(
      'the stored word is still there at the end, and unix did without what it replaced',
    );
  });

  it('gives the response time where no word in memory was struck, of whom came closest to its bound', () => {
    const judged = (name: string, index: number, boundTicks: number) => ({
      name,
      index,
      boundTicks,
      work: 1,
      canary: [],
    });
    const seen = (index: number, responseMax: number) => ({ index, responseMax }) as GuestObservation;
    const observation = { guests: [seen(0, 1501), seen(1, 40_000_000)] } as unknown as Observation;
    const others = [judged('rtos', 0, 2000), judged('unix', 1, 500_000_000)];
    const response = describeResponse(others, observation);
    expect(response).toBe('rtos responds within 151 of 200 us');
    expect(describeAftermath([effect], undefined, response)).toBe(response);
    expect(describeResponse(others.slice(1), observation)).toBe('unix responds within 4,000,000 of 50,000,000 us');
    const silent = { guests: [seen(0, 0), seen(1, 0)] } as unknown as Observation;
    expect(describeResponse(others, silent)).toBe('');
  });
});

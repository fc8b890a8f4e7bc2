import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../machine/index.ts';
import { type Case, classify, foreignEffects } from './classify.ts';
import type { GuestObservation, Observation } from './observation.ts';

const K = 64;

const healthy: Omit<GuestObservation, 'index'> = {
  words: K,
  digest: 'aa',
  ended: true,
  crash: undefined,
  crashedCycle: undefined,
  backtrace: [],
  responseMax: 100,
  outputs: [],
  reports: [],
  instret: 5000,
  constants: 'cc',
};

const entry = (change: Partial<LedgerEntry>): LedgerEntry => ({
  kind: 'write',
  from: 0,
  onBehalf: undefined,
  owner: 1,
  address: 0x8400_21c0,
  pc: 0x8200_0100n,
  cycle: 700,
  instret: 600,
  changed: true,
  count: 1,
  tainted: false,
  ...change,
});

function observe(change: Partial<Observation> = {}, guests: Partial<GuestObservation>[] = []): Observation {
  return {
    guests: [0, 1].map((index) => ({ ...healthy, index, ...guests[index] })),
    ledger: [],
    machineStopped: false,
    capped: false,
    cycles: 1_000_000,
    stateHash: 'golden',
    ...change,
  };
}

const golden = { observation: observe() };

const about: Case = {
  guests: [
    { name: 'rtos', index: 0, work: K, boundTicks: 2000, canary: [0x1111n] },
    { name: 'unix', index: 1, work: K, boundTicks: 500_000, canary: [0x2222n] },
  ],
  faulty: 0,
  stateless: [0x10_0000],
  injected: true,
  activated: true,
  instretAtInjection: new Map([
    [0, 4000],
    [1, 4500],
  ]),
};

const endpointsOf = (seen: Observation, of: Case = about, reference = golden) =>
  classify(of, seen, reference).bystanders[0]?.endpoints;

const NOTHING = { reached: false, corrupted: false, failed: false, late: false, leaked: false };

describe('endpoints of the bystander', () => {
  it('are all false in a run like the golden one', () => {
    expect(endpointsOf(observe())).toEqual(NOTHING);
  });

  it('REACHED without CORRUPTED for a read and for a store that changed nothing', () => {
    expect(endpointsOf(observe({ ledger: [entry({ kind: 'read', changed: false })] }))).toEqual({
      ...NOTHING,
      reached: true,
    });
    expect(endpointsOf(observe({ ledger: [entry({ changed: false })] }))?.corrupted).toBe(false);
  });

  it('CORRUPTED for a store, a transfer and a register write that changed bytes', () => {
    for (const kind of ['write', 'dma', 'mmio-write', 'walk'] as const) {
      expect(endpointsOf(observe({ ledger: [entry({ kind })] }))?.corrupted, kind).toBe(true);
    }
  });

  it('REACHED, not CORRUPTED, for a register that keeps nothing', () => {
    const reset = entry({ kind: 'mmio-write', owner: 'layer', address: 0x10_0000 });
    expect(endpointsOf(observe({ ledger: [reset] }))).toMatchObject({ reached: true, corrupted: false });
  });

  it('REACHED through the layer on behalf of the faulty guest, and through what all share', () => {
    expect(endpointsOf(observe({ ledger: [entry({ from: 'layer', onBehalf: 0 })] }))?.reached).toBe(true);
    expect(endpointsOf(observe({ ledger: [entry({ owner: 'layer' })] }))?.reached).toBe(true);
    expect(endpointsOf(observe({ ledger: [entry({ owner: 'firmware' })] }))?.reached).toBe(true);
  });

  it('not REACHED by what others did, by free memory, or by what the golden run shows too', () => {
    expect(endpointsOf(observe({ ledger: [entry({ from: 1, owner: 0 })] }))?.reached).toBe(false);
    expect(endpointsOf(observe({ ledger: [entry({ from: 'layer', onBehalf: 1 })] }))?.reached).toBe(false);
    expect(endpointsOf(observe({ ledger: [entry({ owner: 'free' })] }))?.reached).toBe(false);
    const probing = { ...golden, observation: observe({ ledger: [entry({ cycle: 3, count: 9 })] }) };
    expect(endpointsOf(observe({ ledger: [entry({})] }), about, probing)?.reached).toBe(false);
    expect(foreignEffects(observe({ ledger: [entry({ changed: false })] }), probing, 0)).toHaveLength(1);
  });

  it('FAILED by wrong words, missing words, or a crash, with the cause beside it', () => {
    const ledger = [entry({})];
    const failure = (guest: Partial<GuestObservation>) => {
      const outcome = classify(about, observe({ ledger }, [{}, guest]), golden).bystanders[0];
      return [outcome?.endpoints.failed, outcome?.failure];
    };
    expect(failure({ digest: 'bb' })).toEqual([true, 'wrong words']);
    expect(failure({ words: K - 1, digest: 'bb' })).toEqual([true, 'words missing']);
    expect(failure({ crash: 2n })).toEqual([true, 'crashed']);
    expect(failure({})).toEqual([false, 'none']);
  });

  it('LATE only with right words', () => {
    expect(endpointsOf(observe({}, [{}, { responseMax: 500_001 }]))?.late).toBe(true);
    expect(endpointsOf(observe({}, [{}, { responseMax: 500_000 }]))?.late).toBe(false);
    expect(endpointsOf(observe({}, [{}, { responseMax: 500_001, words: 3 }]))?.late).toBe(false);
  });

  it('LEAKED when the faulty guest tells the canary of this bystander', () => {
    expect(endpointsOf(observe({}, [{ reports: [5n, 0x2222n] }]))?.leaked).toBe(true);
    expect(endpointsOf(observe({}, [{ outputs: [0x2222n] }]))?.leaked).toBe(true);
    expect(endpointsOf(observe({}, [{ outputs: [0x1111n] }]))?.leaked).toBe(false);
    expect(endpointsOf(observe({}, [{}, { reports: [0x2222n] }]))?.leaked).toBe(false);
  });
});

describe('the faulty guest', () => {
  const fate = (own: Partial<GuestObservation>, change: Partial<Case> = {}, seen: Partial<Observation> = {}) =>
    classify({ ...about, ...change }, observe(seen, [own]), golden).faulty;

  it('gets one word of a closed list', () => {
    expect(fate({}, { injected: false })).toBe('not reached');
    expect(fate({ crash: 13n })).toBe('crashed');
    expect(fate({ words: 10 })).toBe('hung');
    expect(fate({ digest: 'bb' })).toBe('wrong words');
    expect(fate({ responseMax: 2001 })).toBe('late');
    expect(fate({}, { activated: false })).toBe('not activated');
    expect(fate({})).toBe('masked');
    expect(fate({}, {}, { stateHash: 'other' })).toBe('latent');
  });
});

describe('the layer', () => {
  it('is ok, corrupted or stopped', () => {
    const layer = (seen: Partial<Observation>) => classify(about, observe(seen), golden).layer;
    expect(layer({})).toBe('ok');
    expect(layer({ ledger: [entry({ owner: 'layer' })] })).toBe('corrupted');
    expect(layer({ ledger: [entry({ owner: 'layer', kind: 'read', changed: false })] })).toBe('ok');
    expect(layer({ machineStopped: true })).toBe('stopped');
  });
});

describe('a harness that contradicts itself', () => {
  it('is an error: content of a bystander differs and nothing foreign happened', () => {
    expect(classify(about, observe({}, [{}, { digest: 'bb' }]), golden).harnessError).toContain('unix');
    expect(classify(about, observe({}, [{}, { crash: 2n }]), golden).harnessError).toContain('unix');
    expect(classify(about, observe({}, [{}, { constants: 'dd' }]), golden).harnessError).toContain('unix');
  });

  it('is none where a foreign effect explains it, or where time alone ran out', () => {
    const explained = observe({ ledger: [entry({})] }, [{}, { digest: 'bb' }]);
    expect(classify(about, explained, golden).harnessError).toBe('');
    expect(classify(about, observe({}, [{}, { words: 5 }]), golden).harnessError).toBe('');
  });
});

it('counts what the bystander still retired after the injection', () => {
  expect(classify(about, observe({}, [{}, { instret: 5704, words: 12 }]), golden).bystanders[0]).toMatchObject({
    instretAfter: 1204,
    words: 12,
  });
});

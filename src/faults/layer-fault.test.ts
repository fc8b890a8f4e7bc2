import { describe, expect, it } from 'vitest';
import { layouts } from '../../images/index.ts';
import { smallImages, smallLab } from '../../test/small-scenario.ts';
import { CSR_NAMES } from '../machine/index.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import type { Act } from './fault.ts';
import { bitsOf, regionsOf } from './fault-space.ts';
import {
  type Component,
  conductLayer,
  experimentIdOf,
  hasBits,
  type LayerCase,
  type LayerId,
  layerFaultOf,
  layerIdOf,
  profileOf,
  runLayerFault,
} from './layer-fault.ts';
import { fateOf, verdictOf } from './layer-outcome.ts';
import { conductLayerTraced } from './layer-trace.ts';
import { guestOf } from './observation.ts';
import { formatId, parseId } from './replay-id.ts';
import { restore } from './rig.ts';
import { layerRowsOf } from './tally-layer.ts';

const lab = smallLab();
const PARTS = [
  ['colocated', 'nanokernel', 'layer'],
  ['virtualized', 'hypervisor', 'layer'],
] as const;
const { scheduler, scheduled_guest: scheduled } = layouts;

describe.each(PARTS)('faults in %s: %s', (mode, name, party) => {
  const elf = smallImages.layers.get(name)?.elf;
  if (elf === undefined) throw new Error(`no image ${name}`);
  const component: Component = { name, party, elf, symbols: new SymbolTable(name, elf, 0) };
  const rig = lab.rig(mode);
  const golden = lab.golden(mode, 1);
  const profile = profileOf(rig, golden, 1, party);
  const caseOf = (fault: LayerId['class'], n: number): LayerCase => {
    const id = { class: fault, mode, component: name, seed: 1, n };
    return { id, rig, golden, component, profile, inputSeed: 1 };
  };
  const conduct = (fault: LayerId['class'], n: number) => conductLayer(caseOf(fault, n), lab.stamp);
  /** In the middle of the residence, when all guests have begun. */
  const middle = profile.residence[profile.residence.length >> 1];
  const strike = (act: Act) => {
    const cycle = (middle?.from ?? 0) + ((middle?.length ?? 0) >> 1);
    return runLayerFault(caseOf('HWF-4', 0), { act, cycle, inputSeed: 1 });
  };
  const flip = (address: number, bit = 0): Act => ({ kind: 'flip-memory', bits: [{ address, bit }] });

  it('lie in the region that is asked for, of this component and this level of privilege', () => {
    const regions = regionsOf(elf, component.symbols, 0);
    const names = {
      text: 'HWF-4-text',
      data: 'HWF-4-data',
      stack: 'HWF-4-stack',
      'page tables': 'HWF-4-tables',
    } as const;
    for (const [region, fault] of Object.entries(names)) {
      const own = regions.find((candidate) => candidate.name === region);
      expect(hasBits(component, fault)).toBe(own !== undefined);
      for (let n = 0; own !== undefined && n < 20; n++) {
        const { act, bits } = layerFaultOf(caseOf(fault, n));
        const [hit] = act.kind === 'flip-memory' ? act.bits : [];
        const within = own.ranges.some(
          ({ base, size }) => hit !== undefined && hit.address >= base && hit.address < base + size,
        );
        expect([within, bits]).toEqual([true, bitsOf(own)]);
      }
    }
    const drawn = Array.from({ length: 200 }, (_, n) => layerFaultOf(caseOf('HWF-3', n)));
    const csrs = new Set(drawn.map(({ act }) => (act.kind === 'flip-csr' ? act.csr : '')));
    for (const csr of csrs) expect(CSR_NAMES.map((row) => row.name)).toContain(csr);
    expect(csrs.has('hgatp')).toBe(name === 'hypervisor');
    expect(csrs.has('mepc')).toBe(name === 'nanokernel');
    expect(drawn[0]?.bits).toBe(csrs.size * 64);
    expect(layerIdOf(experimentIdOf(caseOf('HWF-3', 4).id))).toEqual(caseOf('HWF-3', 4).id);
    expect(conduct('HWF-3', 0).what).toMatch(/^bit \d+ of \w+ flips$/);
  });

  it('strike while it runs, which is what the accounts say it does', () => {
    const cycles = profile.residence.reduce((sum, { length }) => sum + length, 0);
    restore(rig, 1);
    rig.machine.run(golden.endCycle);
    // Accounts know of boot, too, and count firmware that works for a guest with the layer.
    const { layer, guests } = rig.machine.accounting();
    const accounted = layer.cycles + guests.reduce((sum, guest) => sum + guest.layerCycles, 0);
    expect(cycles).toBeLessThanOrEqual(accounted);
    expect(cycles).toBeGreaterThan(accounted / 2);
    const records = Array.from({ length: 12 }, (_, n) => conduct('HWF-1', n));
    expect(records.filter(({ injected }) => injected).length).toBeGreaterThan(6);
  });

  it('are the same twice, name a bit of the layer, and add up to rows', () => {
    const records = Array.from({ length: 8 }, (_, n) => conduct('HWF-4', n));
    expect(records.slice(0, 3).map(({ n }) => conduct('HWF-4', n))).toEqual(records.slice(0, 3));
    for (const { what } of records) expect(what).toContain(`of ${name}:`);
    const [row] = layerRowsOf(records);
    expect(row).toMatchObject({ class: 'HWF-4', mode, component: name });
    expect(row?.faultSpace).toBe((records[0]?.bits ?? 0) * (records[0]?.residence ?? 0));
  });

  it('without any, no call comes back with another error, and nobody is harmed', () => {
    expect(strike({ kind: 'nothing' })).toMatchObject({
      injected: true,
      verdict: 'ok',
      fates: ['unharmed', 'unharmed'],
    });
  });

  it('that only make calls come back with errors are called so', () => {
    // The number of the service that carries messages: without them guests go on.
    const run = strike(flip(component.symbols.address('sbi_channel')));
    expect(run).toMatchObject({ verdict: 'error returned', fates: ['unharmed', 'unharmed'] });
  });

  it('that park a guest are told from those that lose one', () => {
    const first = component.symbols.address('schedulers') + scheduler.fields.guests.offset;
    const parked = strike(flip(first + scheduled.size + scheduled.fields.stopped.offset));
    expect(parked).toMatchObject({ verdict: 'one guest parked', fates: ['unharmed', 'parked'] });
    expect(guestOf(parked.seen, 1).words).toBeLessThan(16);
    const asleep = strike(flip(first + scheduled.size + scheduled.fields.runnable.offset, 0));
    expect(asleep.fates[1]).not.toBe('parked');
    expect(rig.isParked(0)).toBe(false);
  });

  it('are told like any other experiment, and come to the same', () => {
    for (const n of [0, 1, 2, 3]) {
      const record = conduct('HWF-1', n);
      const trace = conductLayerTraced(caseOf('HWF-1', n), lab.stamp);
      expect(trace.record).toMatchObject({ id: record.id, stateHash: record.stateHash, from: name, what: record.what });
      expect(trace.record.outcome.layer).toBe(record.verdict);
      expect(trace.record.outcome.bystanders.map(({ endpoints }) => endpoints.failed)).toEqual(
        record.fates.map((fate) => fate !== 'unharmed'),
      );
      expect(trace.guests.map((guest) => guest.name)).toEqual(['rtos', 'unix']);
      const all = lab.golden(mode, 1).observation.guests.map(({ instret }) => instret);
      trace.record.outcome.bystanders.forEach(({ instretAfter }, index) => {
        if (record.verdict === 'ok') expect(instretAfter).toBeLessThan(all[index] ?? 0);
      });
    }
  });

  it('have ids that lead back to them', () => {
    const { id } = conduct('HWF-4', 3);
    expect(id).toBe(`t1.${lab.stamp}.layer-HWF-4.${mode}.${name}.1-3`);
    const parsed = parseId(id)?.id;
    expect(parsed && layerIdOf(parsed)).toEqual({ class: 'HWF-4', mode, component: name, seed: 1, n: 3 });
  });
});

it('an id of a guest’s fault is none of a layer', () => {
  const id = { class: 'HWF-1', mode: 'colocated', from: 'nanokernel', seed: 1, n: 0 };
  expect(layerIdOf(id)).toBeUndefined();
  expect(layerIdOf({ ...id, class: 'layer-HWF-2' })).toBeUndefined();
  const layer = { class: 'HWF-1', mode: 'colocated', component: 'nanokernel', seed: 1, n: 0 } as const;
  expect(layerIdOf({ ...experimentIdOf(layer), changes: { bit: 1 } })).toBeUndefined();
  expect(formatId('0badcafe', experimentIdOf(layer))).toBe('t1.0badcafe.layer-HWF-1.colocated.nanokernel.1-0');
});

it('a run is called by the worst that it did', () => {
  expect(verdictOf(['unharmed', 'unharmed'], false, 0)).toBe('ok');
  expect(verdictOf(['unharmed', 'unharmed'], false, 2)).toBe('error returned');
  expect(verdictOf(['unharmed', 'parked'], false, 2)).toBe('one guest parked');
  expect(verdictOf(['unharmed', 'parked', 'crashed'], false, 0)).toBe('one guest lost');
  expect(verdictOf(['unharmed', 'wrong words'], false, 0)).toBe('one guest lost');
  expect(verdictOf(['parked', 'parked'], false, 0)).toBe('machine lost');
  expect(verdictOf(['unharmed', 'unharmed'], true, 0)).toBe('machine lost');
});

it('a guest that has delivered is unharmed, whatever the layer does with it then', () => {
  const golden = { ...guestOf(lab.golden('colocated', 1).observation, 0), words: 16, digest: 'd' };
  expect(fateOf(golden, golden, 16, true)).toBe('unharmed');
  expect(fateOf({ ...golden, digest: 'e' }, golden, 16, true)).toBe('wrong words');
  expect(fateOf({ ...golden, words: 15 }, golden, 16, true)).toBe('parked');
  expect(fateOf({ ...golden, words: 15 }, golden, 16, false)).toBe('words missing');
  expect(fateOf({ ...golden, words: 15, crash: 7n }, golden, 16, false)).toBe('crashed');
  expect(fateOf({ ...golden, words: 15, crash: 7n }, golden, 16, true)).toBe('parked');
});

it('firmware that no guest calls is hit while it boots', () => {
  const rig = lab.rig('virtualized');
  const { residence } = profileOf(rig, lab.golden('virtualized', 1), 1, 'firmware');
  expect(residence.length).toBeGreaterThan(0);
});

import { expect, it } from 'vitest';
import type { LayerRecord } from './layer-fault.ts';
import { zeroEventUpper } from './statistics/intervals.ts';
import { layerRow, layerRowsOf } from './tally-layer.ts';

const counts = {
  class: 'HWF-1',
  mode: 'virtualized',
  component: 'hypervisor',
  injected: 400,
  activated: 300,
  errorReturned: 0,
  oneParked: 0,
  oneLost: 0,
  parkedAmongLost: 0,
};

it('a larger layer that is seldom run may fail less often than a small busy one', () => {
  const busy = layerRow({ ...counts, guestsLost: 40 }, { bits: 1984, residency: 4e6, cycles: 1e9 });
  const seldom = layerRow({ ...counts, guestsLost: 80 }, { bits: 1984, residency: 1e6, cycles: 1e9 });
  expect(busy.failuresPerGcycle / seldom.failuresPerGcycle).toBeCloseTo(2, 12);
  expect(busy.faultSpace).toBe(1984 * 4e6);
});

it('no event has its bound, never 0 %', () => {
  const none = layerRow({ ...counts, guestsLost: 0 }, { bits: 64, residency: 10, cycles: 100 });
  expect(none).toMatchObject({ lower95: 0, upper95: zeroEventUpper(400), failuresPerGcycle: 0 });
});

it('a run is counted once, by its worst, and a parked guest is named where it is counted as lost', () => {
  const run = (verdict: LayerRecord['verdict'], ...fates: LayerRecord['fates']): LayerRecord => ({
    ...{ class: 'HWF-1', mode: 'colocated', component: 'nanokernel', seed: 1, n: 0, id: '', what: '', stateHash: '' },
    ...{ injected: true, activated: true, bits: 64, residence: 10, cycles: 100, verdict, fates },
  });
  const [row] = layerRowsOf([
    run('ok', 'unharmed', 'unharmed'),
    run('error returned', 'unharmed', 'unharmed'),
    run('one guest parked', 'parked', 'unharmed'),
    run('one guest lost', 'crashed', 'unharmed'),
    run('machine lost', 'parked', 'parked'),
    run('machine lost', 'crashed', 'words missing'),
    { ...run('machine lost', 'crashed', 'crashed'), injected: false },
  ]);
  expect(row).toMatchObject({
    injected: 6,
    errorReturned: 1,
    oneParked: 1,
    oneLost: 1,
    guestsLost: 2,
    parkedAmongLost: 1,
  });
});

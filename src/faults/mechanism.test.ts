import { expect, it } from 'vitest';
import { describeStorms, mechanismOf, type Seen } from './mechanism.ts';

const quiet: Seen = {
  injected: true,
  effects: [],
  crash: undefined,
  hung: false,
  storms: '',
  machineStopped: false,
  harmless: undefined,
  refusals: [],
};

it.each<[string, Partial<Seen>]>([
  ['the point is not reached', { injected: false, hung: true }],
  ['no foreign effect', {}],
  ['the faulty guest stops, the layer runs on', { hung: true }],
  ['the machine stops with it', { hung: true, machineStopped: true }],
  ['refused: load page fault, cause 13', { crash: 13n, hung: true }],
  ['refused: store access fault, cause 7, and the machine stops with it', { crash: 7n, machineStopped: true }],
  ['refused: cause 64', { crash: 64n }],
  ['refused by the IOMMU: store guest page fault, cause 23', { refusals: [{ by: 'IOMMU', cause: 23 }] }],
  ['refused by the layer: store guest page fault, cause 23', { refusals: [{ by: 'layer', cause: 23 }] }],
  ['no foreign effect', { refusals: [{ by: 'own tables', cause: 15 }] }],
  ['refused: store access fault, cause 7', { refusals: [{ by: 'layer', cause: 7 }], crash: 7n }],
])('%s', (text, seen) => {
  expect(mechanismOf({ ...quiet, ...seen })).toBe(text);
});

it('says what became of bytes whose change harmed nobody', () => {
  const effects = [
    { kind: 'write', symbol: 'unix:block', address: '0x10', onBehalf: '' },
  ] as unknown as Seen['effects'];
  expect(mechanismOf({ ...quiet, effects })).toBe('writes unix:block');
  expect(mechanismOf({ ...quiet, effects, harmless: 'it is overwritten' })).toBe(
    'writes unix:block, and no word comes out wrong: it is overwritten',
  );
});

it('is an interrupt without end, and who takes it', () => {
  const rig = {
    guests: [
      { name: 'a', index: 0 },
      { name: 'b', index: 1 },
    ],
  } as unknown as Parameters<typeof describeStorms>[0];
  const storm = { guest: 1, interrupt: 5, count: 30_000, pending: 'of the guest' } as const;
  expect(describeStorms(rig, [])).toBe('');
  const storms = describeStorms(rig, [storm]);
  expect(storms).toBe('b takes timer interrupts without end: the pending bit of the guest stays set');
  expect(describeStorms(rig, [{ ...storm, guest: 0, pending: 'no more' }, storm])).toBe(
    'a and b take timer interrupts without end',
  );
  expect(mechanismOf({ ...quiet, hung: true, storms })).toBe(storms);
  expect(mechanismOf({ ...quiet, machineStopped: true, storms })).toBe('the machine stops with it');
});

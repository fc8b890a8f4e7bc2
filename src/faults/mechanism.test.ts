import { expect, it } from 'vitest';
import { mechanismOf, type Seen } from './mechanism.ts';

const quiet: Seen = {
  injected: true,
  effects: [],
  crash: undefined,
  hung: false,
  machineStopped: false,
  harmless: undefined,
};

it.each<[string, Partial<Seen>]>([
  ['the point is not reached', { injected: false, hung: true }],
  ['no foreign effect', {}],
  ['the faulty guest stops, the layer runs on', { hung: true }],
  ['the machine stops with it', { hung: true, machineStopped: true }],
  ['refused: load page fault, cause 13', { crash: 13n, hung: true }],
  ['refused: store access fault, cause 7, and the machine stops with it', { crash: 7n, machineStopped: true }],
  ['refused: cause 64', { crash: 64n }],
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

import { expect, it } from 'vitest';
import { mechanismOf, type Seen } from './mechanism.ts';

const quiet: Seen = {
  injected: true,
  effects: [],
  crash: undefined,
  hung: false,
  machineStopped: false,
  harmless: false,
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

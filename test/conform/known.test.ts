import { describe, expect, it } from 'vitest';
import { AVOIDED, MASKED, RECOGNISED } from '../../tools/conform/known.ts';
import { readKnown } from '../../tools/conform/known-list.ts';

describe('known errors of QEMU', () => {
  const list = readKnown();
  const ids = (how: string) =>
    list
      .filter((entry) => entry.how === how)
      .map((entry) => entry.id)
      .sort();

  it('are told apart by code for each entry, and have an entry for each piece of code', () => {
    expect(ids('avoided')).toEqual(Object.keys(AVOIDED).sort());
    expect(ids('masked')).toEqual(Object.keys(MASKED).sort());
    expect(ids('recognised')).toEqual(Object.keys(RECOGNISED).sort());
  });

  it('each have the sentence that decides, and its place', () => {
    expect(list.filter((entry) => entry.manual === '' || entry.rule === '')).toEqual([]);
  });
});

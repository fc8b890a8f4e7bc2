import { describe, expect, it } from 'vitest';
import { readKnown } from '../../tools/conform/known-list.ts';
import * as qemu from '../../tools/conform/known-qemu.ts';
import * as spike from '../../tools/conform/known-spike.ts';
import { SET } from '../../tools/conform/qemu.ts';

describe('known errors', () => {
  const list = readKnown();
  const ids = (of: string, how: string) =>
    list
      .filter((entry) => entry.of === of && [entry.how].flat().some((one) => one === how))
      .map((entry) => entry.id)
      .sort();

  it('of QEMU are told apart by code for each entry, and have an entry for each piece of code', () => {
    expect(ids('qemu', 'avoided')).toEqual(Object.keys(qemu.AVOIDED).sort());
    expect(ids('qemu', 'masked')).toEqual(Object.keys(qemu.MASKED).sort());
    expect(ids('qemu', 'set')).toEqual([...SET].sort());
    expect(ids('qemu', 'recognised')).toEqual([...qemu.RECOGNISED_IDS].sort());
  });

  it('of Spike, too', () => {
    expect(ids('spike', 'avoided')).toEqual(Object.keys(spike.AVOIDED).sort());
    expect(ids('spike', 'recognised')).toEqual([...spike.RECOGNISED].sort());
  });

  it('are told from other ends of QEMU by what it says', () => {
    const { recognise } = qemu.knownOfQemu();
    const said = "translator.c:175: translator_access: Assertion `phys_page != -1' failed.";
    const stuck = (why: string) => recognise({ kind: 'stuck', why }, []);
    expect(stuck(`qemu: SIGABRT: ${said}`)).toBe('fetch-abort');
    expect(stuck('qemu: no end within 8 s')).toBeUndefined();
    expect(stuck(`taco: limit at pc 0x80000000 in M; qemu: SIGABRT: ${said}`)).toBeUndefined();
  });

  it('each have the sentence that decides, and its place', () => {
    expect(list.filter((entry) => entry.manual === '' || entry.rule === '')).toEqual([]);
  });
});

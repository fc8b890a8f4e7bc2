import { describe, expect, it } from 'vitest';
import { Random } from '../../src/faults/random.ts';
import { coreWith, Judge } from '../../tools/conform/mutants/judge.ts';
import { coreFunction, rewrite } from '../../tools/conform/mutants/rewrite.ts';
import { allSlips, sample } from '../../tools/conform/mutants/slips.ts';
import { blockText } from '../../tools/conform/mutants/text.ts';
import { JudgeThread } from '../../tools/conform/mutants/thread.ts';
import { WRONG_MACHINES } from '../../tools/conform/mutants/wrong-machines.ts';

const NUMBERS = Array.from({ length: 16 }, (_, i) => `E${String(i + 1).padStart(2, '0')}`);

describe('the conformance suite', () => {
  const judge = new Judge();

  // Else a judge that fails everything would pass for a strict one.
  it('passes on the machine itself', () => {
    expect(judge.killer(coreWith([]))).toBeUndefined();
  });

  it.each(WRONG_MACHINES)('kills $id: $title', (machine) => {
    expect(judge.killer(coreWith([rewrite(machine)]))).toBeDefined();
  });

  it('is tried on E01 to E16', () => {
    expect([...new Set(WRONG_MACHINES.map(({ id }) => id.slice(0, 3)))]).toEqual(NUMBERS);
    expect(new Set(WRONG_MACHINES.map(({ id }) => id)).size).toBe(WRONG_MACHINES.length);
  });
});

describe('a rewrite', () => {
  const change = (replace: string, by = '') => rewrite({ function: 'page_fault', replace, with: by });

  it('puts one expression, or some statements, in the place of others', () => {
    expect(blockText(change('gpa >>> 2', 'gpa').body)).toContain('exception_tval2 = gpa; exception_gva = 1;');
    expect(blockText(change('exception_gva = 1;').body)).toContain('exception_tval2 = gpa >>> 2; if (implicit)');
    const both = 'exception_tval2 = gpa >>> 2; exception_gva = 1;';
    expect(blockText(change(both, 'exception_gva = 0;').body)).toContain('exception_gva = 0; if (implicit)');
  });

  it('is refused where its text does not stand, or stands more than once', () => {
    expect(() => change('gpa >>> 3', 'gpa')).toThrow('page_fault has 0 times, not once: gpa >>> 3');
    expect(() => change('kind == STORE', '1')).toThrow('page_fault has 2 times');
    expect(() => change('exception_gva = 2;')).toThrow('0 times');
    expect(() => change('return;')).not.toThrow();
  });

  it('is refused where there is no such function or row', () => {
    expect(() => rewrite({ function: 'page_faults', replace: '1', with: '0' })).toThrow('no function page_faults');
    expect(() => rewrite({ function: 'csr_write', row: 'hgapt', replace: '1', with: '0' })).toThrow('no arm for hgapt');
  });
});

describe('slips', () => {
  const all = allSlips();

  it('have names of their own, and change something', () => {
    expect(all.length).toBeGreaterThan(1000);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
    expect(
      all.filter(({ function: node }) => blockText(node.body) === blockText(coreFunction(node.name).body)),
    ).toEqual([]);
  });

  it('leave alone who owns what and what it costs', () => {
    expect(all.filter(({ title }) => /cost_|foreign|may_touch/.test(title))).toEqual([]);
  });

  it('are drawn by a seed, none twice', () => {
    const titles = (seed: number) => sample(Random.seeded(seed), all, 20).map(({ title }) => title);
    expect(titles(1)).toEqual(titles(1));
    expect(titles(1)).not.toEqual(titles(2));
    expect(new Set(titles(1)).size).toBe(20);
  });

  it('that never come back are killed, and the next is judged', async () => {
    const endless = { function: 'poll', replace: 'wfi = 0;', with: '' };
    const stuck = new JudgeThread(3000);
    expect(await stuck.judge(coreWith([rewrite(endless)]))).toContain('never came back');
    await stuck.close();
    const patient = new JudgeThread();
    const wrong = { function: 'page_fault', replace: 'gpa >>> 2', with: 'gpa' };
    for (let i = 0; i < 3; i++)
      expect(await patient.judge(coreWith([rewrite(wrong)]))).toMatch(/^hypervisor .*: [^(]*$/);
    await patient.close();
  });
});

import { describe, expect, it } from 'vitest';
import { formatId, parseId } from './replay-id.ts';

const id = { class: 'PRV-5a', mode: 'colocated', from: 'rtos', seed: 42, n: 7 };

describe('replay ids', () => {
  it('are read as they were written', () => {
    const text = formatId('3f9c1e00', id);
    expect(text).toBe('t1.3f9c1e00.PRV-5a.colocated.rtos.42-7');
    expect(text).toMatch(/^[A-Za-z0-9.-]+$/);
    expect(parseId(text)).toEqual({ stamp: '3f9c1e00', id });
  });

  it('take classes with hyphens', () => {
    const subclass = { ...id, class: 'MEM-1-text' };
    expect(parseId(formatId('3f9c1e00', subclass))?.id).toEqual(subclass);
  });

  it('carry an act of one’s own as text, and changes behind it', () => {
    const own = { ...id, class: 'OWN-ACT', asm: "sd zero, 0(a0)\n # 'α'" };
    const text = formatId('3f9c1e00', own);
    expect(text).toMatch(/^[A-Za-z0-9.-]+$/);
    expect(parseId(text)?.id).toEqual(own);
    const shrunk = { ...own, changes: { count: 3 } };
    expect(parseId(formatId('3f9c1e00', shrunk))?.id).toEqual(shrunk);
  });

  it.each([
    't1.3f9c1e00.OWN-ACT.colocated.rtos.1-0.asm-',
    't1.3f9c1e00.OWN-ACT.colocated.rtos.1-0.asm-7',
    't1.3f9c1e00.OWN-ACT.colocated.rtos.1-0.asm-ff',
    't1.3f9c1e00.OWN-ACT.colocated.rtos.1-0.asm-73x',
    't1.3f9c1e00.OWN-ACT.colocated.rtos.1-0.count-3.asm-73',
    '',
    'MEM-14',
    't2.3f9c1e00.MEM-14.colocated.rtos.1-0',
    't1.3f9c.MEM-14.colocated.rtos.1-0',
    't1.3f9c1e00.MEM-14.colocated.rtos.1',
    't1.3f9c1e00.MEM-14.colocated.rtos.x-0',
    't1.3f9c1e00.MEM-14.co/../..x.rtos.1-0',
    't1.3f9c1e00.MEM-14.colocated.rtos.99999999999999999-0',
    't1.3f9c1e00.MEM-14.colocated.rtos.1-0\n',
  ])('%j is none', (text) => {
    expect(parseId(text)).toBeUndefined();
  });
});

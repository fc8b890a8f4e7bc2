import { describe, expect, it } from 'vitest';
import { images } from '../../images/index.ts';
import { footprints } from './footprint.ts';

describe('footprints', () => {
  const rows = footprints();

  it('name each layer once, before the guests', () => {
    const names = rows.map(({ component }) => component);
    expect(names.slice(0, 3)).toEqual(['firmware', 'nanokernel', 'hypervisor']);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('rtos');
  });

  it('count each allocated section once', () => {
    const row = rows.find(({ component }) => component === 'rtos');
    const total = Object.values(images.rtos.sections).reduce((sum, { size }) => sum + size, 0);
    expect((row?.text ?? 0) + (row?.data ?? 0)).toBe(total);
    expect(row?.sourceLines).toBeGreaterThan(100);
  });
});

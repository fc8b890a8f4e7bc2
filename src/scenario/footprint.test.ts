import { describe, expect, it } from 'vitest';
import { images } from '../../images/index.ts';
import { readBuiltImage } from '../../test/built-images.ts';
import { footprints } from './footprint.ts';
import { openImages } from './image-set.ts';
import { loadScenario } from './load.ts';

/** With the built images under the names of files of one's own. */
function rowsOf(text: string, files: Readonly<Record<string, string>> = {}) {
  const loaded = loadScenario('x.yaml', text);
  const set = openImages(loaded, (source) =>
    readBuiltImage(source.kind === 'built' ? source : { kind: 'built', name: files[source.path] ?? source.path }),
  );
  return footprints(loaded.scenario, set);
}

const ONE = 'machine: { ram: 64M }\nguests:\n  one: { image: rtos, memory: 0x80400000+4M }\n';

describe('footprints', () => {
  const rows = rowsOf(ONE);

  it('name each layer once, before the kernels', () => {
    const names = rows.map(({ component }) => component);
    expect(names.slice(0, 3)).toEqual(['firmware', 'nanokernel', 'hypervisor']);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('rtos');
    expect(rows.every(({ component, image }) => component === image)).toBe(true);
  });

  it('count each allocated section once', () => {
    const row = rows.find(({ component }) => component === 'rtos');
    const total = Object.values(images.rtos.sections).reduce((sum, { size }) => sum + size, 0);
    expect((row?.text ?? 0) + (row?.data ?? 0)).toBe(total);
    expect(row?.sourceLines).toBeGreaterThan(100);
  });

  it('tell code from data in a kernel of one segment, by the names that it keeps', () => {
    const loaded = loadScenario('x.yaml', ONE.replace('image: rtos', 'kernel: vmlinux'));
    const [guest] = openImages(loaded, (source) =>
      readBuiltImage(source.kind === 'built' ? source : { kind: 'built', name: 'rtos' }),
    ).guests;
    if (guest === undefined) throw new Error('no guest');
    const segment = { ...guest.elf.segments[0], memorySize: 1000, executable: true, writable: true };
    const of = (sections: readonly { name: string; address: number; size: number; allocated: boolean }[]) => {
      const elf = { ...guest.elf, segments: [segment], sections } as typeof guest.elf;
      const set = { layers: new Map(), guests: [{ ...guest, elf }] };
      return footprints(loaded.scenario, set).find(({ component }) => component === 'one');
    };
    expect(of([{ name: '.text', address: 8, size: 300, allocated: true }])).toMatchObject({ text: 300, data: 700 });
    expect(of([])).toMatchObject({ text: 1000, data: 0 });
  });

  it('are those of the file that stands in place of a layer, and of a kernel of one’s own', () => {
    const text = `${ONE.replace('image: rtos', 'kernel: mine.elf')}layer: { hypervisor: theirs.elf }\n`;
    // The nanokernel's bytes cannot serve as a hypervisor; the hypervisor's own, under another name, can.
    const own = rowsOf(text, { 'theirs.elf': 'hypervisor', 'mine.elf': 'unix' });
    const theirs = own.filter(({ component }) => component === 'hypervisor');
    expect(theirs).toEqual([
      {
        component: 'hypervisor',
        image: 'theirs.elf',
        text: expect.any(Number),
        data: expect.any(Number),
        sourceLines: null,
        reachable: null,
      },
    ]);
    const built = rows.find(({ component }) => component === 'hypervisor');
    expect(theirs[0]?.text).toBeGreaterThanOrEqual(built?.text ?? 0);
    expect(own.find(({ component }) => component === 'one')).toMatchObject({ image: 'mine.elf', sourceLines: null });
    expect(own.find(({ component }) => component === 'nanokernel')).toEqual(rows[1]);
  });
});

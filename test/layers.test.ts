import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Layers } from '../tools/layers.ts';
import { checkLayers, findCycles, readImports } from '../tools/layers.ts';

const root = join(import.meta.dirname, '..');
const layers: Layers = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8'));

/** Tests may look anywhere: what ships is what is checked. */
function readSources(): Map<string, string> {
  const files = globSync('src/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'));
  return new Map(files.sort().map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]));
}

describe('layers', () => {
  it('are kept by every module below src', () => {
    expect(checkLayers(readSources(), layers)).toEqual([]);
  });

  // Claims are about named modes, so a report may ask.
  it('never ask which mode it is: a mode is data', () => {
    const question = /(===|!==|case)\s*['"](native|colocated|open|virtualized)['"]/;
    const asking = [...readSources()]
      .filter(([path, text]) => !path.startsWith('src/report/') && question.test(text))
      .map(([path]) => path);
    expect(asking).toEqual([]);
  });

  it('are declared only for folders that the design names', () => {
    const known = Object.keys(layers.layers);
    for (const rule of Object.values(layers.layers)) {
      for (const name of [...rule.values, ...rule.types]) {
        expect([...known, 'images']).toContain(name.split('/')[0]);
      }
    }
  });
});

describe('the check itself', () => {
  const rules: Layers = { ...layers, leastModules: 1 };

  it('sees a machine that imports a scenario', () => {
    const sources = new Map([
      ['src/machine/bus.ts', `import { load } from '../scenario/load.ts';`],
      ['src/scenario/load.ts', 'export const load = 1;'],
    ]);
    expect(checkLayers(sources, rules)).toEqual(['src/machine/bus.ts imports scenario/load']);
  });

  it('sees a scan that finds too little', () => {
    expect(checkLayers(new Map(), rules)).toEqual(['only 0 modules found, expected at least 1']);
  });

  it('sees host time, host randomness and packages below the command line', () => {
    const text = `import { readFileSync } from 'node:fs';\nexport const seed = Math.random();`;
    expect(checkLayers(new Map([['src/faults/seed.ts', text]]), rules)).toEqual([
      'src/faults/seed.ts imports package node:fs',
      'src/faults/seed.ts uses Math.random: only src/cli knows the host',
    ]);
  });

  it('lets a report import types, and only types, of records', () => {
    const typed = new Map([['src/report/table.ts', `import type { Row } from '../faults/row.ts';`]]);
    const valued = new Map([['src/report/table.ts', `import { rows } from '../faults/row.ts';`]]);
    expect(checkLayers(typed, rules)).toEqual([]);
    expect(checkLayers(valued, rules)).toEqual(['src/report/table.ts imports faults/row']);
  });

  it('sees a cycle of values and ignores one of types', () => {
    const b = ['src/machine/b.ts', `import { a } from './a.ts';`] as const;
    const cycle = new Map([['src/machine/a.ts', `import { b } from './b.ts';`], b]);
    const harmless = new Map([['src/machine/a.ts', `import type { B } from './b.ts';`], b]);
    expect(findCycles(cycle)).toEqual([['src/machine/a.ts', 'src/machine/b.ts', 'src/machine/a.ts']]);
    expect(findCycles(harmless)).toEqual([]);
  });

  it('reads every form of import, and none in a comment', () => {
    const text = [
      `import {\n  a,\n  b,\n} from './one.ts';`,
      `import type { C } from './two.ts';`,
      `export { d } from './three.ts';`,
      `import './four.ts';`,
      `const e = await import('./five.ts');`,
      `// import { f } from './six.ts';`,
    ].join('\n');
    expect(readImports(text).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' type' : ''}`)).toEqual([
      './one.ts',
      './two.ts type',
      './three.ts',
      './four.ts',
      './five.ts',
    ]);
  });
});

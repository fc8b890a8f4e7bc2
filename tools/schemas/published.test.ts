import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedSchemas } from './published.ts';

const folder = join(import.meta.dirname, '..', '..', 'schemas');

describe('the published schema', () => {
  it.each([...publishedSchemas()])('%s is what the code reads', (file, text) => {
    expect(readFileSync(join(folder, file), 'utf8'), 'run `npm run schemas` and commit schemas/').toBe(text);
  });
});

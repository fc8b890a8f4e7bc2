// Images of the scenarios in scenarios/, for tests that load one: built ones, and files beside it or in guests/.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FETCHED, type ImageReader } from '../src/scenario/image-set.ts';
import { readBuiltImage } from './built-images.ts';

const root = join(import.meta.dirname, '..');

export const readImage: ImageReader = (source) => {
  if (source.kind === 'built') return readBuiltImage(source);
  const bytes = readFileSync(join(root, source.path.startsWith(FETCHED) ? '' : 'scenarios', source.path));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};

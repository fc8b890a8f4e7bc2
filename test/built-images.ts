// Reads the images of images/ for tests, as the command line does for people.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageReader } from '../src/scenario/image-set.ts';

const folder = join(import.meta.dirname, '..', 'images');

export const readBuiltImage: ImageReader = (source) => {
  const file = join(folder, source.kind === 'built' ? `${source.name}.elf` : source.path);
  if (!existsSync(file)) return { problem: 'does not exist' };
  const bytes = readFileSync(file);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};

// Images of the scenarios in scenarios/, for tests that load one: built ones, and files beside it or in guests/.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FETCHED, type ImageReader } from '../src/scenario/image-set.ts';
import { readBuiltImage } from './built-images.ts';

const root = join(import.meta.dirname, '..');

/** Behind the title of what needs Debian's programs in a Linux guest: why it is skipped; empty where it is not. */
export const withoutPrograms: string = existsSync(join(root, 'guests/debian/initrd-work.cpio'))
  ? ''
  : ' (skipped: run npm run guests:debian)';

export const readImage: ImageReader = (source) => {
  if (source.kind === 'built') return readBuiltImage(source);
  const bytes = readFileSync(join(root, source.path.startsWith(FETCHED) ? '' : 'scenarios', source.path));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};

// Whether the machine may be relied on: the record of its suites beside the source that is running.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doubts, type ValidationDocument, validationSchema } from '../report/validation.ts';
import { UsageError } from './errors.ts';
import { MOST_TEXT_BYTES, openPlainFile } from './files.ts';

/** Written by `npm run validate`, and committed. */
export const VALIDATION_FILE = 'validation/machine.json';
const MACHINE = 'src/machine/**/*.ts';

/** Everything that the machine is made of, tests excepted, each file by its name and its text. */
export function hashMachine(root: string): ValidationDocument['machine'] {
  const files = globSync(MACHINE, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.test.ts'))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${file}\0${text.length}\0${text}`);
  }
  return { files: files.length, sha256: hash.digest('hex') };
}

/** Undefined where there is none. */
export function readValidation(root: string): ValidationDocument | undefined {
  const opened = openPlainFile(join(root, VALIDATION_FILE), MOST_TEXT_BYTES);
  if ('problem' in opened) return undefined;
  try {
    return validationSchema.parse(JSON.parse(new TextDecoder().decode(opened.bytes)));
  } catch {
    throw new UsageError(VALIDATION_FILE, 'is no record of taco.validation/1', 'write it anew with `npm run validate`');
  }
}

/** Why the machine of this source may not be relied on; nothing where it may. */
export const machineDoubts = (root: string): string[] => doubts(readValidation(root), hashMachine(root).sha256);

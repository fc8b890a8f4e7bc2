// Files that a user names. They are untrusted: a device, a pipe or a file without end would hang the process or fill its
// memory, so only plain files of a sane size are opened.

import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const MEBIBYTE = 2 ** 20;
/** The most RAM a machine has: a larger image fits none. */
export const MOST_IMAGE_BYTES = 1024 * MEBIBYTE;
/** Far more than a scenario may have, so that the loader can say how many it may. */
export const MOST_TEXT_BYTES = MEBIBYTE;

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
};

export type Opened = { readonly bytes: Uint8Array } | { readonly problem: string };

/** The whole file, or in words why not. */
export function openPlainFile(path: string, most: number): Opened {
  try {
    const about = statSync(path);
    if (about.isDirectory()) return { problem: 'is a folder' };
    if (!about.isFile()) return { problem: 'is no plain file' };
    if (about.size > most) return { problem: `is larger than ${most / MEBIBYTE} MiB` };
    return { bytes: readFileSync(path) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return { problem: PROBLEMS[code] ?? `cannot be read (${code})` };
  }
}

/** A folder with those above it. One level at a time: the recursive call of Node does not end under /proc. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path || statSync(dirname(path), { throwIfNoEntry: false })) throw error;
    makeFolder(dirname(path));
    mkdirSync(path);
  }
}

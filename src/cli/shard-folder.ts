// The folder of a campaign's shards on a real disk.

import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Folder } from '../campaign/folder.ts';

/** A crash of this process loses nothing that was appended; one of the whole computer what the system still held. */
export function openShardFolder(path: string, name = path): Folder {
  const at = (file: string): string => join(path, file);
  return {
    name,
    names: () => readdirSync(path),
    read: (file) => readFileSync(at(file)),
    append(file, bytes) {
      const handle = openSync(at(file), 'a');
      try {
        return writeSync(handle, bytes);
      } finally {
        closeSync(handle);
      }
    },
    truncate: (file, size) => truncateSync(at(file), size),
    replace: (file, bytes) => replaceFile(at(file), bytes),
  };
}

/** The new contents or the old ones, whatever happens meanwhile: a rename is all or nothing. */
export function replaceFile(path: string, contents: Uint8Array | string): void {
  const fresh = `${path}.new`;
  const handle = openSync(fresh, 'w');
  try {
    writeFileSync(handle, contents);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, path);
}

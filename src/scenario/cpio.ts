// Writes a cpio archive in the "newc" format, the one an initramfs has (kernel documentation,
// driver-api/early-userspace/buffer-format). No dates and no owners: equal entries give equal bytes.

/** Permissions with the file type on top, as in stat. */
export const DIRECTORY = 0o040755;
export const EXECUTABLE = 0o100755;
export const PLAIN_FILE = 0o100644;
export const CHARACTER_DEVICE = 0o020600;

export interface ArchiveEntry {
  /** Relative to the root, without a leading slash. Folders come before what they hold. */
  readonly path: string;
  readonly mode: number;
  readonly bytes?: Uint8Array;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const MAGIC = '070701';
const TRAILER: ArchiveEntry = { path: 'TRAILER!!!', mode: 0 };
/** Headers and file data start on multiples of this. */
const ALIGNMENT = 4;

const field = (value: number): string => value.toString(16).padStart(8, '0').toUpperCase();
const padding = (length: number): Uint8Array => new Uint8Array((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);

function encodeEntry(entry: ArchiveEntry, inode: number): Uint8Array[] {
  const { path, mode, bytes = new Uint8Array(0), device = [0, 0] } = entry;
  const name = new TextEncoder().encode(`${path}\0`);
  const links = 1;
  // inode, mode, uid, gid, links, mtime, size, device of the archive (2), device of the file (2), name length, checksum
  const numbers = [inode, mode, 0, 0, links, 0, bytes.length, 0, 0, ...device, name.length, 0];
  const header = new TextEncoder().encode(MAGIC + numbers.map(field).join(''));
  return [header, name, padding(header.length + name.length), bytes, padding(bytes.length)];
}

export function writeCpio(entries: readonly ArchiveEntry[]): Uint8Array {
  return joined([...entries, TRAILER].flatMap((entry, index) => encodeEntry(entry, index + 1)));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The archive with a file more, or another one of that path: a kernel unpacks archives that lie one behind the other, in
 * their order. */
export function withFile(archive: Uint8Array, entry: ArchiveEntry): Uint8Array {
  return joined([archive, padding(archive.length), writeCpio([entry])]);
}

// File systems of unix (src/guests/unix/fs-format.h) on this side: an image made of files, and files found in an image,
// every claim of which is checked.
import { constants, layouts } from '../../images/index.ts';

const { fs_volume: VOLUME, fs_bitmap: BITMAP, fs_node: NODE, fs_slot: SLOT } = layouts;
const BLOCK = VOLUME.size;
const SLOTS = NODE.fields.slots.count;
const { FS_VOLUME_BLOCK, FS_BITMAP_BLOCK, FS_FIRST_HEAD, FS_NODE_FREE, FS_NODE_HEAD, FS_NODE_MORE } = constants;
/** Files that there can be, where nothing else is said. */
const FILES = 8;

export const DISK_MIN = 0x2000;
/** A bitmap of one block has no room for more. */
export const DISK_MAX = constants.FS_BLOCKS_MAX * BLOCK;
export const isDiskSize = (size: number): boolean => size % BLOCK === 0 && size >= DISK_MIN && size <= DISK_MAX;

/** What is wrong with an image. */
export class FileSystemError extends Error {}

export function checksum(block: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let sum = 0x811c9dc5 ^ block;
  for (let at = 0; at < bytes.length; at += 4) {
    sum ^= view.getUint32(at, true);
    sum = Math.imul((sum << 5) | (sum >>> 27), 0x1000193);
  }
  return sum >>> 0;
}

/** An image by blocks and fields. */
class Image {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  block(number: number): Uint8Array {
    return this.bytes.subarray(number * BLOCK, (number + 1) * BLOCK);
  }

  get(block: number, offset: number): number {
    return this.view.getUint32(block * BLOCK + offset, true);
  }

  set(block: number, offset: number, value: number): void {
    this.view.setUint32(block * BLOCK + offset, value, true);
  }

  magic(): bigint {
    return this.view.getBigUint64(VOLUME.fields.magic.offset, true);
  }

  setMagic(): void {
    this.view.setBigUint64(VOLUME.fields.magic.offset, BigInt(constants.FS_MAGIC), true);
  }

  isUsed(block: number): boolean {
    return (((this.block(FS_BITMAP_BLOCK)[block >> 3] ?? 0) >> (block & 7)) & 1) === 1;
  }

  use(block: number): void {
    const bits = this.block(FS_BITMAP_BLOCK);
    bits[block >> 3] = (bits[block >> 3] ?? 0) | (1 << (block & 7));
  }

  sum(block: number): number {
    return checksum(block, this.block(block).subarray(0, BLOCK - 4));
  }

  /** Sets the last word, the block's own checksum. */
  seal(block: number): void {
    this.set(block, BLOCK - 4, this.sum(block));
  }
}

const slotOffset = (slot: number): number => NODE.fields.slots.offset + SLOT.size * slot;

/** A formatted disk of that size with these files. Throws FileSystemError where they do not fit. */
export function makeFileSystem(size: number, files: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  const image = new Image(new Uint8Array(size));
  const blocks = Math.floor(size / BLOCK);
  let next = FS_FIRST_HEAD + FILES;
  if (!isDiskSize(size)) throw new FileSystemError(`a file system of ${size} bytes`);
  if (Object.keys(files).length > FILES) throw new FileSystemError(`more than ${FILES} files`);
  const claim = (): number => {
    if (next >= blocks) throw new FileSystemError('the disk is full');
    image.use(next);
    return next++;
  };
  image.setMagic();
  image.set(FS_VOLUME_BLOCK, VOLUME.fields.blocks.offset, blocks);
  image.set(FS_VOLUME_BLOCK, VOLUME.fields.files.offset, FILES);
  for (let block = 0; block < FS_FIRST_HEAD + FILES; block++) image.use(block);

  const names = Object.keys(files);
  for (let file = 0; file < FILES; file++) {
    const name = names[file];
    image.set(FS_FIRST_HEAD + file, NODE.fields.file.offset, file);
    if (name !== undefined) writeFile(image, file, name, files[name] ?? new Uint8Array(), claim);
    else image.seal(FS_FIRST_HEAD + file);
  }
  image.seal(FS_VOLUME_BLOCK);
  image.seal(FS_BITMAP_BLOCK);
  return image.bytes;
}

function writeFile(image: Image, file: number, name: string, content: Uint8Array, claim: () => number): void {
  const text = new TextEncoder().encode(name);
  if (text.length === 0 || text.length > NODE.fields.name.count) throw new FileSystemError(`the name ${name}`);
  let node = FS_FIRST_HEAD + file;
  image.set(node, NODE.fields.kind.offset, FS_NODE_HEAD);
  image.set(node, NODE.fields.bytes.offset, content.length);
  image.block(node).set(text, NODE.fields.name.offset);
  for (let number = 0; number * BLOCK < content.length; number++) {
    if (number > 0 && number % SLOTS === 0) {
      const more = claim();
      image.set(node, NODE.fields.next.offset, more);
      image.seal(node);
      node = more;
      image.set(node, NODE.fields.kind.offset, FS_NODE_MORE);
      image.set(node, NODE.fields.file.offset, file);
      image.set(node, NODE.fields.index.offset, number / SLOTS);
    }
    const block = claim();
    image.block(block).set(content.subarray(number * BLOCK, (number + 1) * BLOCK));
    const at = slotOffset(number % SLOTS);
    image.set(node, at + SLOT.fields.block.offset, block);
    image.set(node, at + SLOT.fields.sum.offset, checksum(block, image.block(block)));
  }
  image.seal(node);
}

/** The files of an image. Throws FileSystemError for anything that is not as it must be: a checksum, a block that two claim
 * or nobody claims, a chain that leads astray. */
export function readFileSystem(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const image = new Image(bytes);
  const check = (sound: boolean, what: string): void => {
    if (!sound) throw new FileSystemError(what);
  };
  const sealed = (block: number): void =>
    check(image.get(block, BLOCK - 4) === image.sum(block), `the checksum of block ${block}`);
  check(bytes.length >= 2 * BLOCK && image.magic() === BigInt(constants.FS_MAGIC), 'not a file system');
  sealed(FS_VOLUME_BLOCK);
  sealed(FS_BITMAP_BLOCK);
  const blocks = image.get(FS_VOLUME_BLOCK, VOLUME.fields.blocks.offset);
  const count = image.get(FS_VOLUME_BLOCK, VOLUME.fields.files.offset);
  const first = FS_FIRST_HEAD + count;
  check(blocks * BLOCK <= bytes.length && blocks <= 8 * BITMAP.fields.bits.count && first <= blocks, 'sizes');
  const claimed = new Set(Array.from({ length: first }, (_, block) => block));
  const claim = (block: number): void => {
    check(block >= first && block < blocks && !claimed.has(block), `block ${block} is claimed twice, or outside`);
    claimed.add(block);
  };
  const files = new Map<string, Uint8Array>();
  for (let file = 0; file < count; file++) {
    sealed(FS_FIRST_HEAD + file);
    const kind = image.get(FS_FIRST_HEAD + file, NODE.fields.kind.offset);
    if (kind === FS_NODE_FREE) continue;
    check(kind === FS_NODE_HEAD, `the kind of file ${file}`);
    const { name, content } = readFile(image, file, claim, sealed);
    check(!files.has(name), `two files ${name}`);
    files.set(name, content);
  }
  for (let block = 0; block < blocks; block++) {
    check(image.isUsed(block) === claimed.has(block), `block ${block} in the bitmap`);
  }
  return files;
}

function readFile(image: Image, file: number, claim: (block: number) => void, sealed: (block: number) => void) {
  const head = FS_FIRST_HEAD + file;
  const bytes = image.get(head, NODE.fields.bytes.offset);
  const content = new Uint8Array(Math.ceil(bytes / BLOCK) * BLOCK);
  let node = head;
  for (let index = 0; ; index++) {
    const right =
      image.get(node, NODE.fields.file.offset) === file && image.get(node, NODE.fields.index.offset) === index;
    if (!right) throw new FileSystemError(`block ${node} in the chain of file ${file}`);
    for (let slot = 0; slot < SLOTS; slot++) {
      const block = image.get(node, slotOffset(slot) + SLOT.fields.block.offset);
      if (block === 0) continue;
      claim(block);
      if (checksum(block, image.block(block)) !== image.get(node, slotOffset(slot) + SLOT.fields.sum.offset)) {
        throw new FileSystemError(`the checksum of data block ${block}`);
      }
      content.set(image.block(block), (index * SLOTS + slot) * BLOCK);
    }
    const next = image.get(node, NODE.fields.next.offset);
    if (next === 0) break;
    claim(next);
    sealed(next);
    node = next;
  }
  const name = image.block(head).subarray(NODE.fields.name.offset, NODE.fields.name.offset + NODE.fields.name.count);
  const end = name.indexOf(0);
  return {
    name: new TextDecoder().decode(end < 0 ? name : name.subarray(0, end)),
    content: content.slice(0, bytes),
  };
}

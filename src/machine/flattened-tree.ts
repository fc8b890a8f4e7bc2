// Builds flattened device trees (Devicetree Specification 0.4, chapter 5: format version 17) from plain objects.

/** A string, a list of strings, 32-bit cells, raw bytes, or `true` for a property without value. */
export type DeviceTreeValue = string | readonly string[] | readonly number[] | Uint8Array | true;

export interface DeviceTreeNode {
  readonly properties?: Readonly<Record<string, DeviceTreeValue>>;
  readonly children?: Readonly<Record<string, DeviceTreeNode>>;
}

const MAGIC = 0xd00dfeed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const HEADER_SIZE = 40;
/** The memory reservation block: only its terminator of two 64-bit zeros. */
const RESERVATIONS_SIZE = 16;
const TOKEN = { BEGIN_NODE: 1, END_NODE: 2, PROPERTY: 3, END: 9 } as const;

/** The blob of a tree. Equal trees, keys in equal order, give equal bytes. */
export function buildDeviceTree(root: DeviceTreeNode): Uint8Array {
  const structure: number[] = [];
  const strings = new StringTable();
  addNode(structure, strings, '', root);
  addCell(structure, TOKEN.END);
  const structureOffset = HEADER_SIZE + RESERVATIONS_SIZE;
  const stringsOffset = structureOffset + structure.length;
  const header: number[] = [];
  const totalSize = stringsOffset + strings.bytes.length;
  const bootHart = 0;
  for (const cell of [
    MAGIC,
    totalSize,
    structureOffset,
    stringsOffset,
    HEADER_SIZE,
    VERSION,
    LAST_COMPATIBLE_VERSION,
  ]) {
    addCell(header, cell);
  }
  for (const cell of [bootHart, strings.bytes.length, structure.length]) addCell(header, cell);
  const blob = new Uint8Array(totalSize);
  blob.set(header);
  blob.set(structure, structureOffset);
  blob.set(strings.bytes, stringsOffset);
  return blob;
}

/** Property names, each once. */
class StringTable {
  readonly bytes: number[] = [];
  readonly #offsets = new Map<string, number>();

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.#offsets.set(name, offset);
    addString(this.bytes, name);
    return offset;
  }
}

function addNode(out: number[], strings: StringTable, name: string, node: DeviceTreeNode): void {
  addCell(out, TOKEN.BEGIN_NODE);
  addString(out, name);
  align(out);
  for (const [property, value] of Object.entries(node.properties ?? {})) {
    const bytes = valueBytes(value);
    addCell(out, TOKEN.PROPERTY);
    addCell(out, bytes.length);
    addCell(out, strings.offset(property));
    out.push(...bytes);
    align(out);
  }
  for (const [child, childNode] of Object.entries(node.children ?? {})) addNode(out, strings, child, childNode);
  addCell(out, TOKEN.END_NODE);
}

function valueBytes(value: DeviceTreeValue): number[] {
  if (value === true) return [];
  if (value instanceof Uint8Array) return [...value];
  const bytes: number[] = [];
  for (const item of typeof value === 'string' ? [value] : value) {
    if (typeof item === 'string') addString(bytes, item);
    else addCell(bytes, item);
  }
  return bytes;
}

/** Cells are big-endian. */
function addCell(out: number[], value: number): void {
  out.push((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function addString(out: number[], text: string): void {
  if (text.includes('\0')) throw new RangeError('a string of a device tree cannot hold a NUL');
  out.push(...new TextEncoder().encode(text), 0);
}

function align(out: number[]): void {
  while (out.length % 4 !== 0) out.push(0);
}

// Reads ELF64 files for RISC-V: segments to load, symbols, sections. A file may be hostile: whatever it says, the answer
// is a bounded result or an ElfError. Relocations are not applied; our images relocate themselves.

export type ElfProblem =
  | 'truncated'
  | 'not-elf'
  | 'wrong-class'
  | 'wrong-endianness'
  | 'wrong-machine'
  | 'wrong-type'
  | 'malformed'
  | 'too-large';

export class ElfError extends Error {
  override readonly name = 'ElfError';
  readonly problem: ElfProblem;

  constructor(problem: ElfProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export interface ElfSegment {
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  /** A view of the file's bytes; the rest of memorySize is zero. */
  readonly bytes: Uint8Array;
  readonly memorySize: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly type: 'function' | 'object' | 'none';
  /** The name of its section; undefined for absolute and other special ones. */
  readonly section: string | undefined;
}

export interface ElfSection {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** Does it take memory when loaded? */
  readonly allocated: boolean;
}

export interface Elf {
  readonly entry: number;
  /** PT_LOAD only, in the file's order. */
  readonly segments: readonly ElfSegment[];
  /** Defined symbols with a name, without file and section symbols and the assembler's own ($x..., .L...). */
  readonly symbols: readonly ElfSymbol[];
  readonly sections: readonly ElfSection[];
}

// System V ABI, chapters 4 and 5; sizes of the 64-bit structures.
const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SECTION_HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const MACHINE_RISCV = 243;
const TYPE_EXECUTABLE = 2;
const TYPE_DYNAMIC = 3;
const SEGMENT_LOAD = 1;
const SECTION_SYMBOLS = 2;
const SECTION_WITHOUT_BYTES = 8;
const SECTION_FLAG_ALLOCATED = 2;
const SECTION_UNDEFINED = 0;
const SYMBOL_TYPES: readonly (ElfSymbol['type'] | undefined)[] = ['none', 'object', 'function'];

/** Memory of one segment at most: no machine has more RAM. */
const SEGMENT_LIMIT = 2 ** 30;
const SYMBOL_LIMIT = 2 ** 20;
/** Names end after at most so many bytes, so that overlapping ones cannot multiply a file's size. */
const NAME_LIMIT = 1024;

interface SectionHeader {
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly entrySize: number;
}

export function parseElf(file: Uint8Array): Elf {
  const reader = new Reader(file);
  checkIdentity(file, reader);
  const headers = sectionHeaders(reader);
  const sectionNames = headers[reader.u16(62, 'section name index')];
  const names = headers.map((header) =>
    sectionNames === undefined ? '' : readName(file, sectionNames, header.nameOffset, 'section name'),
  );
  return {
    entry: reader.address(24, 'entry'),
    segments: loadSegments(file, reader),
    symbols: readSymbols(file, reader, headers, names),
    // The header of index 0 is a place holder.
    sections: headers.slice(1).map((header, index) => ({
      name: names[index + 1] ?? '',
      address: header.address,
      size: header.size,
      allocated: (header.flags & SECTION_FLAG_ALLOCATED) !== 0,
    })),
  };
}

function checkIdentity(file: Uint8Array, reader: Reader): void {
  if (file[0] !== 0x7f || file[1] !== 0x45 || file[2] !== 0x4c || file[3] !== 0x46) {
    throw new ElfError(
      file.length < 4 ? 'truncated' : 'not-elf',
      'this is not an ELF file: its first bytes are not 7f 45 4c 46',
    );
  }
  if (file.length < HEADER_SIZE) {
    throw new ElfError('truncated', `the ELF header has ${HEADER_SIZE} bytes, the file only ${file.length}`);
  }
  if (file[4] !== CLASS_64) throw new ElfError('wrong-class', `ELF class ${file[4]} where 2 (64 bits) is needed`);
  if (file[5] !== LITTLE_ENDIAN) {
    throw new ElfError('wrong-endianness', `ELF data encoding ${file[5]} where 1 (little-endian) is needed`);
  }
  const machine = reader.u16(18, 'machine');
  if (machine !== MACHINE_RISCV) {
    throw new ElfError('wrong-machine', `ELF machine ${machine} where ${MACHINE_RISCV} (RISC-V) is needed`);
  }
  const type = reader.u16(16, 'type');
  if (type !== TYPE_EXECUTABLE && type !== TYPE_DYNAMIC) {
    throw new ElfError('wrong-type', `ELF type ${type} where 2 (executable) or 3 (position-independent) is needed`);
  }
}

function loadSegments(file: Uint8Array, reader: Reader): ElfSegment[] {
  const count = reader.u16(56, 'program header count');
  const table = tableOffset(reader, 32, 54, count, PROGRAM_HEADER_SIZE, 'program header');
  const segments: ElfSegment[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * PROGRAM_HEADER_SIZE;
    if (reader.u32(at, 'segment type') !== SEGMENT_LOAD) continue;
    const what = `segment ${index}`;
    const flags = reader.u32(at + 4, `${what}: flags`);
    const offset = reader.number(at + 8, `${what}: file offset`);
    const fileSize = reader.number(at + 32, `${what}: file size`);
    const memorySize = reader.number(at + 40, `${what}: memory size`);
    checkRange(file, offset, fileSize, what);
    if (fileSize > memorySize) throw new ElfError('malformed', `${what} has more bytes in the file than in memory`);
    if (memorySize > SEGMENT_LIMIT) throw new ElfError('too-large', `${what} would take ${memorySize} bytes of memory`);
    segments.push({
      virtualAddress: reader.address(at + 16, `${what}: virtual address`),
      physicalAddress: reader.address(at + 24, `${what}: physical address`),
      bytes: file.subarray(offset, offset + fileSize),
      memorySize,
      readable: (flags & 4) !== 0,
      writable: (flags & 2) !== 0,
      executable: (flags & 1) !== 0,
    });
  }
  return segments;
}

function sectionHeaders(reader: Reader): SectionHeader[] {
  const count = reader.u16(60, 'section header count');
  if (count === 0) return []; // stripped of sections; a count beyond 16 bits is not read
  const table = tableOffset(reader, 40, 58, count, SECTION_HEADER_SIZE, 'section header');
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * SECTION_HEADER_SIZE;
    const what = `section ${index}`;
    return {
      nameOffset: reader.u32(at, `${what}: name`),
      type: reader.u32(at + 4, `${what}: type`),
      flags: reader.u32(at + 8, `${what}: flags`),
      address: reader.address(at + 16, `${what}: address`),
      offset: reader.number(at + 24, `${what}: file offset`),
      size: reader.number(at + 32, `${what}: size`),
      link: reader.u32(at + 40, `${what}: link`),
      entrySize: reader.number(at + 56, `${what}: entry size`),
    };
  });
}

function readSymbols(file: Uint8Array, reader: Reader, headers: SectionHeader[], sectionNames: string[]): ElfSymbol[] {
  const table = headers.find((header) => header.type === SECTION_SYMBOLS);
  if (table === undefined) return [];
  const strings = headers[table.link];
  if (strings === undefined)
    throw new ElfError('malformed', `the symbol table names section ${table.link} for its strings`);
  if (table.entrySize !== SYMBOL_SIZE || table.size % SYMBOL_SIZE !== 0) {
    throw new ElfError('malformed', `the symbol table is not one of ${SYMBOL_SIZE}-byte entries`);
  }
  checkRange(file, table.offset, table.size, 'the symbol table');
  const count = table.size / SYMBOL_SIZE;
  if (count > SYMBOL_LIMIT) throw new ElfError('too-large', `the symbol table has ${count} entries`);
  const symbols: ElfSymbol[] = [];
  for (let index = 0; index < count; index++) {
    const at = table.offset + index * SYMBOL_SIZE;
    const type = SYMBOL_TYPES[reader.u8(at + 4, 'symbol type') & 15];
    const sectionIndex = reader.u16(at + 6, 'symbol section');
    const nameOffset = reader.u32(at, 'symbol name');
    if (type === undefined || sectionIndex === SECTION_UNDEFINED || nameOffset === 0) continue;
    const name = readName(file, strings, nameOffset, 'symbol name');
    if (name === '' || name.startsWith('$') || name.startsWith('.L')) continue;
    symbols.push({
      name,
      address: reader.address(at + 8, `symbol ${name}`),
      size: reader.number(at + 16, `size of symbol ${name}`),
      type,
      section: sectionNames[sectionIndex],
    });
  }
  return symbols;
}

/** The offset of a table of headers, once it is known to lie in the file and to have entries of the expected size. */
function tableOffset(
  reader: Reader,
  offsetAt: number,
  sizeAt: number,
  count: number,
  size: number,
  what: string,
): number {
  const offset = reader.number(offsetAt, `${what} offset`);
  if (count === 0) return offset;
  const entrySize = reader.u16(sizeAt, `${what} size`);
  if (entrySize !== size) throw new ElfError('malformed', `a ${what} has ${entrySize} bytes where ${size} are needed`);
  checkRange(reader.file, offset, count * size, `the ${what} table`);
  return offset;
}

function checkRange(file: Uint8Array, offset: number, size: number, what: string): void {
  if (offset + size > file.length) {
    throw new ElfError('truncated', `${what} ends at byte ${offset + size} of a file of ${file.length}`);
  }
}

function readName(file: Uint8Array, table: SectionHeader, offset: number, what: string): string {
  if (table.type === SECTION_WITHOUT_BYTES || offset >= table.size) {
    throw new ElfError('malformed', `a ${what} lies outside its string table`);
  }
  checkRange(file, table.offset, table.size, 'a string table');
  const start = table.offset + offset;
  const room = Math.min(table.size - offset, NAME_LIMIT);
  const end = file.subarray(start, start + room).indexOf(0);
  if (end < 0) throw new ElfError('malformed', `a ${what} does not end within ${room} bytes`);
  return String.fromCharCode(...file.subarray(start, start + end));
}

/** Little-endian numbers of a file; beyond its end an ElfError. */
class Reader {
  readonly file: Uint8Array;
  readonly #view: DataView;

  constructor(file: Uint8Array) {
    this.file = file;
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }

  #check(offset: number, size: number, what: string): void {
    checkRange(this.file, offset, size, what);
  }

  u8(offset: number, what: string): number {
    this.#check(offset, 1, what);
    return this.#view.getUint8(offset);
  }

  u16(offset: number, what: string): number {
    this.#check(offset, 2, what);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number, what: string): number {
    this.#check(offset, 4, what);
    return this.#view.getUint32(offset, true);
  }

  /** A 64-bit number that must be below 2^53: no size or file offset is larger. */
  number(offset: number, what: string): number {
    this.#check(offset, 8, what);
    const value = this.#view.getUint32(offset, true) + this.#view.getUint32(offset + 4, true) * 2 ** 32;
    if (value > Number.MAX_SAFE_INTEGER) throw new ElfError('too-large', `${what} is 2^53 or more`);
    return value;
  }

  /** An address: the machine's physical ones, and where our images are linked, are below 2^53. */
  address(offset: number, what: string): number {
    return this.number(offset, what);
  }
}

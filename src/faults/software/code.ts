// The functions of an image as instructions, decoded with the machine's own decoder. Addresses are those of the file.

import { decode, type Elf, INSTRUCTIONS } from '../../machine/index.ts';

export type Kind = 'branch' | 'jump' | 'call' | 'return' | 'leave' | 'load' | 'store' | 'system' | 'plain';

export interface Instruction {
  readonly at: number;
  readonly length: 2 | 4;
  readonly word: number;
  /** What it executes as, and how it is written: `addi`, `c.li`. */
  readonly name: string;
  readonly form: string;
  readonly kind: Kind;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly imm: number;
  readonly reads: readonly number[];
  /** 0: no register. */
  readonly writes: number;
  /** Of a branch or a jump, and of a call whose address stands in the code. */
  readonly target: number | undefined;
}

export interface CodeFunction {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly instructions: readonly Instruction[];
}

const RA = 1;
/** The alternative link register that tail calls and trampolines use. */
const T1 = 6;
/** Bytes that are no instruction end a function: what follows may be data. */
const HALF = 2;

function kindOf(name: string, cost: string, rd: number, rs1: number): Kind {
  switch (cost) {
    case 'branch':
      return 'branch';
    case 'jump':
      return rd === RA ? 'call' : 'jump';
    case 'indirect':
      if (rd === RA) return 'call';
      return rd === 0 && rs1 === RA ? 'return' : 'leave';
    case 'load':
    case 'store':
      return cost;
    case 'return':
      return 'leave';
    case 'atomic':
    case 'csr':
    case 'fence':
    case 'system':
      return 'system';
    default:
      return name === 'ecall' ? 'system' : 'plain';
  }
}

/** The instruction at that offset of `bytes`, which lie at `base`; undefined where none is. */
export function instructionAt(bytes: Uint8Array, base: number, at: number): Instruction | undefined {
  const offset = at - base;
  const half = (from: number) => (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8);
  if (offset < 0 || offset + HALF > bytes.length) return undefined;
  const low = half(offset);
  const isLong = (low & 3) === 3;
  if (isLong && offset + 2 * HALF > bytes.length) return undefined;
  const word = isLong ? (low | (half(offset + HALF) << 16)) >>> 0 : low;
  const decoded = decode(word);
  const row = INSTRUCTIONS[decoded?.index ?? -1];
  if (decoded === undefined || row === undefined) return undefined;
  const { format, fp, cost, name } = row;
  const { rd, rs1, rs2, imm } = decoded.operands;
  const kind = kindOf(name, cost, rd, rs1);
  const reads = [
    ...(format.rs1 !== undefined && fp?.rs1 !== true && format.name !== 'CSRI' && rs1 !== 0 ? [rs1] : []),
    ...(format.rs2 !== undefined && fp?.rs2 !== true && rs2 !== 0 ? [rs2] : []),
  ];
  return {
    at,
    length: decoded.length,
    word,
    name,
    form: decoded.compressed?.name ?? name,
    kind,
    rd,
    rs1,
    rs2,
    imm,
    reads,
    writes: format.rd !== undefined && fp?.rd !== true ? rd : 0,
    target: kind === 'branch' || cost === 'jump' ? at + imm : undefined,
  };
}

/** `auipc` and the `jalr` after it name one address between them. */
function withFarTarget(instruction: Instruction, before: Instruction | undefined): Instruction {
  const isPair = before?.name === 'auipc' && before.rd === instruction.rs1;
  const isFar = instruction.name === 'jalr' && (instruction.rd === RA || instruction.rs1 === T1);
  return isPair && isFar ? { ...instruction, target: before.at + before.imm + instruction.imm } : instruction;
}

export function decodeFunction(name: string, bytes: Uint8Array, start: number): CodeFunction {
  const instructions: Instruction[] = [];
  let at = start;
  for (;;) {
    const next = instructionAt(bytes, start, at);
    if (next === undefined) break;
    instructions.push(withFarTarget(next, instructions.at(-1)));
    at += next.length;
  }
  return { name, start, end: at, instructions };
}

/** The bytes of the file at these addresses; undefined where no segment holds them all. */
export function bytesAt({ segments }: Pick<Elf, 'segments'>, address: number, size: number): Uint8Array | undefined {
  for (const { virtualAddress, bytes } of segments) {
    const offset = address - virtualAddress;
    if (offset >= 0 && offset + size <= bytes.length) return bytes.subarray(offset, offset + size);
  }
  return undefined;
}

/** Functions of `.text`, in the order of their addresses: kernel code, without user programs and planted bugs. */
export function functionsOf(elf: Pick<Elf, 'segments' | 'sections' | 'symbols'>): CodeFunction[] {
  const seen = new Set<number>();
  return elf.symbols
    .filter(({ type, size, section }) => type === 'function' && size > 0 && section === '.text')
    .sort((a, b) => a.address - b.address || a.size - b.size)
    .flatMap(({ name, address, size }) => {
      const bytes = seen.has(address) ? undefined : bytesAt(elf, address, size);
      seen.add(address);
      return bytes === undefined ? [] : [decodeFunction(name, bytes, address)];
    });
}

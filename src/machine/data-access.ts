import { CACHE_BLOCK } from './hart/cache-blocks.ts';
import { decode, INSTRUCTIONS } from './isa/table.ts';

/** Where an instruction reaches for data: base register, displacement, and what it does there. */
export interface DataAccess {
  readonly base: number;
  readonly offset: bigint;
  readonly size: number;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Major opcodes of loads and stores, of x and of f registers: "Unprivileged ISA", table 70. */
const LOADS: readonly number[] = [0x03, 0x07];
const STORES: readonly number[] = [0x23, 0x27];
const ATOMICS = 0x2f;

/** The data access of an instruction word, undefined where it makes none. Fetches and page walks are none. */
export function dataAccess(word: number): DataAccess | undefined {
  const decoded = decode(word);
  const row = decoded === undefined ? undefined : INSTRUCTIONS[decoded.index];
  if (decoded === undefined || row === undefined) return undefined;
  const base = decoded.operands.rs1;
  const opcode = row.match & 0x7f;
  const width = 1 << ((row.match >>> 12) & 3);
  if (LOADS.includes(opcode)) {
    return { base, offset: BigInt(decoded.operands.imm), size: width, reads: true, writes: false };
  }
  if (STORES.includes(opcode)) {
    return { base, offset: BigInt(decoded.operands.imm), size: width, reads: false, writes: true };
  }
  if (opcode === ATOMICS) {
    return { base, offset: 0n, size: width, reads: !row.name.startsWith('sc.'), writes: !row.name.startsWith('lr.') };
  }
  // HLV, HLVX and HSV carry their width where others have none: "Privileged ISA", 15.3.
  const guest = 1 << ((row.match >>> 26) & 3);
  if (row.name.startsWith('hlv')) return { base, offset: 0n, size: guest, reads: true, writes: false };
  if (row.name.startsWith('hsv')) return { base, offset: 0n, size: guest, reads: false, writes: true };
  if (row.name === 'cbo.zero') return { base, offset: 0n, size: CACHE_BLOCK, reads: false, writes: true };
  return undefined;
}

import { regionIn } from './batch.ts';
import { LEVELS, LOG_FIELDS } from './handlers.ts';
import {
  CODE_BITS,
  DATA,
  DATA_PAGES,
  DUMP,
  DUMP_BYTES,
  DUMP_CSR,
  DUMP_F,
  HARNESS_BYTES,
  HEADER_ENTRIES,
  LOG,
  LOG_ENTRY,
  RAM_BASE,
  REGION_BYTES,
  regionOf,
  TABLES,
} from './layout.ts';

export type LogField = (typeof LOG_FIELDS)[number];
export type LogEntry = Readonly<Record<LogField, bigint>>;

/** The first thing in which two runs of a program differ, in the order in which it came about. */
export type Difference =
  | {
      readonly kind: 'trap';
      readonly segment: number;
      readonly fields: readonly LogField[];
      /** Absent where one of the two did not trap any more in this segment. */
      readonly ours: LogEntry | undefined;
      readonly theirs: LogEntry | undefined;
      /** The instruction at our epc, or at theirs where we did not trap. */
      readonly word: number;
      readonly theirWord: number;
    }
  | { readonly kind: 'state'; readonly segment: number; readonly fields: readonly FieldDifference[] }
  | { readonly kind: 'memory'; readonly words: readonly FieldDifference[] }
  /** One of the two did not come to an end: what it said. */
  | { readonly kind: 'stuck'; readonly why: string };

export interface FieldDifference {
  readonly name: string;
  readonly ours: bigint;
  readonly theirs: bigint;
}

/** Our traps up to the difference, that one included. */
export type Trapped = readonly { readonly entry: LogEntry; readonly word: number }[];

/** Where two values that are not the same may count as equal. */
export interface Tolerance {
  trap(field: LogField, ours: LogEntry, theirs: LogEntry): boolean;
  state(name: string, ours: bigint, theirs: bigint, after: After): boolean;
}

/** What happened before values were found to differ. */
export interface After {
  /** A trap left these very values there, and was tolerated. */
  readonly left: boolean;
  /** Some trap was taken by VS-mode, or by HS-mode. */
  readonly guestTrap: boolean;
  readonly hostTrap: boolean;
}

/** Registers that keep what the log has of a trap, by its level. */
const KEEPS: Readonly<Record<string, Partial<Record<LogField, string>>>> = {
  [LEVELS.machine]: { tval: 'mtval', tval2: 'mtval2', tinst: 'mtinst' },
  [LEVELS.hypervisor]: { tval: 'stval', tval2: 'htval', tinst: 'htinst' },
  [LEVELS.guest]: { tval: 'vstval' },
};
const keyOf = (name: string, ours: bigint, theirs: bigint) => `${name} ${ours} ${theirs}`;

/** One program's region, read as what the harness wrote. */
export class Region {
  readonly #view: DataView;
  readonly #harness: DataView;
  readonly #base: number;
  readonly #logEnd: number;

  constructor(memory: Uint8Array, slot: number, dumped: number) {
    const bytes = regionIn(memory, slot);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#harness = new DataView(memory.buffer, memory.byteOffset, HARNESS_BYTES);
    this.#base = regionOf(slot);
    this.#logEnd = DUMP_CSR + 8 * dumped;
  }

  word(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  /** The instruction at an address of the harness, or of the program under any alias. */
  code(epc: bigint): number {
    const inHarness = Number(epc) - RAM_BASE;
    if (inHarness >= 0 && inHarness < HARNESS_BYTES) return this.#harness.getUint32(inHarness & ~1, true);
    return this.#view.getUint32(Number(epc & BigInt((1 << CODE_BITS) - 1)) & ~1, true);
  }

  bytes(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + offset, length);
  }

  half(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  /** Offset of the first instruction of a segment. */
  start(segment: number): number {
    return Number(this.word(HEADER_ENTRIES + 8 * segment)) - this.#base;
  }

  /** Log entries up to the end of a segment; 0 where it never ended. */
  logged(segment: number): number {
    if (segment < 0) return 0;
    const end = Number(this.word(DUMP + DUMP_BYTES * segment + this.#logEnd));
    return end === 0 ? 0 : (end - this.#base - LOG) / LOG_ENTRY;
  }

  /** Instructions that a segment took, on a machine where minstret counts them. */
  retired(segment: number): number {
    return Number(this.word(DUMP + DUMP_BYTES * segment + this.#logEnd + 8));
  }

  entry(index: number): LogEntry {
    const at = LOG + LOG_ENTRY * index;
    return Object.fromEntries(LOG_FIELDS.map((field, i) => [field, this.word(at + 8 * i)])) as Record<LogField, bigint>;
  }

  /** All traps of a program, up to those of a segment. */
  traps(segment: number): Trapped {
    return Array.from({ length: this.logged(segment) }, (_, i) => {
      const entry = this.entry(i);
      return { entry, word: this.code(entry.epc) };
    });
  }

  dump(segment: number, index: number): bigint {
    return this.word(DUMP + DUMP_BYTES * segment + 8 * index);
  }
}

const dumpName = (dumped: readonly string[], index: number): string => {
  if (index < DUMP_F / 8) return `x${index + 1}`;
  if (index < DUMP_CSR / 8) return `f${index - DUMP_F / 8}`;
  return [...dumped, 'traps', 'retired'][index - DUMP_CSR / 8] ?? '';
};

const MEMORY = [
  [DATA, DATA_PAGES * 4096, 'data'],
  [TABLES, REGION_BYTES - TABLES, 'tables'],
] as const;

/** Compares what a program left behind; `segments` is how many it has. */
export function compareProgram(
  ours: Uint8Array,
  theirs: Uint8Array,
  slot: number,
  segments: number,
  dumped: readonly string[],
  tolerance: Tolerance,
): Difference | undefined {
  const a = new Region(ours, slot, dumped.length);
  const b = new Region(theirs, slot, dumped.length);
  const left = new Set<string>();
  let guestTrap = false;
  let hostTrap = false;
  for (let segment = 0; segment < segments; segment++) {
    const from = a.logged(segment - 1);
    const endA = a.logged(segment);
    const endB = b.logged(segment);
    for (let i = from; i < Math.max(endA, endB); i++) {
      const ea = i < endA ? a.entry(i) : undefined;
      const eb = i < endB ? b.entry(i) : undefined;
      const unlike = ea && eb ? LOG_FIELDS.filter((field) => ea[field] !== eb[field]) : LOG_FIELDS;
      const fields = ea && eb ? unlike.filter((field) => !tolerance.trap(field, ea, eb)) : unlike;
      if (ea && eb) {
        guestTrap ||= ea.level === BigInt(LEVELS.guest);
        hostTrap ||= ea.level === BigInt(LEVELS.hypervisor);
        for (const field of unlike) {
          const name = KEEPS[String(ea.level)]?.[field];
          if (name !== undefined) left.add(keyOf(name, ea[field], eb[field]));
        }
      }
      if (fields.length > 0) {
        const word = a.code((ea ?? eb)?.epc ?? 0n);
        const theirWord = a.code((eb ?? ea)?.epc ?? 0n);
        return { kind: 'trap', segment, fields, ours: ea, theirs: eb, word, theirWord };
      }
    }
    const fields: FieldDifference[] = [];
    for (let i = 0; i < DUMP_CSR / 8 + dumped.length + 2; i++) {
      const va = a.dump(segment, i);
      const vb = b.dump(segment, i);
      const name = dumpName(dumped, i);
      if (va === vb) continue;
      if (tolerance.state(name, va, vb, { left: left.has(keyOf(name, va, vb)), guestTrap, hostTrap })) continue;
      fields.push({ name, ours: va, theirs: vb });
    }
    if (fields.length > 0) return { kind: 'state', segment, fields };
  }
  const words: FieldDifference[] = [];
  for (const [start, length, name] of MEMORY) {
    if (Buffer.compare(a.bytes(start, length), b.bytes(start, length)) === 0) continue;
    for (let at = start; at < start + length; at += 8) {
      const va = a.word(at);
      const vb = b.word(at);
      if (va !== vb) words.push({ name: `${name}+0x${(at - start).toString(16)}`, ours: va, theirs: vb });
    }
  }
  return words.length > 0 ? { kind: 'memory', words } : undefined;
}

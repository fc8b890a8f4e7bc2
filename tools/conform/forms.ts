import type { Random } from '../../src/faults/random.ts';
import { COMPRESSED, decode, INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import { type CsrChoice, csrChoice } from './csr-items.ts';
import type { Limits, Variant } from './csr-rules.ts';
import { chance, type Form, pick, rowOf } from './words.ts';

/** Rows by what a random program does with them. */
export interface Forms {
  /** Results from registers: wide, compressed, floating-point. */
  readonly plain: readonly Form[];
  readonly short: readonly Form[];
  readonly floating: readonly Form[];
  readonly memory: readonly Form[];
  /** HLV, HSV and the like. */
  readonly sideways: readonly Form[];
  readonly atomic: readonly Form[];
  readonly branches: readonly Form[];
  readonly fences: readonly Form[];
  readonly illegal: (random: Random) => number | undefined;
  readonly csrs: CsrChoice;
  readonly limits: Limits;
  readonly variant: Variant;
}

const BY_ITEMS = new Set(['lr.w', 'lr.d', 'sc.w', 'sc.d', 'csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci']);
const TRAPPING = new Set(['ecall', 'ebreak', 'c.ebreak', 'mret', 'sret', 'wfi']);

/** Sorts all rows of the table that the other machine has, too. */
export function sortForms(limits: Limits, variant: Variant): Forms {
  const { absent } = limits;
  const groups = {
    plain: [] as Form[],
    short: [] as Form[],
    floating: [] as Form[],
    memory: [] as Form[],
    sideways: [] as Form[],
    atomic: [] as Form[],
    branches: [] as Form[],
    fences: [] as Form[],
  };
  for (const form of [...INSTRUCTIONS, ...COMPRESSED]) {
    const row = rowOf(form);
    if (absent.has(row.name) || absent.has(form.name) || BY_ITEMS.has(row.name) || TRAPPING.has(form.name)) continue;
    const { cost, format } = row;
    if (form.format.syntax.includes('target')) groups.branches.push(form);
    else if (cost === 'indirect') continue;
    else if (cost === 'atomic') groups.atomic.push(form);
    else if (cost === 'fence') groups.fences.push(form);
    else if (/^h[ls]v/.test(row.name)) groups.sideways.push(form);
    else if (format.syntax.includes('m') || format.syntax.includes('a')) groups.memory.push(form);
    else if ('as' in form) groups.short.push(form);
    else if (row.fp !== undefined) groups.floating.push(form);
    else groups.plain.push(form);
  }
  return { ...groups, illegal: illegalWords(absent), csrs: csrChoice(limits, variant), limits, variant };
}

const MAJOR_FP = [0x43, 0x47, 0x4b, 0x4f, 0x53];

/** Words that this table does not know, out of the opcodes that the other machine has no more of than we do. */
function illegalWords(absent: ReadonlySet<string>): Forms['illegal'] {
  const halves = Array.from({ length: 0x10000 }, (_, i) => i).filter(
    (half) => half !== 0 && (half & 3) !== 3 && decode(half) === undefined,
  );
  const noFloats = !INSTRUCTIONS.some((row) => row.name === 'fadd.s') || absent.has('fadd.s');
  return (random) => {
    if (chance(random, 30)) return pick(random, halves);
    const word = (random.word() | 3) >>> 0;
    if (noFloats && MAJOR_FP.includes(word & 0x7f)) return undefined;
    return (word & 0xffff) === 0 || decode(word) !== undefined ? undefined : word;
  };
}

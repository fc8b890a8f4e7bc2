import type { Instruction } from '../isa/instruction.ts';
import { cyclesOf } from '../isa/predecode.ts';
import { FAULTING, RETURNS } from '../isa/system.ts';
import { type Decoded, decode, INSTRUCTIONS } from '../isa/table.ts';
import type { Timing } from '../timing.ts';
import type { Block, Expression } from '../wasm/ast.ts';

/** An instruction at an offset of its page with its static cost; `taken` is that of the taken edge of a branch. */
export interface RegionInstruction {
  readonly offset: number;
  readonly row: Instruction;
  readonly decoded: Decoded;
  readonly cycles: number;
  readonly taken: number;
}

/** Instructions in a row of which only the last may go elsewhere. */
export interface RegionBlock {
  readonly instructions: readonly RegionInstruction[];
  /** Where it goes on by itself: an offset; undefined where the last instruction always goes elsewhere. */
  readonly falls: number | undefined;
  /** What stands there is for the interpreter, whatever the region. */
  readonly handsOver: boolean;
  /** Offset its last instruction goes to, if that is known; it may lie outside the page. */
  readonly target: number | undefined;
}

export interface Region {
  /** By rising offset. */
  readonly blocks: readonly RegionBlock[];
  /** Numbers of the blocks that can be entered from outside: the interpreter, calls, returns, indirect jumps; heads of loops. */
  readonly entries: ReadonlySet<number>;
}

/** A region leaves where this function of the core would be called. */
const LEFT_TO_INTERPRETER = 'float_illegal';
/**
 * Functions of the core that a region calls as the interpreter does. They tell nobody who would look at registers, which are not
 * in the state then.
 */
export const CALLED = [
  'atomic',
  'load_reserved',
  'store_conditional',
  'cbo_manage',
  'cbo_zero',
  'csr_access',
  'fence_order',
] as const;
const COVERED: ReadonlySet<string> = new Set([...CALLED, LEFT_TO_INTERPRETER]);
/** What only the interpreter does. */
const INTERPRETED: ReadonlySet<string> = new Set(
  [...FAULTING, ...RETURNS, 'trap', 'arrive'].filter((name) => !COVERED.has(name)),
);

function calls(node: Expression): readonly string[] {
  switch (node.kind) {
    case 'number':
    case 'name':
    case 'address':
      return [];
    case 'unary':
      return calls(node.operand);
    case 'binary':
      return [...calls(node.left), ...calls(node.right)];
    case 'choose':
      return [...calls(node.test), ...calls(node.yes), ...calls(node.no)];
    case 'call':
      return [node.name, ...node.args.flatMap(calls)];
  }
}

/** Names that a body calls. Rows have no loops. */
function called(block: Block): string[] {
  return block.flatMap((statement): readonly string[] => {
    switch (statement.kind) {
      case 'let':
      case 'set':
      case 'do':
        return calls(statement.value);
      case 'if':
        return [...calls(statement.test), ...called(statement.yes), ...called(statement.no ?? [])];
      default:
        throw new Error(`a row has a ${statement.kind}`);
    }
  });
}

/** Rows that a region can run, by their number. */
const COMPILED: readonly boolean[] = INSTRUCTIONS.map(
  ({ body }) => !called(body).some((name) => INTERPRETED.has(name)),
);

/** Reads the instructions of one page. */
class PageReader {
  private readonly page: DataView;
  private readonly timing: Timing;

  constructor(page: DataView, timing: Timing) {
    this.page = page;
    this.timing = timing;
  }

  private word(at: number): number | undefined {
    if (at + 2 > this.page.byteLength) return undefined;
    const low = this.page.getUint16(at, true);
    if ((low & 3) !== 3) return low;
    return at + 4 > this.page.byteLength ? undefined : this.page.getUint32(at, true);
  }

  decode(offset: number): Decoded | undefined {
    const bits = this.word(offset);
    return bits === undefined ? undefined : decode(bits);
  }

  /** What stands at an offset, if a region can run it. */
  at(offset: number): RegionInstruction | undefined {
    const decoded = this.decode(offset);
    const row = INSTRUCTIONS[decoded?.index ?? -1];
    if (decoded === undefined || row === undefined || COMPILED[decoded.index] !== true) return undefined;
    return { offset, row, decoded, ...cyclesOf(this.timing, decoded, this.word(offset + decoded.length)) };
  }
}

const GOES: ReadonlySet<string> = new Set(['jump', 'indirect', 'branch']);
/** After them control comes back, if at all, from elsewhere. */
const NEVER_ON: ReadonlySet<string> = new Set(['return']);

export const after = ({ offset, decoded }: RegionInstruction): number => offset + decoded.length;
const links = ({ row, decoded }: RegionInstruction): boolean => row.cost !== 'branch' && decoded.operands.rd !== 0;

/**
 * What can be reached within a page from the offsets that are hot, and `ran` before, up to `cap` instructions. Blocks begin
 * where something goes to: branches and jumps, what follows a branch, a call or an instruction of the interpreter.
 */
export function regionOf(
  page: DataView,
  hot: Iterable<number>,
  timing: Timing,
  cap: number,
  ran: (offset: number) => boolean,
): Region {
  const reader = new PageReader(page, timing);
  const open = [...hot].map((offset) => ({ offset, entry: true }));
  const leaders = new Map<number, boolean>();
  let room = cap;
  for (let next = open.shift(); next !== undefined && room > 0; next = open.shift()) {
    const { offset, entry } = next;
    if (offset < 0 || offset >= page.byteLength || !ran(offset)) continue;
    const known = leaders.get(offset);
    if (known !== undefined) {
      leaders.set(offset, known || entry);
      continue;
    }
    leaders.set(offset, entry);
    let at = offset;
    for (; room > 0; room--) {
      const instruction = reader.at(at);
      if (instruction === undefined) {
        const left = reader.decode(at);
        const row = INSTRUCTIONS[left?.index ?? -1];
        if (left !== undefined && row !== undefined && !NEVER_ON.has(row.cost)) {
          open.push({ offset: at + left.length, entry: true });
        }
        break;
      }
      at = after(instruction);
      if (at !== offset && leaders.has(at) && !GOES.has(instruction.row.cost)) break;
      if (!GOES.has(instruction.row.cost)) continue;
      const { cost } = instruction.row;
      const call = links(instruction);
      if (cost !== 'indirect') {
        open.push({ offset: instruction.offset + instruction.decoded.operands.imm, entry: call });
      }
      if (cost === 'branch' || call) open.push({ offset: at, entry: call });
      break;
    }
  }
  return cut(reader, leaders, cap);
}

/** The blocks between leaders; one that would be empty is none. */
function cut(reader: PageReader, leaders: ReadonlyMap<number, boolean>, cap: number): Region {
  const blocks: RegionBlock[] = [];
  const entries = new Set<number>();
  for (const [start, entry] of [...leaders].sort(([a], [b]) => a - b)) {
    const instructions: RegionInstruction[] = [];
    let at = start;
    let last: RegionInstruction | undefined;
    while (instructions.length < cap && (at === start || !leaders.has(at))) {
      const instruction = reader.at(at);
      if (instruction === undefined) break;
      instructions.push(instruction);
      at = after(instruction);
      if (!GOES.has(instruction.row.cost)) continue;
      last = instruction;
      break;
    }
    if (instructions.length === 0) continue;
    const target =
      last === undefined || last.row.cost === 'indirect' ? undefined : last.offset + last.decoded.operands.imm;
    if (entry) entries.add(blocks.length);
    const falls = last === undefined || last.row.cost === 'branch' ? at : undefined;
    blocks.push({ instructions, falls, handsOver: falls !== undefined && reader.at(falls) === undefined, target });
  }
  // Where the interpreter goes on in a loop, after what it had to run itself, it finds the way back at the loop's head.
  const numbers = new Map(blocks.map(({ instructions }, i) => [instructions[0]?.offset, i]));
  blocks.forEach(({ target }, block) => {
    const head = target === undefined ? undefined : numbers.get(target);
    if (head !== undefined && head <= block) entries.add(head);
  });
  return { blocks, entries };
}

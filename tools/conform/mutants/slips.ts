import type { Random } from '../../../src/faults/random.ts';
import { ACCESS_FUNCTIONS } from '../../../src/machine/hart/access.ts';
import { COUNTER_FUNCTIONS } from '../../../src/machine/hart/counters.ts';
import { CSR_DISPATCH, CSR_FUNCTIONS } from '../../../src/machine/hart/csr-access.ts';
import { CSRS } from '../../../src/machine/hart/csrs.ts';
import { PMP_FUNCTIONS } from '../../../src/machine/hart/pmp.ts';
import { RUN_FUNCTIONS } from '../../../src/machine/hart/run.ts';
import { TLB_FUNCTIONS } from '../../../src/machine/hart/tlb.ts';
import { WALK_FUNCTIONS } from '../../../src/machine/hart/translate.ts';
import { TRAP_FUNCTIONS } from '../../../src/machine/hart/trap.ts';
import type { FunctionNode, Statement } from '../../../src/machine/wasm/ast.ts';
import { SemanticsError } from '../../../src/machine/wasm/parse.ts';
import { coreWith } from './judge.ts';
import { forgotten, slips } from './operators.ts';
import { headOf, sitesOf } from './sites.ts';
import { expressionText } from './text.ts';

/** A machine with one slip somewhere. Its title is its name, too: what stood where, and what stands there now. */
export interface Slip {
  readonly title: string;
  readonly function: FunctionNode;
}

const FUNCTIONS = [
  ...WALK_FUNCTIONS,
  ...TRAP_FUNCTIONS,
  ...CSR_FUNCTIONS,
  ...COUNTER_FUNCTIONS,
  ...PMP_FUNCTIONS,
  ...TLB_FUNCTIONS,
  ...ACCESS_FUNCTIONS,
  ...RUN_FUNCTIONS,
];
const ROWS = CSRS.map(({ name }) => name);

/**
 * Who owns what, who is watched, what was written, what it costs, where a quantum ends and what is derived of the modelled
 * TLBs are no matter of the manual: they have suites of their own (ledger, snapshots, timing, runs, soft-TLBs), and these
 * functions and names are left as they are.
 */
const UNJUDGED_FUNCTIONS = new Set([
  'enter_party',
  'leave_layer',
  'hand_over',
  'move_share',
  'fold',
  'may_touch',
  'walk_is_foreign',
  'note_written',
  'world_of_root',
  'space',
  'is_space',
  'flush_banks',
  'moved_tables',
]);
const UNJUDGED_NAMES =
  /\b(cost_\w+|walk_refs|walk_is_foreign|foreign|may_touch|traced|observe|party\w*|enter_party|leave_layer|fold|resumed|own|stays|note_written|yield_cycle|host_request|room|left|stop|note_miss|speculate_widely|soft_wide)\b/;
const judged = (statement: Statement) => !UNJUDGED_NAMES.test(headOf(statement));

function* slipsIn(node: FunctionNode, row?: string): Generator<Slip> {
  const place = row === undefined ? node.name : `${node.name} ${row}`;
  for (const site of sitesOf(node, row, judged)) {
    if (site.kind === 'expression') {
      for (const by of slips(site.node)) {
        const title = `${place}: ${expressionText(site.node)}  ->  ${expressionText(by)}`;
        yield { title, function: site.put(by) };
      }
    } else {
      for (const { statement, how, block } of forgotten(site.node, judged)) {
        yield { title: `${place}: ${headOf(statement)}  ->  ${how}`, function: site.put(block) };
      }
    }
  }
}

/** Every slip there is. Those that change nothing in the tree are left out, and equal titles are numbered. */
export function allSlips(): Slip[] {
  const whole = FUNCTIONS.filter(({ name }) => !UNJUDGED_FUNCTIONS.has(name)).flatMap((node) => [...slipsIn(node)]);
  const rows = CSR_DISPATCH.flatMap((node) => ROWS.flatMap((row) => [...slipsIn(node, row)]));
  const seen = new Map<string, number>();
  return [...whole, ...rows].map((slip) => {
    const times = (seen.get(slip.title) ?? 0) + 1;
    seen.set(slip.title, times);
    return times === 1 ? slip : { ...slip, title: `${slip.title}  (${times})` };
  });
}

export interface Sampled {
  readonly title: string;
  readonly core: WebAssembly.Module;
}

/** A slip may break the types of the language: such a core cannot be made. */
function coreOf({ function: node }: Slip): WebAssembly.Module | undefined {
  try {
    return coreWith([node]);
  } catch (error) {
    if (error instanceof SemanticsError || error instanceof WebAssembly.CompileError) return undefined;
    throw error;
  }
}

/** `count` slips that make a core, drawn without return. */
export function sample(random: Random, slips: readonly Slip[], count: number): Sampled[] {
  const left = [...slips];
  const sampled: Sampled[] = [];
  while (sampled.length < count && left.length > 0) {
    const [slip] = left.splice(random.below(left.length), 1);
    const core = slip === undefined ? undefined : coreOf(slip);
    if (slip !== undefined && core !== undefined) sampled.push({ title: slip.title, core });
  }
  return sampled;
}

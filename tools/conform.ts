import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { differentialPart, type Wish } from './conform/campaign.ts';
import { MODES } from './conform/generate.ts';
import { ENGINES, type Engine, TIMINGS, type Timing } from './conform/here.ts';
import { mutantsPart } from './conform/mutants/part.ts';
import { slipsPart } from './conform/mutants/slips-part.ts';
import type { OracleName } from './conform/oracles.ts';
import { type Part, recordOf } from './conform/part.ts';
import type { Mode } from './conform/program.ts';
import { pointsPart } from './conform/points/part.ts';
import { rulesPart } from './conform/rules.ts';
import { enginesPart, floatPart } from './conform/suite.ts';

const HELP = `Is the machine true? Without a part named, the first one runs.

  npm run conform -- [PART...] [OPTION...]

Parts
  --differential       random programs here and on another machine, the whole state compared
  --float              floating point: operation x rounding mode x operands against an exact computation
  --engines            the engine suite
  --points N           interpreter and compiled regions at N points of each program, of a boot of Debian (npm run
                       guests:debian), and of N/5 experiments, with random thresholds and caps (--seed N)
  --mutants            machines that are wrong on purpose: the suite must fail on each
  --slips              a sample of machines with one slip anywhere: how many the suite finds (--count N, 200 by default)
  --rules              the manual's rules, each with the cases that check it, and whether these pass

Options
  --record FILE        write what the parts found as JSON
  --help               this text

Options of --differential
  --seconds N          for that long
  --instructions N     until that many are compared (1 000 000 by default)
  --count N            that many programs
  --seed N, --from N   which programs: a seed, and the number of the first
  --modes VS,VU        programs of these modes only, of M, S, U, VS, VU
  --oracle NAME        qemu (Debian's, by default) or spike
  --spike PATH         where Spike is (in PATH by default)
  --timing NAME        functional (by default) or inorder, with its finite TLBs
  --engine NAME        interpreter (by default) or regions, all code compiled
  --jobs N             in so many processes (by default one for each core, at most 4)
  --show N             shrink and show that many differences (3 by default)

Options of --rules
  --manual FOLDER      compare the list with a checkout of the manual

Ends with 0 where everything holds, 1 where not, 64 where it was asked wrongly, 78 where the other machine is missing.
`;
const WRONG_USE = 64;
const NO_ORACLE = 78;
/** Each takes some 300 MB. */
const MOST_JOBS = 64;

class UsageError extends Error {}

const OPTIONS = {
  differential: { type: 'boolean' },
  float: { type: 'boolean' },
  engines: { type: 'boolean' },
  points: { type: 'string' },
  mutants: { type: 'boolean' },
  slips: { type: 'boolean' },
  rules: { type: 'boolean' },
  manual: { type: 'string' },
  record: { type: 'string' },
  help: { type: 'boolean' },
  seed: { type: 'string', default: '1' },
  from: { type: 'string', default: '0' },
  count: { type: 'string' },
  instructions: { type: 'string' },
  seconds: { type: 'string' },
  modes: { type: 'string' },
  oracle: { type: 'string', default: 'qemu' },
  spike: { type: 'string', default: 'spike' },
  timing: { type: 'string', default: 'functional' },
  engine: { type: 'string', default: 'interpreter' },
  show: { type: 'string', default: '3' },
  jobs: { type: 'string' },
} as const;

function parse() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
type Values = ReturnType<typeof parse>;

function number(
  values: Values,
  name: 'seed' | 'from' | 'count' | 'instructions' | 'seconds' | 'show' | 'jobs' | 'points',
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`--${name} wants a number, not ${text}`);
  return value;
}

function modes(text: string | undefined): readonly Mode[] {
  if (text === undefined) return MODES;
  return text.split(',').map((name) => {
    const mode = MODES.find((known) => known === name);
    if (mode === undefined) throw new UsageError(`no mode is called ${name}; there are M, S, U, VS, VU`);
    return mode;
  });
}

/** A host that checks for others has, as a rule, no more than two cores to itself. */
function jobsOf(values: Values): number {
  const jobs = number(values, 'jobs') ?? Math.min(process.env.CI === undefined ? 4 : 2, availableParallelism());
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > MOST_JOBS)
    throw new UsageError(`--jobs wants 1 to ${MOST_JOBS}, not ${values.jobs}`);
  return jobs;
}

function wishOf(values: Values): Wish {
  const wanted = (name: 'count' | 'instructions' | 'seconds') => number(values, name);
  const [count, instructions, seconds] = [wanted('count'), wanted('instructions'), wanted('seconds')];
  const unbounded = count === undefined && seconds === undefined;
  return {
    seed: number(values, 'seed') ?? 1,
    from: number(values, 'from') ?? 0,
    count: count ?? Number.POSITIVE_INFINITY,
    instructions: instructions ?? (unbounded ? 1_000_000 : Number.POSITIVE_INFINITY),
    seconds: seconds ?? Number.POSITIVE_INFINITY,
    usual: values.modes === undefined && (count === undefined || count > 100),
    show: number(values, 'show') ?? 3,
    jobs: jobsOf(values),
  };
}

function oracleOf({ oracle, spike }: Values): OracleName {
  if (oracle === 'spike') return { spike };
  if (oracle === 'qemu') return oracle;
  throw new UsageError(`no oracle is called ${oracle}; there are qemu and spike`);
}

function timingOf({ timing }: Values): Timing {
  const known = TIMINGS.find((one) => one === timing);
  if (known !== undefined) return known;
  throw new UsageError(`no timing is called ${timing}; there are ${TIMINGS.join(' and ')}`);
}

function engineOf({ engine }: Values): Engine {
  if (engine === 'interpreter' || engine === 'regions') return engine;
  throw new UsageError(`no engine is called ${engine}; there are ${Object.keys(ENGINES).join(' and ')}`);
}

const differential = (values: Values): Promise<Part | string> =>
  differentialPart(
    { oracle: oracleOf(values), timing: timingOf(values), engine: engineOf(values), modes: modes(values.modes) },
    wishOf(values),
  );

/** The parts in the order of their report; text where one cannot run. */
const PARTS: Readonly<
  Record<
    'differential' | 'float' | 'engines' | 'points' | 'mutants' | 'slips' | 'rules',
    (values: Values) => Promise<Part | string>
  >
> = {
  differential,
  float: floatPart,
  engines: enginesPart,
  points: async (values) =>
    pointsPart(number(values, 'points') ?? 1, number(values, 'seed') ?? 1, (text) => console.error(text)),
  mutants: mutantsPart,
  slips: (values) => slipsPart({ seed: number(values, 'seed') ?? 1, count: number(values, 'count') ?? 200 }),
  rules: ({ manual }) => rulesPart(manual),
};

async function main(): Promise<number> {
  const values = parse();
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const named = Object.entries(PARTS).filter(([name]) => (values[name as keyof typeof PARTS] ?? false) !== false);
  const done: Part[] = [];
  let missing = false;
  for (const [, run] of named.length > 0 ? named : [['differential', differential] as const]) {
    const part = await run(values);
    if (typeof part === 'string') {
      console.error(part);
      missing = true;
    } else {
      console.log(part.text);
      done.push(part);
    }
  }
  if (values.record !== undefined) writeFileSync(values.record, `${JSON.stringify(recordOf(done), null, 2)}\n`);
  if (done.some((part) => !part.holds)) return 1;
  return missing ? NO_ORACLE : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`conform: ${error.message}\n  see \`npm run conform -- --help\``);
  process.exitCode = WRONG_USE;
}

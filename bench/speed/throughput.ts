// What campaigns live on: restoring, experiments, workers, memory. Figures of this host, beside what they may not fall under.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planMode } from '../../src/cli/tasks.ts';
import { type ExperimentRate, experimentRate, PARTS, scenariosOf } from './experiments.ts';
import { type RestoreCost, restoreCosts } from './restore.ts';
import { type Scaling, workerScaling } from './workers.ts';

const root = join(import.meta.dirname, '..', '..');

interface WarmMemory {
  /** MiB: of the guests, of the process at most, and in the end. */
  readonly guest: number;
  readonly most: number;
  readonly now: number;
  readonly regions: number;
}

export interface Throughput {
  readonly restore: readonly RestoreCost[];
  readonly experiments: readonly ExperimentRate[];
  readonly workers: Scaling;
  readonly memory: WarmMemory;
}

export async function measureThroughput(rounds: number, tell: (text: string) => void): Promise<Throughput> {
  const scenarios = scenariosOf(root);
  const [{ workspace }] = scenarios as [(typeof scenarios)[number]];
  tell('restore');
  const restore = restoreCosts(planMode(workspace, 'virtualized'));
  const experiments = scenarios.map(({ name, workspace }) => {
    tell(`experiments: ${name}`);
    return experimentRate(name, workspace, rounds);
  });
  tell('workers');
  const workers = await workerScaling(workspace, rounds);
  tell('memory');
  const program = fileURLToPath(new URL('./warm-machine.ts', import.meta.url));
  const memory = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as WarmMemory;
  return { restore, experiments, workers, memory };
}

interface Row {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  /** Undefined where nothing is asked. */
  readonly least?: number;
  readonly most?: number;
}

export function throughputRows({ restore, experiments, workers, memory }: Throughput): Row[] {
  return [
    ...restore.map(({ pages, best }) => ({
      what: `restore, ${pages} dirty pages`,
      figure: best,
      unit: 'us',
      ...(pages === 200 && { most: 60 }),
    })),
    ...experiments.map(({ of, instructions, perCpuSecond }) => ({
      what: `experiments, ${of} (${(instructions / 1e6).toFixed(1)} M)`,
      figure: perCpuSecond,
      unit: 'per CPU second and worker',
      ...(of !== 'shipped scenario' && { least: 100 }),
    })),
    { what: 'two workers / one', figure: workers.ratio, unit: '', least: 1.8 },
    {
      what: `host memory for ${memory.guest} MiB, ${memory.regions} regions`,
      figure: memory.most,
      unit: 'MiB',
      most: 500,
    },
  ];
}

const holds = ({ figure, least = 0, most = Number.POSITIVE_INFINITY }: Row): boolean =>
  figure >= least && figure <= most;

/** A line for each figure out of its bounds. */
export function outOfBounds(rows: readonly Row[]): string[] {
  return rows
    .filter((row) => !holds(row))
    .map(({ what, figure, unit, least, most }) => {
      const bound = least === undefined ? `at most ${most}` : `at least ${least}`;
      return `${what}: ${`${figure.toFixed(1)} ${unit}`.trim()}, ${bound}`;
    });
}

/** For console.table. */
export function throughputTables(throughput: Throughput): (readonly object[])[] {
  return [
    throughputRows(throughput).map(({ what, figure, unit, least, most }) => ({
      throughput: what,
      figure: figure.toFixed(figure < 10 ? 2 : 0),
      unit,
      asked: least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : '',
    })),
    throughput.experiments.map(({ of, experiments, parts }) => ({
      'share of the time': of,
      experiments,
      ...Object.fromEntries(PARTS.map((part) => [part, `${Math.round(100 * parts[part])} %`])),
    })),
  ];
}

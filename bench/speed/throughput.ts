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
  const [whole, short] = scenarios;
  tell('restore');
  const restore = restoreCosts(planMode(whole.workspace, 'virtualized'));
  const experiments = scenarios.map((scenario) => {
    tell(`experiments: ${scenario.name}`);
    return experimentRate(scenario, rounds);
  });
  tell('workers');
  const workers = await workerScaling(short.workspace, rounds);
  tell('memory');
  const program = fileURLToPath(new URL('./warm-machine.ts', import.meta.url));
  const memory = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as WarmMemory;
  return { restore, experiments, workers, memory };
}

/** For console.table. */
export function throughputTables({ restore, experiments, workers, memory }: Throughput): (readonly object[])[] {
  const row = (throughput: string, figure: number, unit: string) => ({
    throughput,
    figure: figure.toFixed(figure < 10 ? 2 : 0),
    unit,
  });
  return [
    [
      ...restore.map(({ pages, best }) => row(`restore, ${pages} dirty pages`, best, 'us')),
      ...experiments.map(({ of, instructions, perCpuSecond }) =>
        row(`experiments, ${of} (${(instructions / 1e6).toFixed(1)} M)`, perCpuSecond.best, 'per CPU second'),
      ),
      row('experiments, one worker', workers.one, 'per second'),
      row('experiments, two workers', workers.two, 'per second'),
      row(`host memory for ${memory.guest} MiB, ${memory.regions} regions`, memory.most, 'MiB'),
    ],
    experiments.map(({ of, experiments, parts }) => ({
      'share of the time': of,
      experiments,
      ...Object.fromEntries(PARTS.map((part) => [part, `${Math.round(100 * parts[part])} %`])),
    })),
  ];
}

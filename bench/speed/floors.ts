// What is asked of each figure, and whether it is met: the end of the bench. `--check` fails where one is not.
import { ownName, type OsRatio, type OsWork } from './os-work.ts';
import type { Leaves } from './programs.ts';
import { INTERPRETER, ONE_STAGE, QEMU_ICOUNT, QEMU_PLAIN, type Ratio, REGIONS } from './rounds.ts';
import type { Throughput } from './throughput.ts';

/** Of the best round, which other users of the computer disturbed least, and of the median one. */
interface Figure {
  readonly best: number;
  readonly median: number;
}

export interface Measurements {
  readonly programs: readonly Ratio[];
  readonly os: readonly OsRatio[];
  readonly throughput: Throughput | undefined;
}

interface Floor {
  readonly what: string;
  readonly unit?: string;
  readonly asked: { readonly least: number } | { readonly most: number };
  /** Undefined where it was not measured. */
  readonly figure: (measured: Measurements) => Figure | undefined;
}

const programs =
  (engine: string, reference: string, leaves: Leaves): Floor['figure'] =>
  ({ programs }) =>
    programs.find(
      (ratio) =>
        ratio.engine === engine && ratio.reference === reference && ratio.leaves === leaves && ratio.of === 'geomean',
    );

const slowest: Floor['figure'] = ({ programs }) => {
  const each = programs.filter(
    ({ engine, reference, leaves, of }) =>
      engine === REGIONS && reference === QEMU_PLAIN && leaves === 'none' && of !== 'geomean',
  );
  if (each.length === 0) return undefined;
  return { best: Math.min(...each.map(({ best }) => best)), median: Math.min(...each.map(({ median }) => median)) };
};

const os =
  (work: OsWork, timing: string): Floor['figure'] =>
  ({ os }) =>
    os.find((ratio) => ratio.work === work && ratio.engine === ownName(timing) && ratio.reference === QEMU_PLAIN);

const FLOORS: readonly Floor[] = [
  { what: 'programs / qemu, geomean', asked: { least: 1.3 }, figure: programs(REGIONS, QEMU_PLAIN, 'none') },
  { what: 'programs / qemu, the slowest', asked: { least: 0.8 }, figure: slowest },
  { what: 'programs / qemu, Sv39, 2M', asked: { least: 1.2 }, figure: programs(REGIONS, QEMU_PLAIN, '2M') },
  { what: 'programs / qemu, Sv39, 4K', asked: { least: 1 }, figure: programs(REGIONS, QEMU_PLAIN, '4K') },
  { what: 'programs, two stages / one, 2M', asked: { least: 0.9 }, figure: programs(REGIONS, ONE_STAGE, '2M/2M') },
  { what: 'programs, two stages / one, 4K', asked: { least: 0.9 }, figure: programs(REGIONS, ONE_STAGE, '4K/4K') },
  { what: 'programs / qemu -icount, geomean', asked: { least: 2.2 }, figure: programs(REGIONS, QEMU_ICOUNT, 'none') },
  { what: 'Debian boot / qemu, inorder', asked: { least: 0.4 }, figure: os('Debian boot', 'inorder') },
  { what: 'Debian boot / qemu, functional', asked: { least: 0.6 }, figure: os('Debian boot', 'functional') },
  { what: 'context switches / qemu', asked: { least: 1.5 }, figure: os('switches', 'inorder') },
  { what: 'interpreter / qemu, geomean', asked: { least: 0.25 }, figure: programs(INTERPRETER, QEMU_PLAIN, 'none') },
  {
    what: 'restore, 200 dirty pages',
    unit: 'us',
    asked: { most: 60 },
    figure: ({ throughput }) => throughput?.restore.find(({ pages }) => pages === 200),
  },
  {
    what: 'experiments of a million instructions',
    unit: 'per CPU second',
    asked: { least: 100 },
    figure: ({ throughput }) => throughput?.experiments.find(({ isShort }) => isShort)?.perCpuSecond,
  },
  { what: 'two workers / one', asked: { least: 1.8 }, figure: ({ throughput }) => throughput?.workers.ratio },
  {
    what: 'host memory, 128 MiB of RAM, JIT warm',
    unit: 'MiB',
    asked: { most: 500 },
    figure: ({ throughput }) => throughput && { best: throughput.memory.most, median: throughput.memory.most },
  },
];

export type Asked = Omit<Floor, 'figure'> & {
  readonly measured: Figure | undefined;
  /** By the best round; undefined where it was not measured. */
  readonly met: boolean | undefined;
};

export function compareWithFloors(measurements: Measurements): Asked[] {
  return FLOORS.map(({ figure, ...floor }) => {
    const found = figure(measurements);
    const measured = found && { best: found.best, median: found.median };
    const { asked } = floor;
    const met = measured && ('least' in asked ? measured.best >= asked.least : measured.best <= asked.most);
    return { ...floor, measured, met };
  });
}

const bound = ({ asked }: Asked): string => ('least' in asked ? `at least ${asked.least}` : `at most ${asked.most}`);
const digits = (figure: number): string => figure.toFixed(figure < 10 ? 2 : 0);

/** For console.table. */
export const floorTable = (floors: readonly Asked[]): object[] =>
  floors.map((floor) => ({
    asked: floor.what,
    'of the best round': floor.measured ? digits(floor.measured.best) : 'not measured',
    'of the median': floor.measured ? digits(floor.measured.median) : '',
    unit: floor.unit ?? '',
    bound: bound(floor),
    met: floor.met === undefined ? '' : floor.met ? 'yes' : 'NO',
  }));

/** A line for each floor that is not met. What was not measured is none. */
export function unmet(floors: readonly Asked[]): string[] {
  return floors
    .filter(({ met }) => met === false)
    .map((floor) => {
      const figure = [digits(floor.measured?.best ?? Number.NaN), floor.unit ?? []].flat().join(' ');
      return `${floor.what}: ${figure}, ${bound(floor)}`;
    });
}

export const exitCodeOf = (floors: readonly Asked[], check: boolean): 0 | 1 =>
  check && floors.some(({ met }) => met === false) ? 1 : 0;

// Interleaved rounds: each engine runs each program once a round, so that what disturbs the computer disturbs them alike.
import type { SpeedEngine } from './engines.ts';
import { type Leaves, PROGRAMS, type ProgramName } from './programs.ts';

export const INTERPRETER = 'interpreter';
export const REGIONS = 'regions';
export const QEMU_PLAIN = 'qemu';
export const QEMU_ICOUNT = 'qemu -icount';
/** Regions where the same leaves translate once: what two stages are compared with. */
export const ONE_STAGE = 'regions, one stage';

/** Turns per CPU second, of each round. */
export interface Measured {
  readonly program: ProgramName;
  readonly leaves: Leaves;
  readonly engine: string;
  readonly rates: readonly number[];
}

export const best = (rates: readonly number[]): number => Math.max(...rates);

export function median(rates: readonly number[]): number {
  const sorted = [...rates].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const geomean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** @param engines that run the programs under those leaves */
export function measure(
  engines: (leaves: Leaves) => readonly SpeedEngine[],
  leaves: readonly Leaves[],
  rounds: number,
  tell: (text: string) => void,
): Measured[] {
  const cells = (Object.keys(PROGRAMS) as ProgramName[]).flatMap((program) =>
    leaves.flatMap((leaf) => engines(leaf).map((engine) => ({ program, leaves: leaf, engine, rates: [] as number[] }))),
  );
  for (let round = 1; round <= rounds; round++) {
    for (const { program, leaves, engine, rates } of cells) {
      tell(`round ${round} of ${rounds}: ${program}, ${leaves}, ${engine.name}`);
      rates.push(engine.rate(program, leaves));
    }
  }
  return cells.map(({ engine, ...cell }) => ({ ...cell, engine: engine.name }));
}

const TWO_STAGES: Readonly<Partial<Record<Leaves, Leaves>>> = { '2M': '2M/2M', '4K': '4K/4K' };

/** Two stages beside one. */
export function stageRatios(measured: readonly Measured[]): Ratio[] {
  const one = measured.flatMap((cell) => {
    const leaves = TWO_STAGES[cell.leaves];
    return cell.engine === REGIONS && leaves !== undefined ? [{ ...cell, leaves, engine: ONE_STAGE }] : [];
  });
  return ratios([...measured, ...one], REGIONS, ONE_STAGE);
}

/** How fast `engine` is where `reference` is 1, of the best rounds or of the medians. */
export interface Ratio {
  readonly engine: string;
  readonly reference: string;
  readonly leaves: Leaves;
  /** A program, or the geometric mean of all. */
  readonly of: ProgramName | 'geomean';
  readonly best: number;
  readonly median: number;
}

export function ratios(measured: readonly Measured[], engine: string, reference: string): Ratio[] {
  const rows: Ratio[] = [];
  for (const [leaves, cells] of Map.groupBy(measured, (cell) => cell.leaves)) {
    const pairs = cells
      .filter((cell) => cell.engine === engine)
      .flatMap((cell) => {
        const other = cells.find((one) => one.engine === reference && one.program === cell.program);
        if (other === undefined) return [];
        return [
          {
            of: cell.program,
            best: best(cell.rates) / best(other.rates),
            median: median(cell.rates) / median(other.rates),
          },
        ];
      });
    if (pairs.length === 0) continue;
    const all = {
      of: 'geomean' as const,
      best: geomean(pairs.map((pair) => pair.best)),
      median: geomean(pairs.map((pair) => pair.median)),
    };
    for (const pair of [...pairs, all]) rows.push({ engine, reference, leaves, ...pair });
  }
  return rows;
}

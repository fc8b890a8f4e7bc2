// What a ratio may not fall under; `npm run bench -- --check` fails where one does.
import type { OsRatio, OsWork } from './os-work.ts';
import type { Leaves } from './programs.ts';
import type { Ratio } from './rounds.ts';

interface Floor {
  readonly engine: string;
  readonly reference: string;
  readonly leaves: Leaves;
  readonly of: Ratio['of'];
  readonly least: number;
}

export const INTERPRETER = 'interpreter';
export const REGIONS = 'regions';
export const QEMU_PLAIN = 'qemu';
export const QEMU_ICOUNT = 'qemu -icount';

const FLOORS: readonly Floor[] = [
  { engine: INTERPRETER, reference: QEMU_PLAIN, leaves: 'none', of: 'geomean', least: 0.25 },
  // Where regions stand, less what the rounds differ by; to be raised with them.
  { engine: REGIONS, reference: QEMU_PLAIN, leaves: 'none', of: 'geomean', least: 1 },
  { engine: REGIONS, reference: QEMU_PLAIN, leaves: '4K', of: 'geomean', least: 0.8 },
  { engine: REGIONS, reference: QEMU_ICOUNT, leaves: 'none', of: 'geomean', least: 1.7 },
];

/** A line for each ratio under its floor. One that was not measured is none. */
export function underFloor(ratios: readonly Ratio[]): string[] {
  return FLOORS.flatMap((floor) =>
    ratios
      .filter(
        (ratio) =>
          ratio.engine === floor.engine &&
          ratio.reference === floor.reference &&
          ratio.leaves === floor.leaves &&
          ratio.of === floor.of &&
          ratio.best < floor.least,
      )
      .map(
        ({ engine, reference, leaves, of, best }) =>
          `${engine} / ${reference}, leaves ${leaves}, ${of}: ${best.toFixed(2)}, at least ${floor.least}`,
      ),
  );
}

/** Of both engines, against plain QEMU; named by the timing. */
export const ownName = (engine: string, timing: string): string => `${engine}, ${timing}`;
const OS_FLOORS: readonly {
  readonly work: OsWork;
  readonly timing: 'inorder' | 'functional';
  readonly least: number;
}[] = [
  { work: 'Debian boot', timing: 'inorder', least: 0.4 },
  { work: 'Debian boot', timing: 'functional', least: 0.6 },
  { work: 'switches', timing: 'inorder', least: 1.5 },
];

export function osUnderFloor(ratios: readonly OsRatio[]): string[] {
  return OS_FLOORS.flatMap(({ work, timing, least }) =>
    ratios
      .filter(
        (ratio) =>
          [INTERPRETER, REGIONS].some((engine) => ratio.engine === ownName(engine, timing)) &&
          ratio.reference === QEMU_PLAIN &&
          ratio.work === work &&
          ratio.best < least,
      )
      .map(({ engine, reference, best }) => `${engine} / ${reference}, ${work}: ${best.toFixed(2)}, at least ${least}`),
  );
}

// What a ratio may not fall under; `npm run bench -- --check` fails where one does.
import type { Ratio } from './rounds.ts';
import type { Leaves } from './programs.ts';

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
  { engine: REGIONS, reference: QEMU_PLAIN, leaves: 'none', of: 'geomean', least: 0.7 },
  { engine: REGIONS, reference: QEMU_PLAIN, leaves: '4K', of: 'geomean', least: 0.6 },
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

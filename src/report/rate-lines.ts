// The rates of section 3, a line per class and ordered pair where the paper is wide enough for all modes beside each other,
// else a line per mode. FAILED, REACHED and LATE are endpoints that are never merged.

import type { ArgueDocument } from './documents.ts';
import { aligned, grouped, onPaper, type Paper, percent, widest, wrapped } from './paper.ts';

/** Every guest on a machine of its own: the control beside the modes that share one. */
export const SEPARATE = 'native';

type RateRow = ArgueDocument['rates'][number];
type PairedRow = ArgueDocument['paired'][number];

export const modeName = ({ mode }: Pick<RateRow, 'mode'>): string => (mode === SEPARATE ? 'separate machines' : mode);

/** Modes beside each other, pair after pair of a class. */
export function ratesInOrder(rates: readonly RateRow[], modes: readonly string[]): RateRow[] {
  const names = [...new Set(rates.map(pairName))];
  return names.flatMap((name) =>
    rates.filter((row) => pairName(row) === name).sort((a, b) => modes.indexOf(a.mode) - modes.indexOf(b.mode)),
  );
}

/** "7/400 1.8 % [0.7, 3.6]", or for no event "0/400 ≤0.75 %": never "0 %". */
export function rateCell(row: RateRow): string {
  if (row.injected === 0) return '-';
  const points = (share: number) => (100 * share).toFixed(1);
  const count = `${row.failed}/${row.injected}`;
  if (row.failed === 0) return `${count} ≤${percent(row.upper95, row.upper95 < 0.01 ? 2 : 1)}`;
  return `${count} ${percent(row.failed / row.injected)} [${points(row.lower95)}, ${points(row.upper95)}]`;
}

/** What of others lies open to a stray store of the faulty guest. */
export function exposureCell({ writablePages, foreignPages }: Pick<RateRow, 'writablePages' | 'foreignPages'>): string {
  return writablePages === null || foreignPages === null ? '-' : `${grouped(writablePages)}/${grouped(foreignPages)}`;
}

/** One number where all agree. */
export function rangeOf(values: readonly number[]): string {
  const least = Math.min(...values);
  const most = Math.max(...values);
  return least === most ? grouped(least) : `${grouped(least)}-${grouped(most)}`;
}

export const pairName = (row: Pick<RateRow, 'class' | 'faulty' | 'bystander'>): string =>
  `${row.class} ${row.faulty} → ${row.bystander}`;

/** Of the comparison declared beforehand. */
function holmText(paired: readonly PairedRow[], name: string): string {
  const row = paired.find((candidate) => candidate.pHolm !== null && pairName(candidate) === name);
  if (row?.pHolm === null || row?.pHolm === undefined) return '-';
  return row.pHolm < 0.001 ? '<0.001' : row.pHolm === 1 ? '1' : row.pHolm.toFixed(3);
}

/** What the bystanders showed besides failing, where they showed anything. */
function otherEndpoints(rows: readonly RateRow[]): string[] {
  return rows
    .filter((row) => row.reached > 0 || row.refused > 0 || row.late > 0)
    .map((row) => {
      const seeds = rangeOf(row.trajectories.map(({ failed }) => failed));
      return `${pairName(row)}, ${row.mode}: reached ${row.reached}, latent ${row.latent}, refused ${row.refused}, late ${row.late}; failed per seed ${seeds}`;
    });
}

/** Faults that a release could hold: marked, because the words take half a line. */
export const PASSES = ' (passes self-test)';
export const PASSES_NOTE = '*: of these, those that pass the self-test of the guest.';

/** Classes that some guest has nothing for: another's kernel has no mutants, say. */
export function placelessTexts(rates: readonly Pick<RateRow, 'class' | 'faulty'>[]): string[] {
  const guests = [...new Set(rates.map(({ faulty }) => faulty))];
  const classes = [...new Set(rates.map((row) => row.class))].filter((name) => !name.endsWith(PASSES));
  return classes.flatMap((name) => {
    const without = guests.filter((guest) => !rates.some((row) => row.class === name && row.faulty === guest));
    return without.length === 0 ? [] : [`${name} has no place in ${without.join(', ')}.`];
  });
}

export function rateLines(
  paper: Paper,
  rates: readonly RateRow[],
  paired: readonly PairedRow[],
  modes: readonly string[],
): string[] {
  const rowsOf = (pair: string) => rates.filter((row) => `${row.faulty} → ${row.bystander}` === pair);
  const shown = (row: RateRow) => modes.includes(row.mode);
  const blocks = [...new Set(rates.map((row) => `${row.faulty} → ${row.bystander}`))].map((pair) => {
    const own = rowsOf(pair);
    const exposure = modes.map((mode) => {
      const row = own.find((each) => each.mode === mode);
      return row === undefined ? '-' : exposureCell(row);
    });
    const classes = [...new Set(own.map((row) => row.class))].map((name) => {
      const of = own.filter((row) => row.class === name);
      const cells = modes.map((mode) => {
        const row = of.find((each) => each.mode === mode);
        return row === undefined ? '-' : rateCell(row);
      });
      const activated = rangeOf(of.filter((row) => shown(row) && row.mode !== SEPARATE).map((row) => row.activated));
      return [`  ${name.replace(PASSES, '*')}`, activated, ...cells, holmText(paired, `${name} ${pair}`)];
    });
    return { pair, lines: [['  writable pages', '', ...exposure, ''], ...classes] };
  });
  const titles = modes.map((mode) => (mode === SEPARATE ? 'separate' : mode));
  const heading = ['', 'activated', ...titles, 'Holm p'];
  const table = [heading, ...blocks.flatMap(({ pair, lines }) => [[pair], ...lines])];
  const wide = aligned(table.map((row) => row.map((text) => onPaper(paper, text))));
  const narrow = blocks.flatMap(({ pair, lines }) => [
    onPaper(paper, `   ${pair}`),
    ...lines.flatMap(([name = '', activated = '', ...cells]) => {
      const holm = cells.at(-1) ?? '';
      const text = `${name.trim()}${activated === '' ? '' : `, activated ${activated}, Holm p ${holm}`}: ${titles.map((title, index) => `${title} ${cells[index]}`).join(' · ')}`;
      return wrapped(paper, onPaper(paper, text), 9, '     ');
    }),
  ]);
  const others = otherEndpoints(rates.filter((row) => shown(row) && row.mode !== SEPARATE));
  const body = widest(wide) <= paper.columns ? wide : narrow;
  return [...body, ...others.flatMap((text) => wrapped(paper, onPaper(paper, text), 7, '     '))];
}

// Sizes, address ranges and times as people write them in a scenario.

/** Nanoseconds of one mtime tick, the unit of every time that a layer sees. */
const TICK_NANOSECONDS = 100;
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const TIME_UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

export interface Range {
  readonly base: number;
  readonly size: number;
}

/** "128M", "0x8000_0000", 4096; undefined if it is no size below 2^53. */
export function parseSize(text: string | number): number | undefined {
  const match = /^(0x[0-9a-f_]+|[0-9]+)([KMG]?)$/i.exec(String(text).trim());
  if (!match) return undefined;
  const [, digits = '', unit = ''] = match;
  const value = Number(digits.replaceAll('_', '')) * (SIZE_UNITS[unit.toUpperCase()] ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** "0x82000000+32M" */
export function parseRange(text: string): Range | undefined {
  const [base, size, ...rest] = text.split('+').map(parseSize);
  return base === undefined || size === undefined || rest.length > 0 ? undefined : { base, size };
}

/** "200us" in mtime ticks; undefined if it is no whole number of them. */
export function parseTicks(text: string): number | undefined {
  const match = /^([0-9]+)\s*(ns|us|ms|s)$/.exec(text.trim());
  if (!match) return undefined;
  const [, digits = '', unit = ''] = match;
  const ticks = (Number(digits) * (TIME_UNITS[unit] ?? Number.NaN)) / TICK_NANOSECONDS;
  return Number.isSafeInteger(ticks) ? ticks : undefined;
}

/** "2ms/10ms": so much of each period. */
export function parseBudget(text: string): { budgetTicks: number; periodTicks: number } | undefined {
  const [budgetTicks, periodTicks, ...rest] = text.split('/').map(parseTicks);
  if (budgetTicks === undefined || periodTicks === undefined || rest.length > 0) return undefined;
  return { budgetTicks, periodTicks };
}

/** "2ms+3ms/10ms": in each period from then on, for so long. */
export function parseWindow(
  text: string,
): { startTicks: number; lengthTicks: number; periodTicks: number } | undefined {
  const [span = '', period = '', ...rest] = text.split('/');
  const [startTicks, lengthTicks, ...more] = span.split('+').map(parseTicks);
  const periodTicks = parseTicks(period);
  if (startTicks === undefined || lengthTicks === undefined || periodTicks === undefined) return undefined;
  return rest.length + more.length > 0 ? undefined : { startTicks, lengthTicks, periodTicks };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

export function formatSize(size: number): string {
  for (const unit of ['G', 'M', 'K']) {
    const bytes = SIZE_UNITS[unit] ?? 1;
    if (size >= bytes && size % bytes === 0) return `${size / bytes}${unit}`;
  }
  return hex(size);
}

export const formatAddress = hex;

export function formatRange({ base, size }: Range): string {
  return `${hex(base)}+${formatSize(size)}`;
}

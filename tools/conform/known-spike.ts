import { disassemble } from '../../src/machine/isa/disassemble.ts';
import type { Difference, LogEntry, Tolerance, Trapped } from './compare.ts';
import { type Limits, NO_LIMITS } from './csr-rules.ts';

/** What programs for Spike leave out; the ids are those of known.yaml. */
export const AVOIDED = {
  'no-fiom': 'noFiom',
  'misaligned-atomic': 'alignedAtomics',
  'delegates-fetch': 'noFetchMisaligned',
  'vstip-stays': 'steadySstc',
  'timers-share': 'oneTimer',
  'fs-dirty': 'dirtyFs',
} as const satisfies Readonly<Record<string, keyof Limits>>;

export const SPIKE_LIMITS: Limits = {
  ...NO_LIMITS,
  ...Object.fromEntries(Object.values(AVOIDED).map((limit) => [limit, true])),
};

export const SPIKE_TOLERANCE: Tolerance = {
  // cbo-zero-tval
  trap: (field, ours, theirs) =>
    (field === 'tval' && (ours.tval & ~63n) === theirs.tval) ||
    (field === 'tval2' && (ours.tval2 & ~15n) === theirs.tval2),
  state: (name, ours, theirs) =>
    (/^(m|s|vs)tval$/.test(name) && (ours & ~63n) === theirs) ||
    (/^(mtval2|htval)$/.test(name) && (ours & ~15n) === theirs),
};

const isStore = (word: number) => /^(c\.)?(f?s[bhwd]|hsv)/.test(disassemble(word));
const atPageStart = (entry: LogEntry) => (entry.tval & 0xfffn) === 0n;

export const RECOGNISED = ['store-crossing', 'cbo-zero-tval'] as const;

/**
 * The id of what explains a difference. Of a store that crosses into another page we look at both translations before any
 * access; Spike finishes the first part, so that it may fault first, or have been written when the second part faults.
 */
export function recogniseSpike(difference: Difference, trapped: Trapped): (typeof RECOGNISED)[number] | undefined {
  const crossed = trapped.some(
    ({ entry, word }) => isStore(word) && atPageStart(entry) && [7n, 15n, 23n].includes(entry.cause),
  );
  if (crossed) return 'store-crossing';
  // The tval that a program may have read.
  const zeroed = trapped.some(({ entry, word }) => /^cbo\.zero/.test(disassemble(word)) && (entry.tval & 63n) !== 0n);
  return zeroed && difference.kind !== 'trap' ? 'cbo-zero-tval' : undefined;
}

// The one bug that a reader watches: in each mode what was done, what each guest said, and the chain of causes.

import { z } from 'zod';
import type { Trace } from '../faults/trace.ts';
import { causalChain } from './chain.ts';

const count = z.int().min(0);
const step = z.strictObject({
  /** Null for what is known only at the end. */
  cycle: count.nullable(),
  who: z.string(),
  text: z.string(),
});

export const watchedRow = z.strictObject({
  fault: z.string(),
  name: z.string(),
  mode: z.string(),
  from: z.string(),
  replay: z.string(),
  /** Cycle of the injection; null where its point was never reached. */
  act: count.nullable(),
  end: count,
  failed: z.boolean(),
  guests: z.array(
    z.strictObject({
      name: z.string(),
      words: count,
      work: count,
      crash: z.string(),
      lines: z.array(z.strictObject({ cycle: count, text: z.string() })),
    }),
  ),
  steps: z.array(step),
});

export type WatchedRow = z.output<typeof watchedRow>;

/** Lines of a console that a document keeps: a guest may flood. */
const LINES_KEPT = 40;

export function watchedRowOf(name: string, trace: Trace): WatchedRow {
  const { record, injection, end, guests } = trace;
  return {
    fault: record.class,
    name,
    mode: record.mode,
    from: record.from,
    replay: record.id,
    act: injection?.cycle ?? null,
    end: end.cycle,
    failed: record.outcome.bystanders.some(({ endpoints }) => endpoints.failed),
    guests: guests.map(({ name: guest, words, work, crash, lines }) => ({
      name: guest,
      words,
      work,
      crash,
      lines: lines.slice(-LINES_KEPT).map(({ cycle, text }) => ({ cycle, text })),
    })),
    steps: causalChain(trace).map(({ cycle, who, text }) => ({ cycle: cycle ?? null, who, text })),
  };
}

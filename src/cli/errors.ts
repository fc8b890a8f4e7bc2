// Everything that ends a command early, with its exit code. A message has two lines: what and where, then the remedy.

/** Documented in the design; scripts rely on them. */
export const EXIT = {
  /** Measured, held. */
  OK: 0,
  /** Worse than the run it is compared with. */
  REGRESSION: 1,
  /** Wrong usage, or an input that does not fit its schema. */
  USAGE: 2,
  /** Inconclusive at this n, or an expectation that was not met. */
  INCONCLUSIVE: 3,
  /** A control failed, or the program contradicts itself. */
  INTERNAL: 70,
  INTERRUPTED: 130,
} as const;

/** What a user can mend: `place  what`, then the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(place: string, what: string, remedy: string) {
    super(`${place}  ${what}\n  ${remedy}`);
  }
}

/** Something that should never happen: ours to mend. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
}

/** Errors whose message has both its lines, by name: they may come from another process. */
const COMPLETE: Readonly<Record<string, number>> = {
  InputError: EXIT.USAGE,
  UsageError: EXIT.USAGE,
  RefusedFolder: EXIT.USAGE,
  StorageFailed: EXIT.INTERNAL,
  DeterminismError: EXIT.INTERNAL,
};

/** It says what to do about it, so it is no defect of this program. */
export function explainsItself(error: unknown): boolean {
  return error instanceof Error && error.name in COMPLETE;
}

/** The two lines for any error, without a stack trace, and the exit code. */
export function explain(error: unknown): { readonly text: string; readonly code: number } {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error ? COMPLETE[error.name] : undefined;
  if (code !== undefined) return { text: message, code };
  const first = message.split('\n')[0] ?? '';
  return {
    text: `taco: ${first}\n  this is a defect of taco or of the machine: report it with the command`,
    code: EXIT.INTERNAL,
  };
}

// Which options a command works with: those given, else those that its folder was made with, else the defaults.

import { resolve } from 'node:path';
import type { z } from 'zod';
import { UsageError } from './errors.ts';
import { readRequest } from './run-folder.ts';

export interface Settled<Options> {
  readonly options: Options;
  /** Undefined for the default one. */
  readonly scenario: string | undefined;
  /** Of the command that is gone on with. */
  readonly commandLine: string | undefined;
}

export interface Given {
  readonly command: string;
  /** The folder to go on with. */
  readonly resume: string | undefined;
  readonly scenario: string | undefined;
  /** By name; undefined is as good as absent. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** @param schema knows the defaults; what stands in a folder is untrusted, so it goes through it as well */
export function settle<Options>(given: Given, schema: z.ZodType<Options>): Settled<Options> {
  const recorded = given.resume === undefined ? undefined : readRequest(given.resume, given.command);
  const own = Object.entries(given.options).filter(([, value]) => value !== undefined);
  const parsed = schema.safeParse({ ...recorded?.options, ...Object.fromEntries(own) });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
    throw new UsageError(
      given.resume ?? `taco ${given.command}:`,
      `has an option ${path.join('.')} that does not fit: ${message}`,
      'start it anew with --out, or give the option on the command line',
    );
  }
  return {
    options: parsed.data,
    scenario: given.scenario ?? recorded?.scenario ?? undefined,
    commandLine: recorded?.commandLine,
  };
}

/** As a folder remembers it: wherever the next command is started from. */
export function scenarioForRecord(scenario: string | undefined): string | null {
  return scenario === undefined ? null : resolve(scenario);
}

// `taco vary`: a scenario with other factors, for every other command.

import { writeFileSync } from 'node:fs';
import { problemOf } from '../campaign/store.ts';
import { loadScenario } from '../scenario/load.ts';
import { varied } from '../scenario/vary.ts';
import { EXIT, UsageError } from './errors.ts';
import type { Host } from './host.ts';
import { readScenario } from './workspace.ts';

export interface VaryOptions {
  readonly settings: readonly string[];
  readonly scenario: string | undefined;
  readonly out: string | undefined;
}

export function vary(host: Host, { settings, scenario, out }: VaryOptions): number {
  const { text, file } = readScenario(host.root, scenario);
  const changed = varied(text, settings);
  // What does not fit is refused here, at its place in the new text.
  loadScenario(out ?? file, changed);
  if (out === undefined) {
    host.out(changed);
    return EXIT.OK;
  }
  try {
    writeFileSync(out, changed);
  } catch (error) {
    throw new UsageError(out, `cannot be written: ${problemOf(error)}`, 'give another file with --out');
  }
  return EXIT.OK;
}

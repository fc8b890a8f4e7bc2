// `taco diff`: what changed between two finished runs; a regression is an exit code.

import { diffDocuments, diffLines } from '../report/diff.ts';
import { EXIT } from './errors.ts';
import type { Host } from './host.ts';
import { readRun } from './report.ts';

export interface DiffOptions {
  readonly before: string;
  readonly after: string;
  readonly json: boolean;
}

export function diff(host: Host, options: DiffOptions): number {
  const changes = diffDocuments(readRun(options.before), readRun(options.after));
  host.out(options.json ? `${JSON.stringify(changes, null, 2)}\n` : `${diffLines(host.paper, changes).join('\n')}\n`);
  return changes.regressions > 0 ? EXIT.REGRESSION : EXIT.OK;
}

// `--trace`: a timeline of the run, in virtual time, as a file.

import { closeSync, openSync, writeSync } from 'node:fs';
import { timelineDocument } from '../timeline/document.ts';
import { type NameOf, type TimedMachine, Timeline } from '../timeline/timeline.ts';
import { UsageError } from './errors.ts';

/** Text written at a time. */
const CHUNK = 1 << 16;

/** Opened before the run, so that a run is not made for a file that cannot be. */
function create(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError('taco --trace:', `${path} cannot be written (${code})`, 'give the path of a file');
  }
}

export interface Trace {
  /** Ends the timeline and writes it. */
  write(): void;
}

/** Without a path nothing is recorded. */
export function startTrace(machine: TimedMachine, nameOf: NameOf, path: string | undefined): Trace {
  if (path === undefined) return { write: () => undefined };
  const file = create(path);
  const timeline = new Timeline(machine, nameOf);
  return {
    write: () => {
      timeline.finish();
      let text = '';
      for (const line of timelineDocument(timeline)) {
        text += line;
        if (text.length < CHUNK) continue;
        writeSync(file, text);
        text = '';
      }
      writeSync(file, text);
      closeSync(file);
    },
  };
}

// The host as commands see it: two streams, a terminal or none, the folder of the project. The only place that asks the
// process for them, so that a test can hand in others.

import { join } from 'node:path';
import { type Paper, PLAIN } from '../report/paper.ts';
import { EXIT } from './errors.ts';

/** Capabilities handed to commands. */
export interface Host {
  readonly root: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly paper: Paper;
  readonly errIsTerminal: boolean;
  readonly version: string;
  /** Milliseconds since any fixed moment: for speeds on stderr alone. */
  readonly now: () => number;
}

/** Narrower than this and tables fall apart; wider and lines are hard to follow. */
const COLUMNS = { least: 80, most: 120 } as const;

/** A pipe always gets the same plain paper, so that stdout is the same bytes everywhere. */
function paperOf(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Paper {
  if (stream.isTTY !== true) return PLAIN;
  const columns = Math.min(COLUMNS.most, Math.max(COLUMNS.least, stream.columns ?? PLAIN.columns));
  const plain = environment.TERM === 'dumb';
  const { NO_COLOR: noColour } = environment;
  return { columns, unicode: !plain, colour: !plain && (noColour === undefined || noColour === '') };
}

/** A reader who has seen enough, `head` for one, ends the command as Ctrl-C would; a full disk is worth a message. */
function endWhenUnwritable(stream: NodeJS.WriteStream, name: string): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.INTERRUPTED);
    process.stderr.write(`taco: ${name} cannot be written (${error.code})\n  send it to where there is room\n`);
    process.exit(EXIT.INTERNAL);
  });
}

export function processHost(version: string): Host {
  endWhenUnwritable(process.stdout, 'stdout');
  endWhenUnwritable(process.stderr, 'stderr');
  return {
    root: join(import.meta.dirname, '..', '..'),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paper: paperOf(process.stdout, process.env),
    errIsTerminal: process.stderr.isTTY === true,
    version,
    now: () => performance.now(),
  };
}

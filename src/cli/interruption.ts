// Ctrl-C: the first one drains and saves, the second one kills.

import { EXIT } from './errors.ts';
import type { Host } from './host.ts';

/** Asked between batches. */
export interface Interruption {
  readonly requested: boolean;
}

/** Ends a command whose rows are saved: no conclusion is drawn from a part of them. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export function listenForInterruption(host: Host): Interruption {
  const state = { requested: false };
  process.on('SIGINT', () => {
    if (state.requested) process.exit(EXIT.INTERRUPTED);
    state.requested = true;
    host.err('\ntaco: finishing what runs, then saving; once more to stop at once\n');
  });
  return state;
}

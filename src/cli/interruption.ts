// Ctrl-C: the first one drains and saves, the second one kills.

import { EXIT } from './errors.ts';
import type { Host } from './host.ts';

export interface Interruption {
  readonly requested: boolean;
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

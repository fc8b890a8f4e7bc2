// Progress on stderr: what is going on, how fast, how long still, and the counts so far. One line that is written over
// on a terminal; elsewhere a line every few seconds.

import type { Host } from './host.ts';

const TERMINAL_INTERVAL = 100;
const PIPE_INTERVAL = 2000;

export interface Progress {
  /** `note` is a running count or estimate, already in words. */
  step(note?: string): void;
  end(): void;
}

export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Says so at once, before the first unit is done, and again when all are. */
export function startProgress(host: Host, title: string, total: number): Progress {
  const started = host.now();
  let done = 0;
  let shown = Number.NEGATIVE_INFINITY;
  const line = (note: string): string => {
    const elapsed = Math.max(1, host.now() - started);
    const rate = (1000 * done) / elapsed;
    const rest = done === 0 ? '' : `, ${formatDuration(((total - done) * elapsed) / done)} left`;
    return `${title}: ${done} of ${total}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${rest}${note === '' ? '' : `, ${note}`}`;
  };
  const show = (note: string, force: boolean): void => {
    const now = host.now();
    const interval = host.errIsTerminal ? TERMINAL_INTERVAL : PIPE_INTERVAL;
    if (!force && now - shown < interval) return;
    shown = now;
    host.err(host.errIsTerminal ? `\r\u001b[K${line(note).slice(0, host.paper.columns - 1)}` : `${line(note)}\n`);
  };
  show('', true);
  return {
    step(note = '') {
      done++;
      show(note, false);
    },
    end() {
      if (host.errIsTerminal) host.err('\r\u001b[K');
      else show('', true);
    },
  };
}

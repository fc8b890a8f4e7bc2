// Interrupts that never end: a guest that does nothing but take the same one again and again. What is pending, and whose the
// pending bit is, tells whether its neighbours must take it as well.

import type { HartPort } from '../machine/index.ts';
import { portOf, type Rig, rigGuest } from './rig.ts';
import { supervisorCsr } from './supervisor-csr.ts';

export interface Storm {
  readonly guest: number;
  /** Number of the interrupt, as the guest has it. */
  readonly interrupt: number;
  readonly count: number;
  /** When the run ended the bit was still set in the register that hardware has once for all, or in the guest's own; or it
   * was in neither. */
  readonly pending: 'of the hart' | 'of the guest' | 'no more';
}

/** Many times what a healthy run takes in all. */
const LEAST = 20_000;
/** Traps of a run that are looked at: enough for several guests to be seen in one storm. */
const HEARD = 8 * LEAST;

/** From now on until the answer is asked for, when the run is over. */
export function watchStorms(rig: Rig): () => readonly Storm[] {
  const { machine } = rig;
  const counts = new Map<string, { guest: number; interrupt: number; count: number }>();
  const stop = machine.probe.onFirst(HEARD, 'trap', ({ hart, from, to, interrupt, cause }) => {
    const port = machine.ports[hart];
    const guest = port?.world;
    // What is taken at the guest's own level: in VS-mode, or in S-mode where it is there itself.
    const isOwn = to === 'VS' || (to === 'HS' && (port?.mode === 'S' || port?.mode === 'U'));
    if (!interrupt || from !== 'guest' || guest === undefined || !isOwn) return;
    const known = counts.get(`${guest} ${cause}`);
    if (known === undefined) counts.set(`${guest} ${cause}`, { guest, interrupt: cause, count: 1 });
    else known.count++;
  });
  return () => {
    stop();
    return [...counts.values()]
      .filter(({ count }) => count >= LEAST)
      .map((storm) => ({ ...storm, pending: pendingIn(portOf(rig, rigGuest(rig, storm.guest)), storm) }))
      .sort((a, b) => a.guest - b.guest);
  };
}

function pendingIn(port: HartPort, { guest, interrupt }: Omit<Storm, 'pending' | 'count'>): Storm['pending'] {
  const isSet = (mode: 'S' | 'VS') => {
    const { row, shift } = supervisorCsr('sip', mode);
    return ((port.csr(row) >> BigInt(interrupt + shift)) & 1n) !== 0n;
  };
  if (isSet('S')) return 'of the hart';
  return port.world === guest && isSet('VS') ? 'of the guest' : 'no more';
}

// Errors that layers return to guests from their calls (SBI: negative in a0), as they come back. A layer that is hit may
// refuse what it would have done, and nobody is any the worse for it.

import type { Rig } from './rig.ts';

const ECALL_FROM_S = 9;
const ECALL_FROM_VS = 10;
const A0 = 10;

export interface ErrorWatch {
  /** The cycle at which each came back. */
  readonly errors: readonly number[];
  stop(): void;
}

/** From here on: listens, and changes nothing. */
export function watchErrors(rig: Rig): ErrorWatch {
  const { machine } = rig;
  const errors: number[] = [];
  const calling = new Set<number>();
  const stops = [
    machine.probe.on('trap', ({ interrupt, cause }) => {
      // Of S-mode calls those of the hypervisor are its own affair: the caller runs as the layer.
      const { world } = machine;
      if (interrupt || world === undefined) return;
      if (cause === ECALL_FROM_VS || (cause === ECALL_FROM_S && machine.ports[0]?.party === 'guest'))
        calling.add(world);
    }),
    machine.probe.on('party', ({ party, world, cycle }) => {
      if (party !== 'guest' || world === undefined || !calling.delete(world)) return;
      if (BigInt.asIntN(64, machine.x(A0)) < 0n) errors.push(cycle);
    }),
  ];
  return {
    errors,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

import { INTERRUPT_BIT, OBSERVE } from './hart/constants.ts';
import type { HartPort } from './hart-port.ts';
import type { Probe } from './probe.ts';

const LEVELS = ['VS', 'HS', 'HS', 'M'] as const;

/** Turns what the core tells into events of the probe. */
export class CoreEvents {
  private readonly probe: Probe;
  /** Party and world that each hart was last said to run, so that only changes are told. */
  private readonly said: string[] = [];

  constructor(probe: Probe) {
    this.probe = probe;
  }

  tell(port: HartPort, what: number, a: number, b: number, cycle: number): void {
    const { probe } = this;
    const hart = port.index;
    switch (what) {
      case OBSERVE.trap: {
        const interrupt = (b & INTERRUPT_BIT) !== 0;
        const cause = b & (INTERRUPT_BIT - 1);
        const { pc, party: from } = port;
        const value = interrupt ? 0n : port.trapValue;
        probe.tell('trap', { hart, to: LEVELS[a & 3] ?? 'M', from, interrupt, cause, pc, value, cycle });
        return;
      }
      case OBSERVE.party: {
        const { party, world } = port;
        const now = `${party} ${world}`;
        if (this.said[hart] === now) return;
        this.said[hart] = now;
        probe.tell('party', { hart, party, world, cycle });
        return;
      }
      case OBSERVE.wait:
        probe.tell('wait', { hart, begins: a !== 0, cycle });
        return;
    }
  }

  /** Forgets what was said: after a restore, or where nobody listened. */
  forget(): void {
    this.said.length = 0;
  }
}

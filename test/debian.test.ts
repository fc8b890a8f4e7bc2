// Debian's firmware, boot loader, kernel, busybox and QEMU, as Debian publishes them. `npm run guests:debian` fetches them;
// without them there is nothing to boot, and the tests say so.
import { describe, expect, it } from 'vitest';
import { BOOTS, missingStrangers, playStranger, runToText, startStranger } from '../tools/validate/strangers.ts';

const missing = missingStrangers();
/** Host time that two boots may take on a busy machine. */
const PATIENCE = 300_000;

describe.skipIf(missing !== undefined)(
  `Debian${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  {
    timeout: PATIENCE,
  },
  () => {
    it.each([1, 2])('is at the same place at /init in every boot on %i harts, however the run is cut', (harts) => {
      const boots = [1, 2].map(() => startStranger({ scenario: 'debian', harts }).machine);
      const [first, second] = boots;
      if (first === undefined || second === undefined) throw new Error('no machines');
      runToText(first, 'taco: /init');
      second.run(first.cycles);
      const [one, other] = boots.map((machine) => [machine.cycles, machine.instret, machine.hash()]);
      expect(other).toEqual(one);
    });

    it.each(BOOTS)('boots and does what is typed: $name', (boot) => {
      const { machine, files } = playStranger(boot);
      expect(machine.instret).toBeGreaterThan(1_000_000);
      expect(Object.keys(files)).toContainEqual(expect.stringMatching('^guests/debian/'));
    });
  },
);

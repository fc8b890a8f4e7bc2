// scenarios/linux-modem.yaml: Debian's own drivers of a 16550A and of virtio network cards at the devices that the layers
// have. `npm run guests:debian` fetches it; without it the tests are skipped and say so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bootLinux, openScenario, runUntilSaid } from './linux-boots.ts';

const found = existsSync(join(import.meta.dirname, '../guests/debian/initrd-work.cpio'));
const missing = found ? '' : ' (skipped: run npm run guests:debian)';
/** Host time of a boot on a busy machine. */
const PATIENCE = 240_000;

/** As V.250 and 27.007 have it; the echo of the first two is the script's to leave out. */
const TRANSCRIPT = [
  '> AT',
  '< OK',
  '> ATE0',
  '< OK',
  '> ATI',
  '< Taco modem',
  '< OK',
  '> AT+CSQ',
  '< +CSQ: 17,99',
  '< OK',
  '> AT+COPS?',
  '< +COPS: 0,0,"Taco",7',
  '< OK',
  '> ATD+4912345;',
  '< OK',
  '> AT+CPAS',
  '< +CPAS: 4',
  '< OK',
  '> ATH',
  '< OK',
  '> ATD12345',
  '< NO CARRIER',
  '> AT+NOSUCH',
  '< ERROR',
];

describe.skipIf(!found)(`Linux and a modem${missing}`, { timeout: PATIENCE }, () => {
  it.each(['colocated', 'partitioned', 'open', 'virtualized'])(
    'speak on the line and on the network, when %s, and the modem meets every deadline',
    (mode) => {
      const opened = openScenario('scenarios/linux-modem.yaml');
      const [linux, modem] = [opened.guest('linux'), opened.guest('modem')];
      const machine = bootLinux(opened.planOf(mode, linux));
      runUntilSaid(machine, linux.index, 'all is said');
      const lines = (machine.consoles[linux.index]?.text() ?? '').split('\n').map((line) => line.trimEnd());
      const said = lines.filter((line) => line.startsWith('modem ')).map((line) => line.slice('modem '.length));
      expect(said).toEqual(TRANSCRIPT);
      const received = lines.filter((line) => line.includes('packets received'));
      expect(received).toEqual(Array(2).fill('20 packets transmitted, 20 packets received, 0% packet loss'));
      const { deadlines, deadlineMax, crash } = machine.monitors[modem.index] ?? {};
      expect(crash).toBeUndefined();
      expect(deadlines?.count).toBeGreaterThan(machine.cycles / 1_000_000 - 20);
      expect(deadlineMax).toBeLessThan(modem.boundTicks);
      // What the layer carries is declared. Linux's driver of the interrupt controller stores what is there already.
      expect(machine.ledger.entries.filter(({ changed }) => changed)).toEqual([]);
    },
  );
});

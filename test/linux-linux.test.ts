// Debian's kernel, unmodified, beside itself. `npm run guests:debian` fetches it; without it the tests are skipped and say so.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { missingStrangers } from '../tools/validate/strangers.ts';
import { plic } from '../src/machine/board.ts';
import { guestDeviceTree } from '../src/machine/device-tree.ts';
import type { Machine } from '../src/machine/index.ts';
import type { BootPlan } from '../src/scenario/boot.ts';
import { SEED } from '../src/scenario/linux-image.ts';
import { bootLinux, openScenario, runUntilSaid, typeText } from './linux-boots.ts';

const missing = missingStrangers();
const SHARED = ['colocated', 'partitioned', 'open', 'virtualized'];
/** Host time of a boot on a busy machine. */
const PATIENCE = 120_000;
const WORDS = 3;

/** What linux-init.sh works out: numbers in descending order of their letters, 16 digits of the digest. */
function expectedWord(index: number): bigint {
  const numbers = Array.from({ length: 301 }, (_, at) => String(index * 100 + at)).sort();
  const text = numbers.toReversed().map((line) => `${line}\n`);
  return BigInt(`0x${createHash('md5').update(text.join('')).digest('hex').slice(0, 16)}`);
}
const EXPECTED = Array.from({ length: WORDS }, (_, index) => expectedWord(index));

/** Registers of the PLIC that some kernel stored to and that are not its own. */
function strayStores(machine: Machine): string[] {
  const { base, size } = plic();
  return machine.ledger.entries
    .filter(({ kind, address }) => kind === 'mmio-write' && address >= base && address < base + size)
    .map(({ from, owner, address, changed }) => {
      return `${from} priority${(address - base) / 4} of ${owner}${changed ? ', changed' : ''}`;
    });
}

const withNetwork = (text: string): string =>
  text.replace('\nmodes:', '\nservices:\n  - { kind: ethernet, of: [linux, other] }\nmodes:');
/** The first process of both; the second asks the first. */
const TALK = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
while read -r module; do insmod "/lib/modules/$module.ko"; done < /lib/modules/order
host=1
[ -d /proc/device-tree/soc/monitor@10020000 ] || host=2
ip address add 10.0.2.$host/24 dev eth0
ip link set eth0 up
if [ $host = 2 ]; then
  until ping -c 1 -W 1 10.0.2.1 > /dev/null; do :; done
  ping -c 5 -A 10.0.2.1
  cat /proc/interrupts
  echo 'all is said'
fi
while :; do sleep 1; done
`;

/** Of a guest that may have one already. */
function runToShell(machine: Machine, guest: number): void {
  if (!machine.consoles[guest]?.text().includes('~ # ')) runUntilSaid(machine, guest, '~ # ');
}

describe.skipIf(missing !== undefined)(
  `Linux beside Linux${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  { timeout: PATIENCE },
  () => {
    const opened = missing === undefined ? openScenario('scenarios/linux-linux.yaml') : undefined;
    const guest = (name: string) => opened?.guest(name) as NonNullable<ReturnType<NonNullable<typeof opened>['guest']>>;
    const planOf = (mode: string, name: string) => opened?.planOf(mode, guest(name)) as BootPlan;
    const wordsOf = (machine: Machine, name: string) => machine.monitors[guest(name).index]?.outputs.words();

    it.each(['linux', 'other'])('boots %s alone', (name) => {
      const machine = bootLinux(planOf('native', name));
      runUntilSaid(machine, guest(name).index, '~ # ');
      expect(wordsOf(machine, name)).toEqual(EXPECTED);
    });

    it.each(SHARED)('boots both to a shell when %s, and each does its work', (mode) => {
      const machine = bootLinux(planOf(mode, 'linux'));
      for (const name of ['linux', 'other']) runToShell(machine, guest(name).index);
      // Its console has no interrupt.
      typeText(machine, guest('other').index, 'echo 6 7 | tr " " "*" | sed "s/^/it is /"\n');
      runUntilSaid(machine, guest('other').index, '\nit is 6*7');
      for (const name of ['linux', 'other']) expect([name, wordsOf(machine, name)]).toEqual([name, EXPECTED]);
      expect(machine.ledger.entries.filter(({ changed, owner }) => changed || typeof owner === 'number')).toEqual([]);
    });

    it.each(SHARED)('does the same with a hart for each when %s, and sooner', (mode) => {
      const dedicated = openScenario('scenarios/linux-linux.yaml', (text) =>
        text.replace('factors: {', 'factors: { cpus: dedicated,'),
      );
      const machine = bootLinux(dedicated.planOf(mode, dedicated.guest('linux')));
      for (const name of ['linux', 'other']) runToShell(machine, guest(name).index);
      for (const name of ['linux', 'other']) expect([name, wordsOf(machine, name)]).toEqual([name, EXPECTED]);
      // By turns on one hart their work takes 930 million.
      expect(machine.cycles).toBeLessThan(800_000_000);
      expect(machine.ledger.entries.filter(({ changed, owner }) => changed || typeof owner === 'number')).toEqual([]);
    });

    // Sources 1 to 8 are nobody's, 9 and 10 the first kernel's own: virtual devices, console. Its driver goes from 1 to these.
    const NOBODYS = Array.from({ length: 8 }, (_, at) => `0 priority${at + 1} of layer`);

    it('leaves the sources of the other alone when colocated', () => {
      const machine = bootLinux(planOf('colocated', 'linux'));
      runUntilSaid(machine, guest('other').index, 'Run /init');
      expect(strayStores(machine)).toEqual(NOBODYS);
    });

    // One has the sources of the other before its own, and takes all of them for its own: its layer has a PLIC for it.
    it.each(['colocated', 'partitioned', 'virtualized'])('does so with a network of the layer, when %s', (mode) => {
      const both = openScenario('scenarios/linux-linux.yaml', withNetwork, { 'linux-init.sh': TALK });
      const { index } = both.guest('other');
      const machine = bootLinux(both.planOf(mode, both.guest('other')));
      runUntilSaid(machine, index, 'all is said');
      expect(machine.consoles[index]?.text()).toContain('5 packets received');
      expect(strayStores(machine).filter((store) => !NOBODYS.includes(store))).toEqual([]);
    });

    it('would not if it were told of its own source: the control of that', () => {
      const plan = planOf('colocated', 'linux');
      const { index, memory, bootargs, dma } = guest('other');
      const told = guestDeviceTree({ guest: index, ram: memory, bootargs, dma, rngSeed: SEED, interrupts: 'console' });
      const loads = plan.loads.map((load) => (load.name === 'other.dtb' ? { ...load, bytes: told } : load));
      const machine = bootLinux({ ...plan, loads });
      // Without an initial file system it ends in a panic, when the driver is through.
      runUntilSaid(machine, index, 'Unable to mount root fs');
      expect(strayStores(machine)).toContain('1 priority10 of 0');
    });
  },
);

// Debian's kernel on the virtual devices of a layer, with its own drivers: a share of the layer's disk, the shared console.
// `npm run guests:debian` fetches it; without it the tests are skipped and say so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RTC_EPOCH } from '../src/machine/devices/goldfish-rtc.ts';
import { createMachine, GUEST_LIMIT } from '../src/machine/index.ts';
import { bootScenario } from '../src/scenario/boot.ts';
import { diskOf } from './guests/disk-of.ts';
import { openScenario } from './linux-boots.ts';

const FILE = 'scenarios/linux-work.yaml';
const missing = existsSync(join(import.meta.dirname, '..', 'guests/debian/initrd-work.cpio'))
  ? ''
  : ' (skipped: run npm run guests:debian)';
const SERVICES = `services:
  - { kind: console, of: [linux, rtos] }
  - { kind: rtc, of: [linux] }
  - { kind: disk, of: [linux, rtos], size: 4M }
`;
const SCRIPT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/lib/modules/$module.ko"; done < /lib/modules/order
seq 100000 > /tmp/text
dd if=/tmp/text of=/dev/vda conv=fsync 2> /dev/null
echo 3 > /proc/sys/vm/drop_caches
head -c "$(wc -c < /tmp/text)" /dev/vda | cmp - /tmp/text && echo 'read what was written'
dd if=/dev/zero of=/dev/vda bs=4k seek=1024 count=1 conv=fsync 2> /dev/null || echo 'nothing behind the end'
echo 'linux speaks' > /dev/hvc0
echo "clock $(cat /sys/class/rtc/rtc0/since_epoch)"
echo 'all is done'
while :; do sleep 1; done
`;
const NUMBERS = Array.from({ length: 100_000 }, (_, n) => `${n + 1}\n`).join('');

describe.skipIf(missing !== '')(`Linux on devices of its layer${missing}`, { timeout: 240_000 }, () => {
  it.each(['colocated', 'virtualized'])('writes its share of a disk, reads it, and speaks, when %s', (mode) => {
    const scenario = openScenario(FILE, (text) => text.replace('    disk: 1M\n', '') + SERVICES, {
      'linux-work.sh': SCRIPT,
    });
    const plan = scenario.planOf(mode, scenario.guest('linux'));
    const machine = bootScenario(createMachine, plan);
    const linux = scenario.guest('linux').index;
    const said = (): string => machine.consoles[linux]?.text() ?? '';
    while (machine.cycles < 3_000_000_000 && !said().includes('all is done')) machine.run(machine.cycles + 5_000_000);
    expect(said()).toContain('read what was written');
    expect(said()).toContain('nothing behind the end');
    // It is the second second of the epoch.
    expect(said()).toMatch(new RegExp(`clock ${RTC_EPOCH + 1}\\b`));
    expect(machine.layerConsole.text()).toBe('linux: linux speaks\n');
    const slot = plan.machine.virtio?.find((candidate) => candidate.slot === GUEST_LIMIT);
    const bytes = slot?.kind === 'block' ? diskOf(machine, GUEST_LIMIT, slot.image) : new Uint8Array();
    expect(new TextDecoder().decode(bytes.subarray(0, NUMBERS.length))).toBe(NUMBERS);
    expect(bytes.subarray(4 << 20).every((byte) => byte === 0)).toBe(true);
    // Nobody is reached: where its stores to the PLIC arrive, one leaves a source of the layer's as it was.
    expect(machine.ledger.entries.filter(({ changed, owner }) => changed || owner !== 'layer')).toEqual([]);
  });
});

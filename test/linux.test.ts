// Debian's kernel, unmodified, as a guest beside rtos in every mode. `npm run guests:debian` fetches it; without it the
// tests are skipped and say so.
import { describe, expect, it } from 'vitest';
import { missingStrangers } from '../tools/validate/strangers.ts';
import { conduct } from '../src/faults/plan.ts';
import { bootLinux, changedScenario, linuxLab, linuxScenario, runUntilSaid, typeText } from './linux-boots.ts';

const missing = missingStrangers();
const SHARED = ['colocated', 'partitioned', 'open', 'virtualized'];
/** Host time of a boot on a busy machine. */
const PATIENCE = 120_000;

describe.skipIf(missing !== undefined)(
  `Linux beside rtos${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  { timeout: PATIENCE },
  () => {
    it('is the same bytes in every mode', () => {
      const { planOf } = linuxScenario();
      const loadsOf = (mode: string) => planOf(mode).loads.filter(({ name }) => name.startsWith('linux'));
      const native = loadsOf('native');
      expect(native.map(({ name }) => name)).toEqual(['linux', 'linux.initrd', 'linux.dtb']);
      for (const mode of SHARED) {
        for (const [index, { base, bytes }] of loadsOf(mode).entries()) {
          expect(base).toBe(native[index]?.base);
          expect(Buffer.compare(bytes, native[index]?.bytes ?? new Uint8Array())).toBe(0);
        }
      }
    });

    it('boots to a shell alone', () => {
      const { linux, planOf } = linuxScenario();
      const machine = bootLinux(planOf('native'));
      runUntilSaid(machine, linux, '~ # ');
      expect(machine.ledger.entries.filter(({ changed }) => changed)).toEqual([]);
    });

    it.each(SHARED)('boots to a shell when %s, and rtos meets every deadline meanwhile', (mode) => {
      const { linux, rtos, boundTicks, planOf } = linuxScenario();
      const machine = bootLinux(planOf(mode));
      runUntilSaid(machine, linux, '~ # ');
      const monitor = machine.monitors[rtos];
      const { deadlines, deadlineMax = 0, outputs, crash } = monitor ?? {};
      // One job a millisecond from its start on, which is some time after the reset, to its last one.
      expect(deadlines?.count).toBeGreaterThanOrEqual(Math.min(582, machine.cycles / 1_000_000 - 20));
      expect([outputs?.count, crash]).toEqual([deadlines?.count, undefined]);
      expect(deadlineMax).toBeLessThan(boundTicks);
      // What Linux's driver of the interrupt controller stores, to sources that are nobody's, is there already.
      expect(machine.ledger.entries.filter(({ changed, owner }) => changed || owner === rtos)).toEqual([]);

      typeText(machine, linux, 'grep -c processor /proc/cpuinfo | sed "s/^/harts: /"\n');
      runUntilSaid(machine, linux, '\nharts: 1');
    });

    it.each(SHARED)('boots to a shell when %s on a hart of its own, and rtos hardly notices', (mode) => {
      const dedicate = (text: string) => text.replace('factors: {', 'factors: { cpus: dedicated,');
      const { linux, rtos, planOf } = changedScenario(dedicate, {});
      const machine = bootLinux(planOf(mode));
      runUntilSaid(machine, linux, '~ # ');
      const { outputs, crash, deadlineMax = 0 } = machine.monitors[rtos] ?? {};
      expect([outputs?.count, crash]).toEqual([582, undefined]);
      // Ticks; alone it answers within 368.
      expect(deadlineMax).toBeLessThan(450);
      expect(machine.ledger.entries.filter(({ changed, owner }) => changed || owner === rtos)).toEqual([]);
    });

    it('would cost rtos its deadlines if it had the greater priority', () => {
      const BOOTING = 100;
      const { rtos, planOf } = changedScenario((text) => text.replace('priority: 1', 'priority: 3'), {});
      const machine = bootLinux(planOf('virtualized'));
      machine.run(BOOTING * 1_000_000);
      expect(machine.monitors[rtos]?.deadlines.count).toBeLessThan(BOOTING / 2);
    });

    it('restarts as often as it asks for it, which costs rtos no deadline and the layer nothing', () => {
      const RESTARTS = 2;
      const { linux, rtos, boundTicks, planOf } = changedScenario(
        (text) =>
          text.replace('ram: 128M', 'ram: 192M').replace('restart: never', `restart: on-reset, restarts: ${RESTARTS}`),
        { 'linux-init.sh': '#!/bin/busybox sh\necho life ends\n/bin/busybox reboot -f\n' },
      );
      const plan = planOf('virtualized');
      const machine = bootLinux(plan);
      const counter = plan.layers.get('hypervisor')?.address('pool_used') ?? 0;
      const tables = () => new DataView(machine.read(counter, 4).buffer).getUint32(0, true);
      runUntilSaid(machine, linux, 'life ends');
      const before = tables();
      for (let life = 0; life < RESTARTS; life++) runUntilSaid(machine, linux, 'life ends');
      expect(before).toBeGreaterThan(0);
      expect(tables()).toBe(before);
      const { deadlines, deadlineMax = 0 } = machine.monitors[rtos] ?? {};
      expect(deadlines?.count).toBe(582);
      expect(deadlineMax).toBeLessThan(boundTicks);
      expect(machine.ledger.entries).toEqual([]);
      // And then no more: it is parked.
      expect(() => runUntilSaid(machine, linux, 'life ends', 500_000_000)).toThrow('did not come');
    });

    it.each(['colocated', 'virtualized'])(
      'boots in one life under a watchdog, and in another once it hangs, when %s',
      (mode) => {
        const LOOP = Uint8Array.of(0x6f, 0, 0, 0); // j .
        const { linux, rtos, boundTicks, planOf } = changedScenario(
          (text) =>
            text
              .replace('ram: 128M', 'ram: 192M')
              .replace('restart: never', 'restart: on-reset-or-crash')
              .replace('bound: 10ms', 'bound: 10ms\n    watchdog: 10ms'),
          {},
        );
        const plan = planOf(mode);
        const machine = bootLinux(plan);
        const lives = () => machine.consoles[linux]?.text().split('taco: /init').length ?? 0;
        runUntilSaid(machine, linux, '~ # ');
        expect(lives()).toBe(2);
        machine.write(plan.guests[linux]?.symbols.address('handle_exception') ?? 0, LOOP);
        runUntilSaid(machine, linux, '~ # ');
        expect(lives()).toBe(3);
        const { deadlines, deadlineMax = 0 } = machine.monitors[rtos] ?? {};
        expect(deadlines?.count).toBe(582);
        expect(deadlineMax).toBeLessThan(boundTicks);
      },
    );

    // Experiments begin after the boot, which is made once for each mode.
    it.each([
      ['colocated', true, 'writes linux:handle_exception'],
      ['virtualized', false, 'refused: store access fault, cause 7'],
    ])('loses its work to a wild store of rtos into its trap handler, when %s: %s', (mode, failed, mechanism) => {
      const record = conduct(linuxLab(), { class: 'MEM-14', mode, from: 'rtos', seed: 1, n: 0 });
      const [bystander] = record.outcome.bystanders;
      expect([record.outcome.harnessError, record.mechanism, record.capped]).toEqual(['', mechanism, false]);
      expect(bystander).toMatchObject({ guest: 'linux', words: failed ? 0 : 3, work: 3, endpoints: { failed } });
    });
  },
);

// What root does wrong in Debian's kernel, and whether rtos beside it notices. `npm run guests:debian` fetches the kernel;
// without it the tests are skipped and say so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Lab } from '../src/faults/plan.ts';
import { conduct } from '../src/faults/plan.ts';
import { changedScenario, linuxLab, linuxScenario } from './linux-boots.ts';
import { withoutPrograms } from './scenario-images.ts';

const root = join(import.meta.dirname, '..');
/** Host time of a boot on a busy machine, and of a golden run. */
const PATIENCE = 180_000;

interface Said {
  readonly fault: string;
  readonly mode: string;
  readonly from: string;
  readonly expect: readonly string[];
}
const { predictions }: { predictions: Said[] } = parse(
  readFileSync(join(root, 'scenarios/predictions-linux.yaml'), 'utf8'),
);
const saidOf = (fault: string, mode: string) =>
  predictions.find((row) => row.fault === fault && row.mode === mode && row.from === 'linux')?.expect;

/** Of a store through /dev/mem to the trap handler of rtos: in VS-mode the guest page fault is the layer's to reflect. */
const MECHANISMS: Readonly<Record<string, string>> = {
  colocated: 'writes rtos:trap_entry',
  virtualized: 'refused by the layer: store guest page fault, cause 23',
};

let kept: Lab | undefined;

/** Boots each mode once. */
const lab = (): Lab => {
  kept ??= linuxLab();
  return kept;
};

/** What the act left behind in Linux itself: that it was done, whoever noticed. */
function traceOf(mode: string): { said: string; threads: number } {
  const { linux } = linuxScenario();
  const { machine, guests } = lab().rig(mode);
  const threads = guests.find(({ index }) => index === linux)?.symbol('nr_threads') ?? 0;
  return {
    said: machine.consoles[linux]?.text() ?? '',
    threads: new DataView(machine.read(threads, 4).buffer).getInt32(0, true),
  };
}

describe.skipIf(withoutPrograms !== '')(
  `what a process of Linux does wrong${withoutPrograms}`,
  { timeout: PATIENCE },
  () => {
    it.each([
      ['TIM-2-panic', 'colocated', 'hung', 'Kernel panic - not syncing: sysrq triggered crash'],
      ['MEM-10-own', 'colocated', 'hung', 'Out of memory: Killed process'],
      ['TIM-1-fifo', 'colocated', 'hung', ''],
      ['MEM-14', 'colocated', 'latent', ''],
      ['MEM-2', 'colocated', 'latent', ''],
      // The kernel's own memory is closed to /dev/mem.
      ['MEM-3', 'colocated', 'latent', 'devmem: mmap: Operation not permitted'],
      ['TIM-2-panic', 'virtualized', 'hung', 'Kernel panic - not syncing: sysrq triggered crash'],
      ['MEM-14', 'virtualized', 'latent', 'Segmentation fault'],
      ['DMA-1', 'virtualized', 'latent', ''],
    ])('%s in %s: Linux is %s, and rtos what was said before', (fault, mode, faulty, text) => {
      const { outcome, injected, mechanism } = conduct(lab(), { class: fault, mode, from: 'linux', seed: 1, n: 0 });
      const [rtos] = outcome.bystanders;
      const noticed = Object.entries(rtos?.endpoints ?? {}).flatMap(([name, is]) => (is ? [name] : []));
      expect([injected, outcome.harnessError, outcome.faulty]).toEqual([true, '', faulty]);
      expect(noticed).toEqual(saidOf(fault, mode));
      if (fault === 'MEM-14') expect(mechanism).toBe(MECHANISMS[mode]);
      expect(traceOf(mode).said).toContain(text);
    });

    it('a stray transfer goes nowhere where an IOMMU stands before the channel', () => {
      const behind = changedScenario((text) => text.replace('timing: inorder', 'timing: inorder, iommu: true'), {});
      const id = { class: 'DMA-1', mode: 'virtualized', from: 'linux', seed: 1, n: 0 };
      const { outcome, mechanism } = conduct(behind.lab(), id);
      expect(outcome.bystanders).toMatchObject([{ guest: 'rtos', failure: 'none', endpoints: { reached: false } }]);
      expect(mechanism).toMatch(/^refused by the IOMMU: store guest page fault/);
    });

    it('a fork bomb fills the kernel with processes, and rtos answers in time', () => {
      conduct(lab(), { class: 'MEM-2', mode: 'virtualized', from: 'linux', seed: 1, n: 0 });
      const healthy = traceOf('virtualized').threads;
      expect(healthy).toBeGreaterThan(10);
      const record = conduct(lab(), { class: 'TIM-6-fork', mode: 'virtualized', from: 'linux', seed: 1, n: 0 });
      expect(record.outcome.bystanders).toMatchObject([
        { guest: 'rtos', words: 46, endpoints: { failed: false, late: false } },
      ]);
      expect(traceOf('virtualized').threads).toBeGreaterThan(2 * healthy);
    });

    it('acts once, when it is told to', () => {
      conduct(lab(), { class: 'MEM-14', mode: 'virtualized', from: 'linux', seed: 1, n: 0 });
      expect(traceOf('virtualized').said.split('Segmentation fault').length - 1).toBe(1);
    });
  },
);

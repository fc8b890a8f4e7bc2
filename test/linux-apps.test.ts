// Application work in Debian's kernel beside rtos. `npm run guests:debian` fetches it; without it the tests are skipped and
// say so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureApps } from '../src/cost/apps/measure-apps.ts';
import type { AppRow } from '../src/cost/apps/records.ts';
import { openImages } from '../src/scenario/image-set.ts';
import { loadScenario } from '../src/scenario/load.ts';
import { findMode } from '../src/scenario/modes.ts';
import { readImage, withoutPrograms } from './scenario-images.ts';

const root = join(import.meta.dirname, '..');
const WORK = 'scenarios/linux-work.yaml';
const PHONE = 'scenarios/linux-phone.yaml';
/** Host time of a boot on a busy machine. */
const PATIENCE = 120_000;

/** @param script in place of what comes before the first tool's */
function work(file: string, mode: string, script?: (text: string) => string): AppRow[] {
  const loaded = loadScenario(file, readFileSync(join(root, file), 'utf8'));
  const images = openImages(loaded, (source) => {
    const file = readImage(source);
    if (script === undefined || source.kind !== 'file' || !source.path.endsWith('.sh') || 'problem' in file)
      return file;
    return { bytes: new TextEncoder().encode(script(new TextDecoder().decode(file.bytes))), sha256: 'changed' };
  });
  return measureApps(findMode(mode), loaded.scenario, images);
}

describe.skipIf(withoutPrograms !== '')(`application work in Linux${withoutPrograms}`, { timeout: PATIENCE }, () => {
  it('is measured by its tools, while rtos meets every deadline', () => {
    const rows = work(WORK, 'virtualized');
    const of = (name: string) => rows.find(({ app }) => app === name);
    const figure = (app: string, name: string) => of(app)?.figures.find((one) => one.name === name)?.value ?? -1;
    for (const app of ['boot', 'cyclictest', 'hackbench', 'write', 'read']) {
      expect(of(app)).toMatchObject({ outcome: 'measured', why: '', mode: 'virtualized', guest: 'linux' });
      // rtos has a job each millisecond.
      const [response] = of(app)?.responses ?? [];
      expect(response).toMatchObject({ guest: 'rtos', neighbour: `linux: ${app}`, bound: 200_000, late: 0 });
      expect(response?.n).toBeGreaterThanOrEqual(Math.floor((of(app)?.cycles ?? 0) / 1_000_000) - 20);
    }
    expect(of('ping')).toMatchObject({ outcome: 'absent', why: 'no peer' });
    expect(figure('cyclictest', 'wake-ups')).toBe(200);
    // A thread that is woken by a timer does run later than that, and no later than rtos keeps it waiting.
    expect(figure('cyclictest', 'shortest')).toBeGreaterThan(0);
    expect(figure('cyclictest', 'longest')).toBeLessThan(200);
    expect(figure('write', 'copied')).toBe(128 * 4096);
    expect(figure('hackbench', 'time')).toBeLessThan((of('hackbench')?.cycles ?? 0) / 1000);
  });

  it.each(['virtualized', 'colocated'])('goes to the disk and the network that the layer has, when %s', (mode) => {
    const rows = work(PHONE, mode);
    for (const app of ['write', 'read', 'ping', 'bulk']) {
      const row = rows.find((candidate) => candidate.app === app);
      expect(row).toMatchObject({ outcome: 'measured', responses: [{ guest: 'modem', late: 0 }] });
      const values = new Map(row?.figures.map(({ name, value }) => [name, value]));
      if (values.has('sent')) expect(values.get('answered')).toBe(50);
      else expect(values.get('copied')).toBe(128 * 4096);
      // A switch to the modem and back takes some time.
      if (app === 'ping') expect(values.get('shortest')).toBeGreaterThan(10);
      // The modem answers two long echoes in each millisecond before its share for peers is used up.
      if (app === 'bulk') expect(values.get('average')).toBeLessThan(550);
    }
  });

  it('is believed neither when a tool lies about its time nor when it dies', () => {
    const rows = work(WORK, 'native', (text) =>
      text.replace(
        'measure 1 cyclictest',
        `cyclictest() { echo 'T: 0 (  132) P:80 I:1000 C: 900000 Min:      0 Act:    0 Avg:    0 Max:       0'; }
hackbench() { echo 'Time: 0.001'; return 7; }
measure 1 cyclictest`,
      ),
    );
    const why = (name: string) => rows.find(({ app, outcome }) => app === name && outcome === 'failed')?.why;
    expect(why('cyclictest')).toMatch(/^by the guest's clock it took 899999000 us or more, by the machine's \d/);
    expect(why('hackbench')).toBe('it ended with exit code 7');
  });
});

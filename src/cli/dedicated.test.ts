import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArgueDocument, argueSchema } from '../report/documents.ts';

// The whole argument with a hart for each guest, on the real machine, with little work in little memory.

const main = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'taco-dedicated-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shared = join(folder, 'shared.yaml');
const scenario = join(folder, 'dedicated.yaml');
writeFileSync(
  shared,
  `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16, bound: 200us, args: "panic=halt work=16" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 16, bound: 50ms, args: "panic=halt map=own work=16" }
modes: [native, colocated, virtualized]
`,
);

function taco(...args: readonly string[]) {
  const settings = { cwd: folder, env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' } };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { ...settings, encoding: 'utf8' });
  return { status, stdout, text: stderr.replace(/\s+/g, ' ') };
}

describe('the argument with a hart for each guest', () => {
  let run: ReturnType<typeof taco>;
  let document: ArgueDocument;
  beforeAll(() => {
    writeFileSync(scenario, taco('vary', 'cpus=dedicated', '--scenario', shared).stdout);
    run = taco('argue', scenario, '--effort', 'brief', '--json', '--out', 'run');
    document = argueSchema.parse(JSON.parse(run.stdout));
  }, 120_000);

  it('holds its controls, and says on what it was made', () => {
    expect(run.status).toBe(0);
    expect(run.text).toContain('rtos + unix, 2 RV64 harts, one for each guest, 16 MiB');
    expect(document.factors).toMatchObject({ cpus: 'dedicated' });
    expect(run.text).toContain('guests with several harts');
  });

  it('puts no fault into a layer, and says why', () => {
    expect(document.layer).toEqual([]);
    expect(run.text).toContain('no fault in a layer was run: with cpus: dedicated');
    expect(taco('inject', scenario, '--region', 'layer-text', '--n', '1')).toMatchObject({
      status: 2,
      text: expect.stringContaining('use cpus: shared for faults in layers'),
    });
    expect(taco('inject', scenario, '--prune', '--n', '1')).toMatchObject({
      status: 2,
      text: expect.stringContaining('use cpus: shared, or leave --prune out'),
    });
  });

  it('finds what neither hart may reach behind a G-stage, and nothing that it may not', () => {
    const reached = (mode: string) => document.reach.filter((row) => row.mode === mode && row.reached > 0).length;
    expect(reached('virtualized')).toBe(0);
    expect(reached('colocated')).toBeGreaterThan(10);
    const exposed = document.rates.filter(({ mode }) => mode === 'virtualized');
    expect(exposed.map(({ writablePages }) => writablePages)).toEqual(exposed.map(() => 0));
  });

  it('prices what a layer does on one hart, where guests never follow each other', () => {
    const events = new Set(document.effort.map(({ event }) => event));
    expect([...events]).toContain('message to another guest');
    expect([...events]).not.toContain('world switch');
  });

  it('lets rtos answer as soon as it does beside the other on one hart', () => {
    const response = (mode: string) => document.latency.find((row) => row.kind === 'response' && row.mode === mode);
    // 19.0 us in native, whichever hart there is besides; 2 us are 2,000 cycles of a layer.
    expect(response('native')?.max).toBeLessThan(20_000);
    for (const mode of ['colocated', 'virtualized'])
      expect(response(mode)?.max).toBeLessThan((response('native')?.max ?? 0) + 4_000);
  });
});

// What docs/bring-your-own.md promises: the built images, under other names, as a stranger would bring them.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPerformer } from '../src/cli/tasks.ts';
import { openWorkspace } from '../src/cli/workspace.ts';
import { replaySchema } from '../src/report/replay-schema.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'taco-own-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

copyFileSync(join(root, 'images/rtos.elf'), join(folder, 'my-kernel.elf'));
copyFileSync(join(root, 'images/hypervisor.elf'), join(folder, 'my-hypervisor.elf'));

function scenario(name: string, more: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `machine: { ram: 16M }
guests:
  mine: { kernel: my-kernel.elf, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 16 }
  unix: { image: unix, memory: 0x80800000+4M, work: 16, bound: 50ms }
${more}
`,
  );
  return path;
}

const taco = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(join(root, 'taco'), args, { cwd: root, encoding: 'utf8' });
  return { status, stdout, stderr };
};

describe("a stranger's hypervisor and kernel", () => {
  const path = scenario('own.yaml', 'layer: { hypervisor: my-hypervisor.elf }\nmodes: [native, open, virtualized]');

  it('get a sweep of what each guest reaches', () => {
    const workspace = openWorkspace(root, path);
    expect(workspace.scenario.layers).toEqual({ hypervisor: { kind: 'file', path: 'my-hypervisor.elf' } });
    const perform = createPerformer(workspace);
    const reached = (mode: string, kind: 'pages' | 'registers') =>
      perform({ kind, mode, guest: 0 }).reduce(
        (sum, row) =>
          row.kind === 'reach' ? { tried: sum.tried + row.row.tried, reached: sum.reached + row.row.reached } : sum,
        { tried: 0, reached: 0 },
      );
    const pages = reached('open', 'pages');
    expect(pages.tried).toBeGreaterThan(4000);
    expect(pages.reached).toBe(pages.tried);
    expect(reached('virtualized', 'pages')).toEqual({ ...pages, reached: 0 });
    expect(reached('virtualized', 'registers').reached).toBe(0);
  }, 120_000);

  it('boot, and say what they say', () => {
    const { status, stdout, stderr } = taco('run', path, '--mode', 'virtualized', '--expect', 'rtos: all jobs done');
    expect(stderr).not.toContain('taco:');
    expect(status).toBe(0);
    expect(stdout).toContain('rtos: at 0x80400000');
  }, 120_000);
});

describe('a layer that does not fit', () => {
  const refused = (layer: string, from: string, change = (bytes: Buffer) => bytes) => {
    writeFileSync(join(folder, 'wrong.elf'), change(readFileSync(join(root, from))));
    return taco('run', scenario('wrong.yaml', `layer: { ${layer}: wrong.elf }`)).stderr;
  };

  it('is told where to lie, which symbol to have, and what else to be', () => {
    expect(refused('hypervisor', 'images/nanokernel.elf')).toMatch(
      /wrong\.yaml:\d+:\d+ .*its part of memory\n.*link it within/,
    );
    const nameless = (bytes: Buffer) => {
      const at = bytes.indexOf('\0current_guest\0');
      bytes.write('x', at + 1);
      return bytes;
    };
    expect(refused('hypervisor', 'images/hypervisor.elf', nameless)).toContain('has no symbol current_guest');
    expect(refused('hypervisor', 'README.md')).toMatch(/wrong\.yaml:\d+:\d+/);
    expect(refused('kernel', 'images/rtos.elf')).toContain('wrong.yaml');
  });

  it('lies beside the scenario, and a guest has either an image or a kernel', () => {
    expect(taco('run', scenario('up.yaml', 'layer: { hypervisor: ../x.elf }')).stderr).toContain(
      'is not beside the scenario',
    );
    const both = join(folder, 'both.yaml');
    writeFileSync(both, readFileSync(scenario('a.yaml', ''), 'utf8').replace('kernel:', 'image: rtos, kernel:'));
    expect(taco('run', both).stderr).toContain('needs either an image or a kernel');
  });
});

describe('an act of one’s own', () => {
  const replayed = (id: string, path: string) => {
    const { status, stdout, stderr } = taco('replay', id, '--scenario', path, '--json');
    expect(stderr).not.toContain('taco:');
    expect(status).toBe(0);
    return replaySchema.parse(JSON.parse(stdout));
  };

  it('is shown from the scenario in every mode, with what became of the neighbour', () => {
    const path = scenario('act.yaml', "act: 'sd zero, 0(a0)'\nmodes: [native, colocated, virtualized]");
    const { status, stdout } = taco('show', 'act', path);
    expect(status).toBe(0);
    expect(stdout.match(/runs sd zero, 0\(a0\)/g)).toHaveLength(2);
    expect(stdout).toMatch(/COLOCATED.*unix: REACHED, CORRUPTED, FAILED.*VIRTUALIZED.*unix: unharmed/s);
    const [id = ''] = stdout.match(/t1\.[0-9a-f]{8}\.OWN-ACT\.colocated\.mine\.1-0/) ?? [];
    const again = replayed(id, path);
    expect(again.outcome.bystanders[0]?.endpoints).toMatchObject({ reached: true, corrupted: true, failed: true });
    expect(replayed(id, path)).toEqual(again);
    expect(taco('replay', id).stderr).toContain('this id was recorded with images and scenario');
  }, 120_000);

  it('does once what the text says, several instructions and a loop among them', () => {
    const path = scenario('loop.yaml', 'modes: [colocated]');
    const text = 'li t0, 3; again: addi t0, t0, -1; bnez t0, again; ld t1, 0(a2); sd t1, 0(a2)';
    const { status, stdout } = taco('show', path, '--asm', text);
    expect(status).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain('8 instructions after the act, which changes nothing');
    expect(stdout).toContain('mine            delivers 16 of 16 words, all of them right');
    // The scenario has no act: the id brings its text.
    const id = stdout.slice(stdout.indexOf('replay ') + 7).replace(/\s+/g, '');
    const { fault, outcome } = replayed(id, path);
    expect(fault.what).toContain('again: addi t0, t0, -1');
    expect(outcome.bystanders[0]?.endpoints).toMatchObject({ reached: true, corrupted: false });
    expect(taco('replay', id.replace(/\.asm-.*/, ''), '--scenario', path).stderr).toContain('has no act');
    expect(taco('replay', id.replace(/asm-..../, 'asm-7878'), '--scenario', path).stderr).toMatch(
      /taco replay: the act {2}line 1/,
    );
  }, 120_000);

  it('that does not assemble, or is too long, ends in two lines', () => {
    expect(taco('show', '--asm', 'frobnicate a0').stderr).toMatch(
      /taco show: the act {2}line 1: .*no instruction.*\n.*a0/,
    );
    expect(taco('show', '--asm', 'nop;'.repeat(400)).stderr).toMatch(/there is room for \d+ in rtos/);
    expect(taco('show', 'act').stderr).toContain('has no act');
    expect(taco('show').stderr).toContain('no fault is named');
  });
});

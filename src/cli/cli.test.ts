import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workloads } from '../cost/workloads.ts';
import { directedClasses } from '../faults/catalogue.ts';
import { isControl } from '../faults/controls.ts';
import { EFFORTS } from '../faults/effort.ts';
import { isLatent, isSampled } from '../faults/latent.ts';
import type { LayerRecord } from '../faults/layer-fault.ts';
import { PROCESS_POLL } from '../faults/processes.ts';
import type { ExperimentRecord } from '../faults/records.ts';
import { costSchema } from '../report/cost-schema.ts';
import { argueSchema, faultListSchema } from '../report/documents.ts';
import { replaySchema } from '../report/replay-schema.ts';
import { machineDoubts } from './validation.ts';

const main = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'taco-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Little work in little memory: the same machinery in a fraction of the time. */
const SMALL = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+4M, priority: 2, budget: 2ms/10ms, work: 8, bound: 300us, args: "panic=halt work=8" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 8, bound: 50ms, args: "panic=halt map=own work=8" }
modes: [native, colocated, open, virtualized]
`;
const SHARED = ['colocated', 'open', 'virtualized'];
const small = join(folder, 'small.yaml');

function taco(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

beforeAll(() => writeFileSync(small, SMALL));

describe('a mistake of the user', () => {
  writeFileSync(join(folder, 'overlap.yaml'), SMALL.replace('0x80800000', '0x80400000'));
  writeFileSync(join(folder, 'alone.yaml'), SMALL.replace(/modes: .*/, 'modes: [native]'));
  writeFileSync(join(folder, 'closed.yaml'), SMALL.replace(/modes: .*/, 'modes: [native, virtualized]'));
  writeFileSync(join(folder, 'lazy.yaml'), SMALL.replace('work: 8', 'work: 9'));
  writeFileSync(join(folder, 'image.yaml'), SMALL.replace('image: rtos', 'image: folder.elf'));
  mkdirSync(join(folder, 'folder.elf'));
  writeFileSync(join(folder, 'single.yaml'), SMALL.replace(/ {2}unix.*\n/, ''));

  it.each([
    ['an unknown mode', ['run', small, '--mode', 'hosted'], 'taco run --mode:', 'choose from native, colocated'],
    ['an unknown fault', ['show', 'MEM-99', small], 'there is no fault MEM-99', 'taco list faults'],
    ['a fault that cannot be run yet', ['show', 'MEM-10', small], 'guests share no pool of memory', 'taco list faults'],
    ['no Linux to work in', ['apps', small], 'has no Linux guest', 'take scenarios/linux-work.yaml'],
    ['an unknown guest', ['show', 'MEM-14', small, '--from', 'linux'], 'there is no guest linux', 'choose from rtos'],
    [
      'a target that is not there',
      ['show', 'MEM-1-table', small, '--from', 'unix'],
      'rtos has nothing that MEM-1-table strikes',
      'its neighbour has it',
    ],
    ['overlapping memory', ['run', 'overlap.yaml'], 'overlap.yaml:5:', 'move unix to'],
    ['a file that is not there', ['run', 'none.yaml'], 'none.yaml  does not exist', 'taco list scenarios'],
    ['a folder for a file', ['run', '.'], 'is a folder', 'taco list scenarios'],
    [
      'a folder for an image',
      ['run', 'image.yaml'],
      'image.yaml:4:18  guests.rtos.image is a folder',
      'check its path',
    ],
    ['a file for a run folder', ['argue', small, '--out', small], 'cannot be made (ENOTDIR)', '--out'],
    ['a single guest', ['argue', 'single.yaml'], 'single.yaml  has no two guests', 'neighbours'],
    ['modes without a neighbour', ['show', 'MEM-14', 'alone.yaml'], 'alone.yaml  has no mode that shares', 'colocated'],
    ['more work than a guest does', ['show', 'MEM-14', 'lazy.yaml'], 'lazy.yaml:4:', 'as much work as its args'],
    ['no replay id', ['replay', 'MEM-14'], 'MEM-14 is no replay id', 't1.<8 hex>'],
    [
      'a stale replay id',
      ['replay', 't1.00000000.MEM-14.open.rtos.1-0'],
      'recorded with images and scenario 00000000',
      '',
    ],
    ['an unknown list', ['list', 'colours'], 'there is no list of colours', 'choose from modes'],
    ['an unknown command', ['argu'], "unknown command 'argu'", 'Did you mean argue?'],
    ['an unknown option', ['run', '--fast'], "unknown option '--fast'", 'taco --help'],
    ['a number that is none', ['argue', '--seed', '1.5'], 'give a whole number', ''],
    ['an unknown effort', ['argue', '--effort', 'some'], 'quick, standard, long', ''],
    ['a missing argument', ['show'], 'no fault is named', ''],
    ['nothing that must fail', ['argue', 'closed.yaml'], 'closed.yaml  has no positive control', 'colocated or open'],
  ])('%s ends in two lines, exit code 2', (_, args, what, remedy) => {
    const { status, stdout, stderr } = taco(...args);
    expect(stderr.split('\n')).toHaveLength(3);
    expect(stderr).toContain(what);
    expect(stderr.split('\n')[1]).toMatch(/^ {2}\S/);
    expect(stderr).toContain(remedy);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

it('a mistake that a worker finds is told like any other', () => {
  const { status, stderr } = taco('argue', 'lazy.yaml', '--workers', '1', '--out', join(folder, 'lazy'));
  expect(stderr.split('\n').slice(-3).join('\n')).toMatch(
    /^lazy\.yaml:4:\d+ {2}guests\.rtos\.work .*\n {2}give it .*\n$/,
  );
  expect(status).toBe(2);
});

describe('list', () => {
  it.each(['modes', 'faults', 'guests', 'workloads', 'scenarios'])('%s as text and as one document', (topic) => {
    expect(taco('list', topic)).toMatchObject({ status: 0, stderr: '' });
    const { stdout } = taco('list', topic, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: `taco.${topic}/1` });
  });

  it('faults names every class and why it cannot be run', () => {
    const document = faultListSchema.parse(JSON.parse(taco('list', 'faults', '--json').stdout));
    expect(document.faults.length).toBeGreaterThan(100);
  });
});

describe('cost', () => {
  it('measures some modes against native and colocated, and the document is that of the schema', () => {
    const { status, stdout, stderr } = taco('cost', small, '--short', '--mode', 'virtualized', '--json');
    expect(status, stderr).toBe(0);
    const { modes, cost, latency, published } = costSchema.parse(JSON.parse(stdout));
    expect(modes).toEqual(['native', 'colocated', 'virtualized']);
    expect(new Set(cost.map((row) => row.class)).size).toBeGreaterThanOrEqual(5);
    expect(latency.filter(({ kind }) => kind === 'response').map(({ mode, n }) => [mode, n])).toEqual([
      ['native', 8],
      ['colocated', 8],
      ['virtualized', 8],
    ]);
    expect(published.length).toBeGreaterThan(5);
  });

  it('refuses a mode that the scenario does not have', () => {
    expect(taco('cost', small, '--mode', 'partitioned')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('choose from native, colocated, open, virtualized'),
    });
  });
});

describe('run', () => {
  it('prints hashes and consoles of the first mode: each guest alone', () => {
    const { status, stdout } = taco('run', small);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}firmware\n/);
    expect(stdout).toContain('rtos  | rtos: all jobs done');
    expect(stdout).toContain('unix  | unix: all units done');
    expect(stdout.match(/native: all work is done/g)).toHaveLength(2);
  });

  it('stops when a console says what is expected, and says so when none does', () => {
    expect(taco('run', small, '--mode', 'virtualized', '--expect', 'all jobs done').status).toBe(0);
    const missed = taco('run', small, '--mode', 'open', '--expect', 'login:', '--until', '2000000');
    expect(missed.status).toBe(3);
    expect(missed.stderr).toContain('no guest said "login:"');
  });

  it('ends at --until', () => {
    expect(taco('run', small, '--mode', 'colocated', '--until', '100000').stdout).toContain('100000 cycles are over');
  });
});

describe('an output that ends', () => {
  it('ends the command without a word, as when `head` has seen enough', async () => {
    const child = spawn(process.execPath, [main, 'run', small, '--mode', 'colocated'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await text(child.stderr)).toBe('');
  });
});

describe('show', () => {
  it('sets consoles side by side and tells the causal chain, in every shared mode', () => {
    const { status, stdout } = taco('show', 'MEM-14', small);
    expect(status).toBe(0);
    expect(stdout.match(/console of rtos \(faulty\) +\| console of unix/g)).toHaveLength(3);
    const [colocated = '', open = '', virtualized = ''] = stdout.split(/\n(?=OPEN|VIRTUALIZED)/);
    for (const mode of [colocated, open]) {
      expect(mode).toMatch(/rtos +stores the 64-bit word 0x0 at unix:trap_entry/);
      expect(mode).toMatch(/rtos +writes unix:trap_entry .*\n? *.*whose owner is\s+unix/);
      expect(mode).toContain('never says "unix: all units done"');
      expect(mode).toMatch(/verdict +unix: REACHED, CORRUPTED, FAILED \(words missing\)/);
    }
    expect(virtualized).toContain('panicked: store access fault, cause 7');
    expect(virtualized).toMatch(/verdict +unix: unharmed/);
  });

  it('tells of an interrupt source that was taken away, through the layer in open', () => {
    const { stdout } = taco('show', 'PRV-4', small, '--from', 'unix');
    expect(stdout).toMatch(/unix +writes plic:priority\[16\]/);
    expect(stdout).toMatch(/layer for unix +writes plic:priority\[16\]/);
    expect(stdout).toMatch(/verdict +rtos: REACHED, CORRUPTED, FAILED \(words missing\)/);
  });

  it('tells of a random bit', () => {
    const { stdout } = taco('show', 'HWF-1', small, '--seed', '3');
    expect(stdout.match(/bit \d+ of x\d+ flips before execution \d+ of rtos:/g)).toHaveLength(3);
    expect(stdout.match(/verdict/g)).toHaveLength(3);
  });
});

describe('argue', () => {
  const out = (name: string) => join(folder, name);
  const args = ['argue', small, '--effort', 'quick', '--seed', '7'];
  const shardLines = () =>
    readFileSync(join(out('one'), 'shards', '001.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
  let one: ReturnType<typeof taco>;
  let two: ReturnType<typeof taco>;
  let document: ReturnType<typeof argueSchema.parse>;
  beforeAll(() => {
    one = taco(...args, '--workers', '1', '--out', out('one'));
    two = taco(...args, '--workers', '2', '--out', out('two'), '--json');
    document = argueSchema.parse(JSON.parse(two.stdout));
  }, 900_000);

  it('ends well: every control holds', () => {
    expect(one.stderr).not.toContain('control "');
    expect([one.status, two.status]).toEqual([0, 0]);
  });

  it('prints the same document whatever the number of workers', () => {
    expect(readFileSync(join(out('one'), 'argue.json'), 'utf8')).toBe(two.stdout);
  });

  it('prints the same text, too', () => {
    const progress =
      /^(golden runs|one bug|reach|chance|separate machines|exposure|latent, ten times as long|layer|recovery|cost): \d|^run folder /;
    const told = two.stderr.split('\n').filter((line) => !progress.test(line));
    expect(one.stdout.startsWith(told.join('\n'))).toBe(true);
  });

  it('keeps text for people off stdout when a document is asked for', () => {
    expect(two.stderr).toContain('THE ARGUMENT, SENTENCE BY SENTENCE');
    expect(one.stdout).toContain('THE ARGUMENT, SENTENCE BY SENTENCE');
  });

  it('ends with commands that take up this very run', () => {
    const [argument = '', closing = ''] = one.stdout.split(' report  ');
    expect(argument).not.toContain(folder);
    expect(closing.split('\n')[0]?.trim()).toBe(join(out('one'), 'report.html'));
    expect(closing).toContain(`./taco show MEM-14 ${small}\n`);
    expect(closing).toMatch(new RegExp(`./taco replay t1\\.${document.stamp}\\.\\S+ --scenario ${small}\n`));
    expect(closing).toContain(`./taco argue ${small} --effort standard\n`);
  });

  it('puts faults into each component of each layer', () => {
    expect(document).toMatchObject({ schema: 'taco.argue/1', seed: 7 });
    const struck = (mode: string) => document.layer.filter((row) => row.mode === mode && row.class === 'HWF-1');
    expect(struck('colocated').map(({ component }) => component)).toEqual(['nanokernel']);
    expect(struck('virtualized').map(({ component }) => component)).toEqual(['firmware', 'hypervisor']);
    for (const { injected, lower95, upper95 } of document.layer) {
      expect(injected).toBe(EFFORTS.quick.layer);
      expect(upper95).toBeGreaterThan(lower95);
    }
  });

  it('tries losses again with restarts, a fault at a time', () => {
    for (const { lost, saved, lower95, upper95 } of document.recovery) {
      expect(lost).toBeLessThanOrEqual(EFFORTS.quick.recovery);
      expect(saved / lost).toBeLessThanOrEqual(upper95);
      expect(saved / lost).toBeGreaterThanOrEqual(lower95);
    }
    const saved = (recovery: string, inLayer: boolean) =>
      document.recovery
        .filter((row) => row.recovery === recovery && row.inLayer === inLayer)
        .reduce((sum, row) => sum + row.saved, 0);
    expect(saved('on-reset-or-crash', false)).toBeGreaterThan(saved('on-reset', false));
    expect(one.stdout).toMatch(/saved by restarts, of those lost +on-reset +on-reset-or-crash +layer restart/);
  });

  it('takes from the record of the suites whether the machine is validated, and says why where it is not', () => {
    const doubts = machineDoubts(join(import.meta.dirname, '..', '..'));
    expect(document.machineValidated).toBe(doubts.length === 0);
    const said = one.stdout.replace(/\s+/g, ' ');
    for (const doubt of doubts) expect(said).toContain(doubt);
    expect(said.includes('machineValidated: false')).toBe(doubts.length > 0);
  });

  it('covers every cell', () => {
    // No guest here runs processes of Linux.
    const run = directedClasses.filter(({ id, by }) => !EFFORTS.quick.without.includes(id) && by !== PROCESS_POLL);
    for (const mode of SHARED) {
      const acts = document.capability.filter((row) => row.mode === mode);
      for (const { id, needs, by } of run) {
        const pairs = acts.filter(({ fault }) => fault === id).map(({ from, to }) => `${from} ${to}`);
        if (needs === undefined && by === undefined) expect(pairs, id).toEqual(['rtos unix', 'unix rtos']);
        else expect(pairs.length, id).toBeGreaterThan(0);
      }
      expect(new Set(acts.map(({ fault }) => fault)).size).toBe(run.length);
      for (const { class: name, n } of EFFORTS.quick.random) {
        const rows = document.rates.filter((row) => row.class === name && row.mode === mode);
        expect(rows.map(({ faulty, injected }) => [faulty, injected])).toEqual([
          ['rtos', n],
          ['unix', n],
        ]);
      }
    }
    expect(document.cost).toHaveLength(workloads.length * document.modes.length);
    for (const { failed, injected, upper95 } of document.rates) {
      if (failed === 0 && injected > 0) expect(upper95).toBeCloseTo(1 - 0.05 ** (1 / injected), 9);
    }
  });

  it('compares the same faults in every two modes, and declares a p for one comparison alone', () => {
    for (const { class: name, n } of EFFORTS.quick.random) {
      const rows = document.paired.filter((row) => row.class === name);
      expect(rows).toHaveLength(3 * 2);
      for (const { a, b, both, onlyA, onlyB, neither, exactShare, p } of rows) {
        expect(both + onlyA + onlyB + neither).toBe(n);
        expect(exactShare).toBeGreaterThan(0);
        expect(p !== null).toBe(a === 'colocated' && b === 'virtualized');
      }
    }
    expect(one.stdout).toContain(`Holm over ${2 * EFFORTS.quick.random.length} comparisons`);
  });

  it('goes on ten times as long with a sample of those that reached somebody and failed nobody', () => {
    const records: ExperimentRecord[] = shardLines()
      .filter((line) => line.includes('"kind":"experiment"'))
      .map((line) => JSON.parse(line).of.rows[0].record);
    const drawn = records.filter((record) => !isControl(record.class) && isLatent(record) && isSampled(record));
    expect(document.latent.map(({ id }) => id)).toEqual(drawn.map(({ id }) => id).sort());
    expect(one.stdout).toMatch(/latent: \d+ runs reached somebody and failed nobody/);
  });

  it('prints every control, the recall among them', () => {
    const recall = document.controls.find(({ expected }) => expected === null);
    expect(document.controls).toHaveLength(7);
    const apart = document.rates.filter(({ mode }) => mode === 'native');
    expect(apart.reduce((sum, { injected }) => sum + injected, 0)).toBe(
      document.controls.find(({ name }) => name === 'separate machines')?.n,
    );
    const exposed = (mode: string, faulty: string) =>
      document.rates.find((row) => row.mode === mode && row.faulty === faulty)?.writablePages;
    // Four MiB of the layer and as many of the neighbour; unix maps its own memory alone.
    expect(SHARED.map((mode) => exposed(mode, 'rtos'))).toEqual([2048, 2048, 0]);
    expect(SHARED.map((mode) => exposed(mode, 'unix'))).toEqual([0, 0, 0]);
    expect(one.stdout.replace(/\s+/g, ' ')).toContain(`own fault noticed ${recall?.failed}/${recall?.n} (recall`);
    expect(recall?.failed).toBeGreaterThan((recall?.n ?? 0) / 2);
  });

  it('finds what the machine lets through, and what it does not', () => {
    const reached = (mode: string) => document.reach.filter((row) => row.mode === mode && row.reached > 0).length;
    expect(reached('virtualized')).toBe(0);
    expect(reached('colocated')).toBeGreaterThan(10);
    expect(document.claims.find(({ id }) => id === 'H1')?.verdict).toBe('supported');
    expect(document.claims.find(({ id }) => id === 'H3')?.verdict).toBe('mixed');
  });

  it('leaves a report in every form, which `report` makes again from the records', () => {
    for (const [format, file] of [
      ['html', 'report.html'],
      ['md', 'report.md'],
      ['json', 'argue.json'],
    ] as const) {
      const { status, stdout } = taco('report', out('one'), '--format', format);
      expect(status).toBe(0);
      expect(stdout, format).toBe(readFileSync(join(out('one'), file), 'utf8'));
    }
    expect(taco('report', out('one'), '--format', 'csv').stdout).toContain('# rates.csv');
    expect(readFileSync(join(out('one'), 'figures', 'isolation-cost.svg'), 'utf8')).toMatch(/^<svg xmlns/);
  });

  it('is compared with another run, a regression being an exit code', () => {
    const same = taco('diff', out('one'), out('two'));
    expect([same.status, same.stdout]).toEqual([0, expect.stringContaining('no verdict and no figure differs')]);
    const worse = structuredClone(document);
    for (const row of worse.rates.slice(0, 1)) Object.assign(row, { upper95: 0.5 });
    mkdirSync(out('worse'));
    writeFileSync(join(out('worse'), 'argue.json'), JSON.stringify(worse));
    const { status, stdout } = taco('diff', out('one'), out('worse'), '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'taco.diff/1', regressions: 1 });
    writeFileSync(join(out('worse'), 'argue.json'), '{"schema":"other"}');
    expect(taco('diff', out('one'), out('worse')).stderr).toMatch(/argue\.json {2}is no document of this version/);
    expect(taco('report', folder).stderr).toContain('does not exist');
  });

  it('keeps a folder from which it can be run again', () => {
    for (const file of ['README.txt', 'scenario.yaml', 'env.json', 'predictions.yaml', 'shards/001.jsonl']) {
      expect(existsSync(join(out('one'), file)), file).toBe(true);
    }
    for (const line of shardLines()) expect(JSON.parse(line)).toHaveProperty('of');
  });

  it('gives faults in layers replay ids that reproduce verdict and state hash', () => {
    const rows: LayerRecord[] = shardLines()
      .filter((line) => line.includes('"kind":"layer"'))
      .map((line) => JSON.parse(line).of.rows[0].record);
    const picked = ['nanokernel', 'hypervisor', 'firmware'].flatMap((component) => {
      const own = rows.filter((row) => row.component === component && row.injected);
      return own.find(({ verdict }) => verdict !== 'ok') ?? own[0] ?? [];
    });
    expect(picked).toHaveLength(3);
    for (const [index, row] of picked.entries()) {
      // The watched run ends in the same state, or the command says so.
      const more = index === 0 ? ['--trace', join(folder, 'layer.json')] : [];
      const { status, stdout, stderr } = taco('replay', row.id, '--scenario', small, '--json', ...more);
      expect([status, stderr.includes('taco:')]).toEqual([0, false]);
      const again = replaySchema.parse(JSON.parse(stdout));
      expect(again).toMatchObject({ id: row.id, stateHash: row.stateHash, fault: { from: row.component } });
      expect(again.outcome).toMatchObject({ faulty: 'not hit', layer: row.verdict });
      expect(again.outcome.bystanders.map(({ endpoints }) => endpoints.failed)).toEqual(
        row.fates.map((fate) => fate !== 'unharmed'),
      );
    }
    const [first] = picked;
    const id = first?.id ?? '';
    expect(taco('show', id, small).stdout).toContain(`replay ${id}`);
    expect(taco('replay', id.replace('nanokernel', 'rtos'), '--scenario', small).stderr).toContain('has no rtos');
    expect(taco('shrink', id, '--scenario', small).stderr).toContain('is one bit of a layer');
  }, 120_000);

  it('gives replay ids that reproduce outcome and state hash', () => {
    const rows = shardLines()
      .filter((line) => line.includes('"kind":"experiment"'))
      .map((line) => JSON.parse(line).of.rows[0].record);
    const pick = (fault: string, mode: string) =>
      rows.find((row: { class: string; mode: string }) => row.class === fault && row.mode === mode);
    for (const row of [pick('MEM-14', 'colocated'), pick('DMA-1', 'virtualized'), pick('HWF-1', 'open')]) {
      const { status, stdout } = taco('replay', row.id, '--scenario', small, '--json');
      expect(status).toBe(0);
      const again = replaySchema.parse(JSON.parse(stdout));
      expect(again.stateHash).toBe(row.stateHash);
      const { faulty, bystanders, crashes, layer } = row.outcome;
      expect(again.outcome).toEqual({ faulty, bystanders, crashes, layer });
    }
  });
});

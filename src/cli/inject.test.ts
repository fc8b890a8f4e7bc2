import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InjectDocument, injectSchema } from '../report/documents.ts';
import { shrinkSchema } from '../report/replay-schema.ts';

// The real command on the real machine, with little work in little memory.

const main = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'taco-inject-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = `
machine: { ram: 16M }
guests:
  rtos: { image: rtos, memory: 0x80400000+2M, priority: 2, budget: 2ms/10ms, work: 8, bound: 300us, args: "panic=halt work=8" }
  unix: { image: unix, memory: 0x80800000+4M, priority: 1, work: 8, bound: 50ms, args: "panic=halt map=own work=8" }
modes: [native, colocated, virtualized]
`;
const small = join(folder, 'small.yaml');
writeFileSync(small, SCENARIO);
writeFileSync(join(folder, 'other.yaml'), SCENARIO.replace('50ms', '60ms'));

const settings = { cwd: folder, env: { ...process.env, NO_COLOR: '1' } };
const CAMPAIGN = ['inject', small, '--n', '6', '--seed', '3', '--workers', '2'];

function taco(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { ...settings, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { ...settings, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return { child, ended, out: text(child.stdout), err: text(child.stderr) };
}

const shardFile = (name: string) => join(folder, name, 'shards', '001.jsonl');
const lines = (name: string) => readFileSync(shardFile(name), 'utf8').split('\n').length - 1;
const documentOf = (name: string): InjectDocument =>
  injectSchema.parse(JSON.parse(readFileSync(join(folder, name, 'inject.json'), 'utf8')));

/** Until that campaign has so many results on the disk, or is over. */
async function reach(name: string, wanted: number, over: () => boolean): Promise<void> {
  for (;;) {
    try {
      if (over() || lines(name) >= wanted) return;
    } catch {
      // Not made yet.
    }
    await sleep(20);
  }
}

let whole: ReturnType<typeof taco>;
beforeAll(() => {
  whole = taco(...CAMPAIGN, '--out', 'whole', '--json');
}, 300_000);

describe('inject', () => {
  it('prints one document: rates per cell, modes compared, and the hash of all results', () => {
    expect([whole.status, whole.stderr.includes('control "')]).toEqual([0, false]);
    const document = injectSchema.parse(JSON.parse(whole.stdout));
    expect(document.rates.map(({ mode, faulty, injected }) => [mode, faulty, injected])).toEqual([
      ['colocated', 'rtos', 6],
      ['colocated', 'unix', 6],
      // Each guest on a machine of its own: a control.
      ['native', 'rtos', 10],
      ['native', 'unix', 10],
      ['virtualized', 'rtos', 6],
      ['virtualized', 'unix', 6],
    ]);
    expect(document.paired).toHaveLength(2);
    expect(readFileSync(join(folder, 'whole', 'inject.json'), 'utf8')).toBe(whole.stdout);
  });

  it('gives the same document when coordinator and workers are killed again and again', async () => {
    const total = lines('whole');
    let kills = 0;
    for (let alive = 20; ; alive += 25) {
      const args = kills === 0 ? [...CAMPAIGN, '--out', 'killed'] : ['inject', '--resume', 'killed', '--workers', '1'];
      const { child, ended } = start(...args);
      let code: number | null | undefined;
      void ended.then((value) => {
        code = value;
      });
      await reach('killed', Math.min(alive, total + 1), () => code !== undefined);
      if (code === undefined) {
        child.kill('SIGKILL');
        kills++;
        // As if the system had gone down with it.
        if (kills === 2) appendFileSync(shardFile('killed'), '{"crc":"00');
      }
      if ((await ended) === 0) break;
    }
    expect(kills).toBeGreaterThan(2);
    expect(documentOf('killed')).toEqual(documentOf('whole'));
    const keys = readFileSync(shardFile('killed'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).of.key);
    expect(new Set(keys).size).toBe(keys.length);
  }, 600_000);

  it('drains and saves at the first Ctrl-C, and goes on with what was asked', async () => {
    const { child, ended, err } = start(...CAMPAIGN, '--out', 'stopped');
    let over = false;
    void ended.then(() => {
      over = true;
    });
    await reach('stopped', 30, () => over);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(await err).toMatch(/finishing what runs[\s\S]*interrupted; go on with .\/taco inject --resume stopped/);
    expect(readdirSync(join(folder, 'stopped'))).not.toContain('lock');
    const resumed = taco('inject', '--resume', 'stopped', '--json');
    expect(resumed.status).toBe(0);
    expect(resumed.stdout).toBe(whole.stdout);
    expect(resumed.stderr).toMatch(/\d+ known/);
  }, 300_000);

  it('sets a damaged line aside, says which, and finds it out again', () => {
    const before = readFileSync(shardFile('whole'));
    const flipped = Buffer.from(before);
    const at = Math.floor(before.length / 2);
    flipped[at] = (before[at] ?? 0) ^ 0x10;
    writeFileSync(shardFile('whole'), flipped);
    const { status, stdout, stderr } = taco('inject', '--resume', 'whole', '--json');
    expect(stderr).toMatch(/whole\/shards\/001\.jsonl:\d+ {2}is damaged/);
    expect([status, stdout]).toEqual([0, whole.stdout]);
  }, 300_000);

  it.each([
    ['another seed', ['--seed', '4'], 'seed 3, not 4'],
    ['another scenario', ['other.yaml'], /images and scenario [0-9a-f]{8}, not [0-9a-f]{8}/],
  ])('refuses to go on with %s, and names both', (_, args, words) => {
    const { status, stdout, stderr } = taco('inject', ...args, '--resume', 'whole');
    expect(stderr).toMatch(words);
    expect(stderr.split('\n')).toHaveLength(3);
    expect([status, stdout]).toEqual([2, '']);
  });

  it('ends with a message when the disk takes no more, and goes on when it does', () => {
    const command = `trap "" XFSZ; ulimit -f 160; exec "$0" "$@"`;
    const full = spawnSync('sh', ['-c', command, process.execPath, main, ...CAMPAIGN, '--out', 'full'], {
      ...settings,
      encoding: 'utf8',
    });
    expect(full.stderr.trimEnd().split('\n').slice(-2).join('\n')).toMatch(
      /^full\/shards\/001\.jsonl {2}cannot be written \(EFBIG\)\n {2}rows flushed before are safe.*--resume$/,
    );
    expect([full.status, full.stdout]).toEqual([70, '']);
    expect(lines('full')).toBeGreaterThan(5);
    expect(taco('inject', '--resume', 'full', '--json').stdout).toBe(whole.stdout);
  }, 300_000);

  it('is shared out and merged to what one machine finds out', () => {
    for (const part of ['1/2', '2/2'])
      expect(taco(...CAMPAIGN, '--shard', part, '--out', `part${part[0]}`).status).toBe(0);
    const merged = taco('merge', 'part2', 'part1', '--out', 'merged', '--json');
    expect([merged.status, merged.stdout]).toEqual([0, whole.stdout]);
    const half = taco('merge', 'part2', '--out', 'half', '--json');
    expect(half.status).toBe(3);
    expect(half.stderr).toMatch(/experiments of this campaign are missing\n.*--resume half/);
    const torn = readFileSync(shardFile('part1')).subarray(0, -5);
    writeFileSync(shardFile('part1'), torn);
    const refused = taco('merge', 'part1', 'part2', '--out', 'again');
    expect(refused.stderr).toMatch(/part1\/shards\/001\.jsonl:\d+ {2}was cut off\n/);
    expect(refused.status).toBe(2);
  }, 300_000);

  it('goes on until a bound is met, at looks that were declared', () => {
    const { status, stdout } = taco('inject', small, '--until-upper', '40%', '--mode', 'virtualized', '--out', 'until');
    expect(stdout).toMatch(/Until the upper bound of a cell is 40 %: 5 looks, declared now/);
    expect(stdout).toMatch(/HWF-1 rtos -> unix, virtualized: met after \d+, \d+ failed, at most [0-3]\d\.\d\d %/);
    expect(status).toBe(0);
  }, 300_000);
});

describe('a mistake of the user', () => {
  it.each([
    ['an unknown class', ['--class', 'HWF-99'], 'there is no fault HWF-99'],
    ['a directed class', ['--class', 'MEM-14'], 'MEM-14 is directed'],
    ['an unknown mode', ['--mode', 'native'], 'no experiment is made in mode native'],
    ['a folder that is none', ['--resume', 'nowhere'], 'nowhere  is no folder of a campaign'],
    ['a folder in use', ['--out', 'whole'], 'whole  holds a campaign already'],
    ['two sizes', ['--n', '3', '--ci', '1%'], 'cannot be used with'],
    ['no share', ['--ci', '2'], 'give a share such as 1%'],
    ['no part', ['--shard', '3/2'], 'give a part such as 2/5'],
  ])('%s ends in two lines, exit code 2', (_, args, words) => {
    const { status, stdout, stderr } = taco('inject', small, ...args);
    expect(stderr).toContain(words);
    expect(stderr.split('\n')).toHaveLength(3);
    expect([status, stdout]).toEqual([2, '']);
  });
});

describe('shrink', () => {
  it('finds a smaller fault with the same endpoint, under an id that replays it', () => {
    const line = readFileSync(shardFile('whole'), 'utf8')
      .split('\n')
      .find((text) => text.includes('"class":"own-fault"') && text.includes('"faulty":"crashed"'));
    const { record } = JSON.parse(line ?? '').of.rows[0];
    const { status, stdout } = taco('shrink', record.id, '--scenario', small, '--runs', '40');
    expect(status).toBe(0);
    expect(stdout).toContain('faulty guest crashed');
    const [id = ''] = /t1\.\S+$/.exec(stdout.trimEnd()) ?? [];
    expect(id.startsWith(`${record.id}.`)).toBe(true);
    const replayed = taco('replay', id, '--scenario', small, '--json');
    expect(replayed.status).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ id, outcome: { faulty: 'crashed' } });
    expect(taco('shrink', id, '--scenario', small).stderr).toContain('is a shrunk fault already');
    const asDocument = taco('shrink', record.id, '--scenario', small, '--runs', '40', '--json');
    const document = shrinkSchema.parse(JSON.parse(asDocument.stdout));
    expect(document).toMatchObject({
      endpoint: expect.stringContaining('faulty guest crashed'),
      drawn: { replay: record.id },
    });
    expect(document.steps.at(-1)?.replay).toBe(id);
    expect(document.steps.every(({ runs }, at) => runs > (document.steps[at - 1]?.runs ?? 0) && runs <= 40)).toBe(true);
    expect(asDocument.stderr).toBe(stdout);
  }, 120_000);
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { encodePacket } from '../gdb/packet.ts';

const root = join(import.meta.dirname, '..', '..');
const main = join(import.meta.dirname, 'main.ts');
const debuggers = ['gdb-multiarch', 'riscv64-unknown-elf-gdb', 'riscv64-linux-gnu-gdb'];
const gdb = debuggers.find((name) => spawnSync(name, ['--version']).status === 0);

interface Waiting {
  readonly port: number;
  readonly symbols: string[];
  /** The line before the command for GDB. */
  readonly title: string;
  /** Exit code and what it said, when it has ended. */
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string }>;
}

const folder = mkdtempSync(join(tmpdir(), 'taco-gdb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill();
  child = undefined;
});

/** A taco that waits for a debugger. */
function waiting(...args: readonly string[]): Promise<Waiting> {
  const started = spawn(process.execPath, [main, ...args, '--gdb', '0'], { cwd: root });
  child = started;
  let stdout = '';
  let stderr = '';
  started.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  const ended = new Promise<{ status: number | null; stdout: string }>((resolve) => {
    started.on('close', (status) => resolve({ status, stdout }));
  });
  return new Promise((resolve, reject) => {
    started.on('close', () => reject(new Error(stderr)));
    started.stderr.on('data', (bytes) => {
      stderr += bytes;
      const port = /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1];
      if (port === undefined || !stderr.endsWith('\n')) return;
      const symbols = [...stderr.matchAll(/-ex '(add-symbol-file [^']*)'/g)].map((match) => match[1] ?? '');
      resolve({ port: Number(port), symbols, title: stderr.split('\n')[0] ?? '', ended });
    });
  });
}

/** What the same command says without a debugger; it must end well. */
function alone(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function debug({ port, symbols }: Waiting, ...commands: readonly string[]): Promise<string> {
  const all = ['set confirm off', 'set pagination off', `target remote 127.0.0.1:${port}`, ...symbols, ...commands];
  const process = spawn(gdb ?? '', ['-nx', '-batch', ...all.flatMap((command) => ['-ex', command])], { cwd: root });
  let text = '';
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('data', (bytes) => {
      text += bytes;
    });
  }
  return new Promise((resolve) => process.on('close', () => resolve(text)));
}

const RUN = ['run', '--mode', 'virtualized', '--until', '20000000'] as const;

describe('a connection', () => {
  it('that breaks off leaves the run as it is', async () => {
    const taco = await waiting(...RUN);
    const socket = connect(taco.port, '127.0.0.1');
    socket.write('+$qSupported#37\xff\x00$Z0,82000000,4#00$$$');
    socket.on('data', () => socket.destroy());
    expect(await taco.ended).toEqual({ status: 0, stdout: alone(...RUN) });
  });

  it('that kills ends it', async () => {
    const taco = await waiting(...RUN);
    connect(taco.port, '127.0.0.1').write('$k#6b');
    const { status, stdout } = await taco.ended;
    expect(status).toBe(0);
    expect(stdout).toContain('the debugger ended it, after 0 cycles');
  });

  it('finds no second door', async () => {
    const taco = await waiting(...RUN);
    const { status, stderr } = spawnSync(process.execPath, [main, ...RUN, '--gdb', `${taco.port}`], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      2,
      `taco --gdb:  port ${taco.port} is in use\n  give another one, or 0 for any that is free\n`,
    ]);
  });
});

describe('a replay', () => {
  it('waits before its injection, does it when let go, and is the same experiment', async () => {
    const id = /t1\.\S+\.colocated\.\S+/.exec(alone('show', 'MEM-14'))?.[0] ?? '';
    const file = join(folder, 'replay.json');
    // It says so itself where the watched machine ends in another state.
    const told = alone('replay', id, '--trace', file);
    expect(readFileSync(file, 'utf8')).toContain('"foreign write"');
    const taco = await waiting('replay', id);
    expect(taco.title).toContain('before the injection: stores the 64-bit word');
    const socket = connect(taco.port, '127.0.0.1').setEncoding('latin1');
    let heard = '';
    socket.on('data', (text) => {
      heard += text;
    });
    socket.write(encodePacket('QStartNoAckMode') + encodePacket(`qRcmd,${Buffer.from('where').toString('hex')}`));
    socket.write(encodePacket('c'));
    expect((await taco.ended).stdout).toBe(told);
    expect(heard).toMatch(/\$W00#b7$/);
  });
});

// Debian: apt-get install gdb-multiarch.
describe.skipIf(gdb === undefined)(gdb === undefined ? 'GDB is not installed' : `${gdb}`, () => {
  it('breaks at a symbol of a guest, looks, steps, and leaves the run as it is', async () => {
    const taco = await waiting(...RUN);
    const text = await debug(
      taco,
      'printf "at %#lx in %d\\n", $pc, $priv',
      'break *saboteur_poll',
      'continue',
      'printf "poll %#lx in %d, hgatp %#lx\\n", $pc, $priv, $hgatp',
      'x/i $pc',
      'printf "before %#lx\\n", $sp',
      'stepi',
      'printf "after %#lx at %#lx\\n", $sp, $pc',
      'printf "word %#x\\n", *(unsigned *)0x82000000',
      'info threads',
      'monitor where',
      'delete',
      'detach',
    );
    expect(text).toContain('at 0x80000000 in 3\n');
    expect(text).toMatch(/poll 0x8[24][0-9a-f]{6} in 1, hgatp 0x8/);
    expect(text).toMatch(/<saboteur_poll>:\s+add(i)?\s+sp,sp,-/);
    const [, before = '', after = ''] = /before (0x[0-9a-f]+)\n[\s\S]*after (0x[0-9a-f]+) at/.exec(text) ?? [];
    expect(Number(after)).toBeLessThan(Number(before));
    expect(text).toContain('word 0x10017073\n');
    expect(text).toMatch(/Thread 1 \(hart 0, VS-mode, (rtos|unix)\)/);
    expect(text).toMatch(/cycle \d+, \d+ instructions/);
    expect(await taco.ended).toEqual({ status: 0, stdout: alone(...RUN) });
  });

  it('watches memory of a guest', async () => {
    const taco = await waiting(...RUN);
    const text = await debug(
      taco,
      'hbreak *saboteur_poll',
      'continue',
      'delete',
      'set $slot = $sp - 8',
      'watch *(long *)$slot',
      'continue',
      'printf "stopped at %#lx\\n", $pc',
      'delete',
      'kill',
    );
    expect(text).toMatch(/[Ww]atchpoint 2: [\s\S]*New value = [\s\S]*stopped at 0x8/);
    expect((await taco.ended).status).toBe(0);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'taco-launcher-'));
const launcher = join(folder, 'taco');

beforeAll(() => {
  copyFileSync(join(root, 'taco'), launcher);
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function install(): void {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

describe('the launcher', () => {
  it('says what to do when nothing is installed, with exit code 78', () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [launcher], { encoding: 'utf8' });
    expect(status).toBe(78);
    expect(stdout).toBe('');
    expect(stderr).toBe('taco: its dependencies are not installed\n  run `npm ci` first\n');
  });

  it('runs TypeScript, passes arguments and the exit code', () => {
    install();
    writeFileSync(
      join(folder, 'script.ts'),
      'const code: number = Number(process.argv[2]);\nconsole.log(process.argv[3]);\nprocess.exit(code);\n',
    );
    const { status, stdout } = spawnSync(process.execPath, [launcher, '--script', 'script.ts', '7', '--flag'], {
      encoding: 'utf8',
    });
    expect(status).toBe(7);
    expect(stdout).toBe('--flag\n');
  });

  it('runs a program of a dependency on the same Node', () => {
    const { status, stdout } = spawnSync(process.execPath, [launcher, '--bin', 'vitest', '--version'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('vitest/');
  });

  it('names the remedy for a program that no dependency offers', () => {
    const { status, stderr } = spawnSync(process.execPath, [launcher, '--bin', 'nothing'], { encoding: 'utf8' });
    expect(status).toBe(78);
    expect(stderr).toBe('taco: no installed dependency offers the program nothing\n  run `npm ci`\n');
  });

  it('hands on one SIGINT, and the exit code that follows', async () => {
    writeFileSync(
      join(folder, 'wait.ts'),
      `let signals = 0;
process.on('SIGINT', () => { signals++; setTimeout(() => process.exit(129 + signals), 100); });
setTimeout(() => process.exit(1), 20_000);
console.log('ready');
`,
    );
    const child = spawn(process.execPath, [launcher, '--script', 'wait.ts'], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => child.kill('SIGINT'));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
  });
});

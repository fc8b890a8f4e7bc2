import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** Of what a tool said, the end is told where it fails. */
const TAIL = 3000;

interface Ended {
  readonly code: number | null;
  readonly said: string;
  /** What it wrote into the file that it was given, if it is JSON. */
  readonly document: unknown;
}

/** Runs one of our tools through the launcher, beside others; `withFile` makes its arguments of the file it is to write. */
export function runTool(withFile: (file: string) => readonly string[]): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'taco-validate-'));
  const file = join(folder, 'record.json');
  const child = spawn(process.execPath, [join(root, 'taco'), ...withFile(file)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const end = () => child.kill();
  process.once('exit', end);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-TAIL);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', end);
      let text: string | undefined;
      try {
        text = readFileSync(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') reject(error);
      }
      rmSync(folder, { recursive: true, force: true });
      resolve({ code, said, document: text === undefined ? undefined : JSON.parse(text) });
    });
  });
}

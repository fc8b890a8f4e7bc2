import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where there is one, memory that looks like files: what is exchanged is as large as the machine's RAM. */
const MEMORY = '/dev/shm';

/** A program of the host that runs batches, in a folder of its own. One at a time. */
export class Child {
  #folder: string | undefined;
  #running: ChildProcess | undefined;

  /** Made when it is first asked for. */
  get folder(): string {
    this.#folder ??= mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'conform-'));
    return this.#folder;
  }

  /** Runs the program to its end; why it did not get there, or undefined. */
  run(program: string, args: readonly string[], seconds: number): Promise<string | undefined> {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#running = child;
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-2000);
    });
    return new Promise((resolve) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, seconds * 1000);
      const done = (why: string | undefined) => {
        clearTimeout(timer);
        this.#running = undefined;
        resolve(why);
      };
      child.on('error', (error) => done(error.message));
      child.on('exit', (code, signal) => {
        if (code === 0) done(undefined);
        else done(late ? `no end within ${seconds} s` : `${signal ?? `exit ${code}`}: ${errors}`);
      });
    });
  }

  close(): void {
    this.#running?.kill('SIGKILL');
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}

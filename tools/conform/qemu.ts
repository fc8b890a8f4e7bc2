import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import type { Batch, Ran, Runner } from './batch.ts';
import { Child } from './child.ts';
import { RAM_BYTES } from './layout.ts';

const PROGRAM = 'qemu-system-riscv64';
const SECONDS_ALONE = 8;
const SECONDS_PER_PROGRAM = 0.1;

/** The version installed, or undefined. */
export function qemuVersion(): string | undefined {
  const found = spawnSync(PROGRAM, ['--version'], { encoding: 'utf8' });
  return /version (\S+)/.exec(found.stdout ?? '')?.[1];
}

/** Optional extensions by a row that only they have: on there where they are on here. */
const EXTENSIONS = [
  ['zba', 'sh1add'],
  ['zbb', 'andn'],
  ['zbc', 'clmul'],
  ['zbs', 'bset'],
  ['svinval', 'sinval.vma'],
] as const;

/** What the command line avoids, by the ids of known.yaml. */
export const SET = ['one-hart-amo', 'interrupt-order'] as const;

function cpu(except: string | undefined): string {
  const names = new Set(INSTRUCTIONS.map((row) => row.name));
  const flags = EXTENSIONS.map(([flag, row]) => `${flag}=${names.has(row)}`);
  // All event counters. Without AIA it takes interrupts in the order of their numbers.
  return ['rv64', 'h=true', 'sstc=true', ...(except === SET[1] ? [] : AIA), 'pmu-num=29', ...flags].join(',');
}

const AIA = ['x-smaia=true', 'x-ssaia=true'];

/** Debian's QEMU. Its RAM is a file, written before the start and read after the end. */
export class Qemu implements Runner {
  readonly name = 'qemu';
  readonly #memory = new Uint8Array(RAM_BYTES);
  readonly #except: string | undefined;
  readonly #child = new Child();

  /** @param except a known error that is not to be avoided */
  constructor(except?: string) {
    this.#except = except;
  }

  async run(batch: Batch): Promise<Ran> {
    // Emptied, so that nothing is left of the batch before.
    const path = join(this.#child.folder, 'ram');
    const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC);
    try {
      ftruncateSync(file, RAM_BYTES);
      writeSync(file, batch.image, 0, batch.image.length, 0);
      const stuck = await this.#child.run(
        PROGRAM,
        this.#arguments(path),
        SECONDS_ALONE + SECONDS_PER_PROGRAM * batch.programs.length,
      );
      if (stuck !== undefined) return { stuck };
      const memory = this.#memory.subarray(0, batch.image.length);
      readSync(file, memory, 0, memory.length, 0);
      return { memory };
    } finally {
      closeSync(file);
    }
  }

  #arguments(path: string): string[] {
    const backend = `memory-backend-file,id=m,size=${RAM_BYTES},mem-path=${path},share=on`;
    // Two harts, one parked: with one, QEMU makes AMOs of a load and a store, which fault as such.
    const machine = [
      '-smp',
      this.#except === SET[0] ? '1' : '2',
      '-machine',
      'virt,memory-backend=m',
      '-cpu',
      cpu(this.#except),
      '-m',
      `${RAM_BYTES / 2 ** 20}`,
    ];
    const quiet = ['-bios', 'none', '-nodefaults', '-display', 'none', '-serial', 'none', '-monitor', 'none'];
    return [...machine, '-object', backend, ...quiet];
  }

  close(): void {
    this.#child.close();
  }
}

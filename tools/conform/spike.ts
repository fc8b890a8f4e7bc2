import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTRUCTIONS } from '../../src/machine/isa/table.ts';
import type { Batch, Harness, Ran, Runner } from './batch.ts';
import { Child } from './child.ts';
import { elfFile } from './elf-file.ts';
import { RAM_BASE, RAM_BYTES } from './layout.ts';

const SECONDS_ALONE = 10;
const SECONDS_PER_PROGRAM = 0.3;

/** Optional extensions by a row that only they have. */
const EXTENSIONS = [
  ['zba', 'sh1add'],
  ['zbb', 'andn'],
  ['zbc', 'clmul'],
  ['zbs', 'bset'],
  ['svinval', 'sinval.vma'],
  ['zicbom', 'cbo.clean'],
  ['zicboz', 'cbo.zero'],
] as const;

function isa(): string {
  const names = new Set(INSTRUCTIONS.map((row) => row.name));
  const present = EXTENSIONS.flatMap(([extension, row]) => (names.has(row) ? [extension] : []));
  // zicclsm: misaligned loads and stores do not trap.
  return ['rv64gch', 'zicntr', 'zihpm', 'zicclsm', 'svadu', 'sstc', ...present].join('_');
}

/** What the program calls itself, or undefined where there is none. */
export function spikeVersion(program: string): string | undefined {
  const { stdout, stderr } = spawnSync(program, ['--help'], { encoding: 'utf8' });
  return /RISC-V ISA Simulator (\S+)/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1];
}

/** Spike, the simulator of RISC-V International. The memory comes back as the signature that it writes at the end. */
export class Spike implements Runner {
  readonly name = 'spike';
  readonly #program: string;
  readonly #child = new Child();

  constructor(program: string) {
    this.#program = program;
  }

  async run(batch: Batch, harness: Harness): Promise<Ran> {
    const image = join(this.#child.folder, 'image');
    const signature = join(this.#child.folder, 'signature');
    const length = batch.image.length;
    const symbols = {
      tohost: harness.tohost,
      fromhost: harness.tohost + 8,
      begin_signature: RAM_BASE,
      end_signature: RAM_BASE + length,
    };
    writeFileSync(image, elfFile(batch.image, RAM_BASE, symbols));
    rmSync(signature, { force: true });
    // One line, from the last byte to the first.
    const ask = [`+signature=${signature}`, `+signature-granularity=${length}`];
    const memory = [`-m0x${RAM_BASE.toString(16)}:0x${RAM_BYTES.toString(16)}`];
    const stuck = await this.#child.run(
      this.#program,
      ['-p1', '--pmpgranularity=4096', ...memory, `--isa=${isa()}`, ...ask, image],
      SECONDS_ALONE + SECONDS_PER_PROGRAM * batch.programs.length,
    );
    if (stuck !== undefined) return { stuck };
    return { memory: new Uint8Array(Buffer.from(readFileSync(signature, 'latin1').trim(), 'hex').reverse()) };
  }

  close(): void {
    this.#child.close();
  }
}

// What can run the programs: this machine, and QEMU where it is installed. Each says how many turns a CPU second makes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseElf } from '../../src/machine/elf.ts';
import { createMachine, type MachineOptions } from '../../src/machine/index.ts';
import { type Leaves, PROGRAM_RAM, type ProgramName, programFile, type StormName, turnsOf } from './programs.ts';
import { childSeconds, cpuSeconds } from './seconds.ts';

export interface SpeedEngine {
  readonly name: string;
  /** One turn of the program per CPU second is a rate of 1. */
  rate(program: ProgramName | StormName, leaves: Leaves): number;
}

/** A program loaded into a machine, at the reset vector. */
export function loadProgram(
  name: ProgramName | StormName,
  turns: number,
  leaves: Leaves,
  options: Partial<MachineOptions>,
) {
  const elf = parseElf(programFile(name, turns, leaves));
  const machine = createMachine({ ram: PROGRAM_RAM, timing: 'inorder', guests: 1, ...options });
  for (const { physicalAddress, bytes } of elf.segments) machine.write(physicalAddress, bytes);
  machine.start(elf.entry, 0, 0);
  return machine;
}

/** How much longer than the interpreter an engine runs that translates: until it runs steadily, which takes it 0.1 s. */
export const LONGER = 10;

/** This machine; translation of code by the host counts, making the machine does not. */
export function here(name: string, options: Partial<MachineOptions>, longer = 1): SpeedEngine {
  return {
    name,
    rate: (program, leaves) => {
      const turns = turnsOf(program) * longer;
      const machine = loadProgram(program, turns, leaves, options);
      return (
        turns /
        cpuSeconds(() => {
          const stop = machine.run(Number.MAX_SAFE_INTEGER);
          if (stop.kind === 'finished' && stop.finish.kind === 'pass') return;
          throw new Error(`${program} ended with ${JSON.stringify(stop)}`);
        })
      );
    },
  };
}

export const QEMU = 'qemu-system-riscv64';

const TIMEOUT_MS = 60_000;

export function qemuVersion(): string | undefined {
  try {
    return execFileSync(QEMU, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  } catch {
    return undefined;
  }
}

function commandSeconds(command: readonly string[]): number {
  const script = '"$@" </dev/null >/dev/null && times';
  return childSeconds(
    execFileSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8', timeout: TIMEOUT_MS }),
  );
}

/** QEMU; its start, measured with the program that does nothing, is taken off. */
export function qemu(name: string, flags: readonly string[], longer: number): SpeedEngine {
  const run = (file: Uint8Array): number => {
    const folder = mkdtempSync(join(tmpdir(), 'taco-bench-'));
    try {
      const path = join(folder, 'program.elf');
      writeFileSync(path, file);
      const machine = ['-M', 'virt', '-m', '64M', '-bios', 'none', '-display', 'none', '-monitor', 'none'];
      return commandSeconds([QEMU, ...machine, '-serial', 'none', ...flags, '-kernel', path]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return {
    name,
    rate: (program, leaves) => {
      const turns = turnsOf(program) * longer;
      const start = run(programFile(undefined, 1, leaves));
      return turns / Math.max(0.001, run(programFile(program, turns, leaves)) - start);
    },
  };
}

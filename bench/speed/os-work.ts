// What operating systems do: a kernel boots, two address spaces take turns, tasks make system calls. Here and on QEMU.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMachine, type MachineOptions } from '../../src/machine/index.ts';
import { bootStranger, planStranger } from '../../src/scenario/boot-stranger.ts';
import { Awaited } from '../../src/scenario/dialogue.ts';
import { loadStranger } from '../../src/scenario/stranger.ts';
import { here, QEMU, qemu } from './engines.ts';
import { best, median, REGIONS } from './rounds.ts';
import { childSeconds, cpuSeconds } from './seconds.ts';

const root = join(import.meta.dirname, '..', '..');
const DEBIAN = 'scenarios/debian.yaml';
/** What its /init says first. */
const INIT = 'taco: /init';
/** The console is looked at this often. */
const SLICE_CYCLES = 1_000_000;
const MOST_CYCLES = 4_000_000_000;

const OS_WORKS = ['Debian boot', 'switches', 'calls'] as const;
export type OsWork = (typeof OS_WORKS)[number];

/** Of regions, named by the timing. */
export const ownName = (timing: string): string => `${REGIONS}, ${timing}`;

interface OsEngine {
  readonly name: string;
  /** One piece of work per CPU second is a rate of 1: a boot, or a turn of a storm. Undefined: it cannot be done here. */
  rate(work: OsWork): number | undefined;
}

const read = (path: string): Uint8Array => new Uint8Array(readFileSync(join(root, path)));
const scenario = () => loadStranger(DEBIAN, readFileSync(join(root, DEBIAN), 'utf8'));

/** Why Debian cannot be booted, or nothing. */
export function missingDebian(): string | undefined {
  const { firmware, kernel, initrd = kernel } = scenario().stranger;
  return [firmware, kernel, initrd].every((path) => existsSync(join(root, path)))
    ? undefined
    : 'guests/debian is not there: `npm run guests:debian` fetches it';
}

function bootHere(options: Partial<MachineOptions>): number | undefined {
  if (missingDebian() !== undefined) return undefined;
  const { stranger, source } = scenario();
  const plan = planStranger(stranger, source, read);
  const machine = bootStranger((own) => createMachine({ ...own, ...options }), plan);
  const init = new Awaited(INIT);
  machine.probe.on('console', ({ byte }) => init.hear(byte));
  const seconds = cpuSeconds(() => {
    while (!init.seen && machine.cycles < MOST_CYCLES) machine.run(machine.cycles + SLICE_CYCLES);
  });
  if (!init.seen) throw new Error(`${DEBIAN} did not come to /init in ${MOST_CYCLES} cycles`);
  return 1 / seconds;
}

/** QEMU ends by itself neither at /init nor at its start: a shell does it. $1 is a folder for a pipe, $2 the text. */
const UNTIL_TEXT = `
  folder=$1 text=$2; shift 2; mkfifo "$folder/console" || exit
  "$@" -serial stdio </dev/null >"$folder/console" 2>/dev/null & pid=$!
  grep -qm1 "$text" "$folder/console"; found=$?
  kill $pid; wait $pid 2>/dev/null
  [ $found = 0 ] && times`;
const START_ONLY = 'shift 2; echo quit | "$@" -S -serial none -monitor stdio >/dev/null && times';

function bootOnQemu(flags: readonly string[]): number | undefined {
  if (missingDebian() !== undefined) return undefined;
  const { stranger } = scenario();
  const { firmware, kernel, initrd = kernel } = stranger;
  const file = (path: string) => join(root, path);
  const command = [QEMU, '-M', 'virt', '-m', `${stranger.machine.ramSize / 2 ** 20}M`, '-display', 'none', ...flags];
  command.push('-bios', file(firmware), '-kernel', file(kernel), '-initrd', file(initrd));
  command.push('-append', stranger.bootargs);
  const seconds = (script: string, more: readonly string[]): number => {
    const folder = mkdtempSync(join(tmpdir(), 'taco-bench-'));
    try {
      const args = ['-c', script, 'bash', folder, INIT, ...command, ...more];
      return childSeconds(execFileSync('bash', args, { encoding: 'utf8', timeout: 120_000 }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return 1 / (seconds(UNTIL_TEXT, ['-monitor', 'none']) - seconds(START_ONLY, []));
}

export function osHere(name: string, options: Partial<MachineOptions>): OsEngine {
  const programs = here(name, options);
  return { name, rate: (work) => (work === 'Debian boot' ? bootHere(options) : programs.rate(work, '4K')) };
}

export function osOnQemu(name: string, flags: readonly string[]): OsEngine {
  // Longer than here, so that its start is a small part.
  const programs = qemu(name, flags, 4);
  return { name, rate: (work) => (work === 'Debian boot' ? bootOnQemu(flags) : programs.rate(work, '4K')) };
}

interface OsMeasured {
  readonly work: OsWork;
  readonly engine: string;
  readonly rates: readonly number[];
}

/** Interleaved rounds, as of the programs. */
export function measureOs(engines: readonly OsEngine[], rounds: number, tell: (text: string) => void): OsMeasured[] {
  const cells = OS_WORKS.flatMap((work) => engines.map((engine) => ({ work, engine, rates: [] as number[] })));
  for (let round = 1; round <= rounds; round++) {
    for (const { work, engine, rates } of cells) {
      tell(`round ${round} of ${rounds}: ${work}, ${engine.name}`);
      const rate = engine.rate(work);
      if (rate !== undefined) rates.push(rate);
    }
  }
  return cells.filter(({ rates }) => rates.length > 0).map(({ engine, ...cell }) => ({ ...cell, engine: engine.name }));
}

/** How fast `engine` does a work where `reference` is 1, of the best rounds or of the medians. */
export interface OsRatio {
  readonly engine: string;
  readonly reference: string;
  readonly work: OsWork;
  readonly best: number;
  readonly median: number;
}

export function osRatios(measured: readonly OsMeasured[], engine: string, reference: string): OsRatio[] {
  return measured.flatMap((cell) => {
    const other = measured.find((one) => one.engine === reference && one.work === cell.work);
    if (cell.engine !== engine || other === undefined) return [];
    const { work, rates } = cell;
    return [
      { engine, reference, work, best: best(rates) / best(other.rates), median: median(rates) / median(other.rates) },
    ];
  });
}

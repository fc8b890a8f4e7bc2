// Boots a small kernel, assembled here, on several harts over our own firmware, the way a stranger's kernel is booted.
import { layouts } from '../../images/index.ts';
import type { Machine, MachineOptions } from '../../src/machine/index.ts';
import { assembleProgram, createMachine } from '../../src/machine/index.ts';
import { bootStranger, planStranger } from '../../src/scenario/boot-stranger.ts';
import { loadStranger, OWN_FIRMWARE } from '../../src/scenario/stranger.ts';
import { readBuiltImage } from '../built-images.ts';
import { HSM } from './sbi-calls.ts';

type Schedule = NonNullable<MachineOptions['schedule']>;

export const SCHEDULES: readonly Schedule[] = [
  { kind: 'coarse' },
  { kind: 'fine', seed: 1 },
  { kind: 'fine', seed: 2 },
  { kind: 'fine', seed: 3 },
];

/** Where the kernel lies; its harts share what is in WORDS, all zero at first, and report in RESULTS. */
export const KERNEL = 0x8020_0000;
export const WORDS = 0x8040_0000;
export const RESULTS = 0x8041_0000;
export const KERNEL_END = 0x8080_0000;

const SYMBOLS = `.equ KERNEL, ${KERNEL}\n.equ WORDS, ${WORDS}\n.equ RESULTS, ${RESULTS}\n`;

export interface HartsBooted {
  readonly machine: Machine;
  /** The first so many words of RESULTS, as signed numbers. */
  results(count: number): bigint[];
  symbol(name: string): number;
}

export interface HartsOptions {
  readonly harts: number;
  readonly schedule: Schedule;
  /** Fields of the configuration block to change. */
  readonly config?: Readonly<Partial<Record<keyof typeof layouts.config.fields, number>>>;
}

function firmware(): Uint8Array {
  const file = readBuiltImage({ kind: 'built', name: 'firmware' });
  if ('problem' in file) throw new Error(`images/firmware.elf ${file.problem}`);
  return file.bytes;
}

export function bootHarts(source: string, { harts, schedule, config = {} }: HartsOptions): HartsBooted {
  const text = `machine: { ram: 8M, harts: ${harts} }\nfirmware: ${OWN_FIRMWARE}\nkernel: kernel.bin\n`;
  const loaded = loadStranger('harts.yaml', text);
  const { bytes, symbols } = assembleProgram(`${SYMBOLS}${source}`, KERNEL);
  const files = new Map([
    [OWN_FIRMWARE, firmware()],
    ['kernel.bin', bytes],
  ]);
  const plan = planStranger(loaded.stranger, loaded.source, (path) => files.get(path));
  const block = plan.loads.find(({ name }) => name === 'config');
  if (block === undefined) throw new Error('the firmware gets no configuration block');
  for (const [field, value] of Object.entries(config)) {
    const { offset } = layouts.config.fields[field as keyof typeof config];
    new DataView(block.bytes.buffer).setUint32(offset, value, true);
  }
  const machine = bootStranger((options) => createMachine({ ...options, schedule }), plan);
  return {
    machine,
    results: (count) => [...new BigInt64Array(machine.read(RESULTS, 8 * count).buffer)],
    symbol: (name) => Number(symbols.get(name)),
  };
}

/** Runs a kernel until nothing will ever happen again, which is how these programs end. */
export function runHarts(source: string, options: HartsOptions, cycles = 20_000_000): HartsBooted {
  const booted = bootHarts(source, options);
  const stop = booted.machine.run(cycles);
  if (stop.kind !== 'idle') {
    const at = [...Array(options.harts).keys()].map((hart) => booted.machine.ports[hart]?.pc.toString(16)).join(' ');
    throw new Error(`stopped as ${stop.kind}, harts at ${at}; ${booted.results(8)}`);
  }
  return booted;
}

/** An SBI call; a0 to a7 are lost. */
export const sbi = (id: number, fid: number, ...args: (number | bigint | string)[]): string =>
  `${args.map((arg, i) => `  li a${i}, ${arg}`).join('\n')}\n  li a6, ${fid}\n  li a7, ${id}\n  ecall\n`;

/** Stores a register as result `index`; t6 is lost. */
export const put = (index: number | string, register: string): string =>
  `  li t6, RESULTS + 8 * (${index})\n  sd ${register}, 0(t6)\n`;

/** Adds 1 to a shared word, or waits until it is `value`; t5 and t6 are lost. */
export const signal = (word: number): string => `  li t6, WORDS + 64 * ${word}\n  li t5, 1\n  amoadd.d t5, t5, (t6)\n`;
export const awaitWord = (word: number, value: number): string => `
  li t6, WORDS + 64 * ${word}
94: ld t5, 0(t6)
  addi t5, t5, -(${value})
  bnez t5, 94b
`;

/** Nothing more to do: no interrupt is enabled, and the hart waits for ever. */
export const END = `
  csrw sie, zero
99: wfi
  j 99b
`;

/** Starts harts 1 to harts - 1 at label `other`, and goes on there too, with the own number in s0. */
export const startAll = (harts: number): string => `
  ${Array.from({ length: harts - 1 }, (_, i) => `la a1, other\n li a0, ${i + 1}\n li a6, 0\n li a7, ${HSM}\n ecall\n`).join('')}
  li a0, 0
other:
  mv s0, a0
  ${signal(0)}
  ${awaitWord(0, harts)}
`;

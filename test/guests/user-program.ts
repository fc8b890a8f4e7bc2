// User programs for unix, written in assembly, in the place of its first one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { images } from '../../images/index.ts';
import type { Machine } from '../../src/machine/index.ts';
import { assembleProgram } from '../../src/machine/isa/assemble.ts';
import { boot, type Wish } from './alone.ts';

const USER_TEXT = 0x1_0000_0000;
export const USER_HEAP = 0x1_0010_0000;
/** Of the boot alone. */
export const SLOT = 0x8060_0000;

const symbols: Readonly<Record<string, { readonly address: number }>> = images.unix.symbols;

/** Physical address of a symbol of unix. */
export function addressOf(name: string): number {
  const symbol = symbols[name];
  if (symbol === undefined) throw new RangeError(`unix has no symbol ${name}`);
  return SLOT + symbol.address;
}

function enumeratorsOf(header: string): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'src', 'guests', 'unix', header), 'utf8');
  return [...text.replaceAll(/\/\*[\s\S]*?\*\//g, '').matchAll(/enum \w* ?\{([^}]*)\}/g)]
    .map(([, body = '']) => {
      let next = 0;
      const lines: string[] = [];
      for (const entry of body.split(',')) {
        const [name = '', value] = entry.split('=').map((part) => part.trim());
        if (value !== undefined) next = Number(value);
        if (name !== '' && Number.isInteger(next)) lines.push(`.equ ${name}, ${next++}`);
      }
      return lines.join('\n');
    })
    .join('\n');
}

/** A system call by the name after SYS_; its arguments are numbers, or `_` for what the register holds. */
export function call(name: string, ...args: readonly (number | bigint | string)[]): string {
  const loads = args.map((value, n) => (value === '_' ? '' : `  li a${n}, ${value}\n`)).join('');
  return `${loads}  li a7, SYS_${name}\n  ecall\n`;
}

/** Puts a register out as a word. */
export const output = (register: string): string => `  mv a1, ${register}\n  li a7, SYS_OUTPUT\n  ecall\n`;

/** Unix with this program instead of its first one. Registers s0 to s11 are the program's, and stay over calls. */
export function bootProgram(source: string, wish: Partial<Wish> = {}): Machine {
  const machine = boot({ image: 'unix', ...wish });
  const offset = addressOf('shell') - addressOf('__user_start');
  const { bytes } = assembleProgram(`${enumeratorsOf('syscall.h')}\n${source}`, USER_TEXT + offset);
  const room = addressOf('__user_end') - addressOf('shell');
  if (bytes.length > room) throw new RangeError(`the program has ${bytes.length} bytes, there is room for ${room}`);
  machine.write(addressOf('shell'), bytes);
  return machine;
}

export function wordsOf(machine: Machine): bigint[] {
  return (machine.monitors[0]?.outputs.words() ?? []).map((word) => BigInt.asIntN(64, word));
}

/** Did nothing that the program did harm the kernel? */
export function isSound(machine: Machine): boolean {
  return machine.monitors[0]?.crash === undefined && !machine.consoles[0]?.text().includes('panic');
}

import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../../test/built-images.ts';
import { parseElf } from '../../machine/index.ts';
import { functionsOf } from './code.ts';
import { mutantsOf } from './operators.ts';

const OBJDUMP = 'riscv64-unknown-elf-objdump';
const absent = spawnSync(OBJDUMP, ['--version']).error !== undefined;
const folder = join(import.meta.dirname, '..', '..', '..', 'images');

function elfOf(name: string) {
  const image = readBuiltImage({ kind: 'built', name });
  if (!('bytes' in image)) throw new Error(`no image ${name}`);
  return parseElf(image.bytes);
}

/** Address of each instruction of a section to its name and its target, as binutils see them. */
function listing(name: string): Map<number, { readonly op: string; readonly target: number | undefined }> {
  const options = ['-d', '-M', 'no-aliases', '-j', '.text', join(folder, `${name}.elf`)];
  const lines = execFileSync(OBJDUMP, options, { maxBuffer: 1 << 28, encoding: 'utf8' }).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, at, op, target] = /^\s*([0-9a-f]+):\s+[0-9a-f]+\s+(\S+)(?:.*?\b([0-9a-f]+) <)?/.exec(line) ?? [];
      if (at === undefined || op === undefined) return [];
      const to = target === undefined ? undefined : Number.parseInt(target, 16);
      return [[Number.parseInt(at, 16), { op, target: to }] as const];
    }),
  );
}

/** rtos joins no two conditions by an or. */
const ABSENT: Readonly<Record<string, readonly string[]>> = { rtos: ['MLOC'] };

describe.each(['rtos', 'unix'])('the code of %s', (name) => {
  const elf = elfOf(name);
  const functions = functionsOf(elf);

  it.skipIf(absent)('is cut into instructions as binutils cut it, with the same names and targets', () => {
    const expected = listing(name);
    const wrong = functions.flatMap(({ instructions }) =>
      instructions.filter(({ at, form, kind, target }) => {
        const seen = expected.get(at);
        const flows = kind === 'branch' || kind === 'jump';
        return seen === undefined || seen.op !== form || (flows && seen.target !== target);
      }),
    );
    expect(wrong.map(({ at, form }) => `${at.toString(16)} ${form} ${expected.get(at)?.op}`)).toEqual([]);
    expect(functions.reduce((sum, { instructions }) => sum + instructions.length, 0)).toBeGreaterThan(2000);
  });

  it('is decoded to the end of every function', () => {
    for (const { name: own, start, end } of functions) {
      expect(end - start, own).toBe(
        elf.symbols.find((symbol) => symbol.name === own && symbol.address === start)?.size,
      );
    }
  });

  it('has places for every operator that its code gives room, none of them in the planted bugs', () => {
    const mutants = mutantsOf(elf);
    expect(mutants.size + (ABSENT[name]?.length ?? 0)).toBe(19);
    for (const operator of ABSENT[name] ?? []) expect([...mutants.keys()]).not.toContain(operator);
    const text = elf.sections.find((section) => section.name === '.text');
    for (const [, found] of mutants)
      for (const { patches } of found)
        for (const { at, bytes } of patches)
          expect(at + bytes.length).toBeLessThanOrEqual((text?.address ?? 0) + (text?.size ?? 0));
  });

  it('is changed by each mutant, and in nothing but whole instructions', () => {
    const lengths = new Map(
      functions.flatMap(({ instructions }) => instructions.map(({ at, length }) => [at, length])),
    );
    const words = new Map(functions.flatMap(({ instructions }) => instructions.map(({ at, word }) => [at, word])));
    for (const found of mutantsOf(elf).values()) {
      for (const { operator, patches } of found) {
        const covered = patches.reduce((sum, { bytes }) => sum + bytes.length, 0);
        const starts = patches.map(({ at }) => at);
        if (operator !== 'WALR')
          expect(patches.map(({ at }) => lengths.get(at))).toEqual(patches.map((p) => p.bytes.length));
        expect(new Set(starts).size).toBe(starts.length);
        expect(covered).toBeGreaterThan(0);
        const same = patches.every(({ at, bytes }) =>
          bytes.every((byte, index) => byte === (((words.get(at) ?? 0) >>> (8 * index)) & 0xff)),
        );
        expect(same, `${operator} at 0x${starts[0]?.toString(16)} changes nothing`).toBe(false);
      }
    }
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { disassemble } from './disassemble.ts';
import { R2M_EXACT } from './format.ts';
import { INSTRUCTIONS } from './table.ts';

const OBJDUMP = 'riscv64-unknown-elf-objdump';
const ASSEMBLER = 'riscv64-unknown-elf-as';
const absent = spawnSync(OBJDUMP, ['--version']).error !== undefined;

/** All that the table has, but for what binutils 2.40 does not know or calls part of another extension. */
const ARCHITECTURE = 'rv64gch_zba_zbb_zbs_zicbom_zicboz_svinval';

/** What binutils says of words laid out from address 0: address, and text in a common form. */
function binutils(words: readonly number[], width: 2 | 4): Map<number, string> {
  const folder = mkdtempSync(join(tmpdir(), 'taco-objdump-'));
  try {
    const source = join(folder, 'words.s');
    const object = join(folder, 'words.o');
    writeFileSync(source, words.map((word) => `.insn ${width}, 0x${word.toString(16)}\n`).join(''));
    execFileSync(ASSEMBLER, [`-march=${ARCHITECTURE}`, source, '-o', object]);
    const options = ['-d', '-M', 'no-aliases', object];
    const listing = execFileSync(OBJDUMP, options, { maxBuffer: 1 << 28, encoding: 'utf8' });
    const found = new Map<number, string>();
    for (const line of listing.split('\n')) {
      const [, at, text] = /^\s*([0-9a-f]+):\s+[0-9a-f]+\s+(.*)$/.exec(line) ?? [];
      if (at === undefined || text === undefined) continue;
      // A target is written as a bare hexadecimal number with its place beside it.
      found.set(Number.parseInt(at, 16), common(text.replace(/([0-9a-f]+) <.*$/, '0x$1')));
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Spelling apart: separators, comments, base of numbers, names binutils has for shifts by 0. */
function common(text: string): string {
  const plain = text
    .replace(/\s*[#<].*$/, '')
    .trim()
    .replace(/[\s,]+/g, ' ')
    .replace(/0x[0-9a-f]+/g, (hex) => String(Number(hex)));
  if (/^\.(word|half|\dbyte)|^c\.unimp|unknown$/.test(plain)) return 'data';
  return plain
    .replace(/^(c\.s\w+)64 (\w+)$/, '$1 $2 0')
    .replace(/^jalr (\w+) (-?\d+)\((\w+)\)$/, 'jalr $1 $3 $2')
    .replace(' 0(', ' (');
}

/** Where our reading differs from that of binutils. */
function differences(words: readonly number[], width: 2 | 4): string[] {
  const theirs = binutils(words, width);
  return words.flatMap((word, i) => {
    const at = i * width;
    const ours = common(disassemble(word, BigInt(at)));
    const other = theirs.get(at);
    return ours === other ? [] : [`0x${word.toString(16)}: ${ours} | ${other}`];
  });
}

describe.skipIf(absent)(`binutils as oracle (skipped where ${OBJDUMP} is absent)`, () => {
  it('reads every compressed word alike', () => {
    const words = Array.from({ length: 0x10000 }, (_, half) => half).filter((half) => (half & 3) !== 3);
    // The manual reserves c.addi16sp with immediate 0; binutils prints it.
    expect(differences(words, 2)).toEqual(['0x6101: data | c.addi16sp sp 0']);
  });

  it('reads words of every row alike', () => {
    const words: number[] = [];
    let state = 7;
    for (const { match, mask, name, format } of INSTRUCTIONS) {
      // binutils prints CSRs that we lack by name, and no fence with free bits set.
      if (/^(csr|fence)/.test(name)) continue;
      for (let i = 0; i < 100; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const word = (match | ((state ^ (state >>> 13)) & ~mask)) >>> 0;
        // A rounding mode that changes nothing is data to binutils 2.40.
        words.push(format === R2M_EXACT ? (word & ~0x7000) >>> 0 : word);
      }
    }
    expect(differences(words, 4)).toEqual([]);
  });
});

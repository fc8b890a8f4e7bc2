import { describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { disassemble } from './disassemble.ts';
import { type Format, immediateOf, type Operands, operandsOf, placeOperands } from './format.ts';
import { COMPRESSED, decode, INSTRUCTIONS, instructionIndex } from './table.ts';

interface Encoding {
  readonly name: string;
  readonly match: number;
  readonly mask: number;
  readonly format: Format;
}

/** A fixed sequence of 32-bit words without visible pattern. */
function* words(seed: number): Generator<number> {
  let state = seed >>> 0;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 15);
    mixed = Math.imul(mixed, 0x2c1b3c6d);
    yield (mixed ^ (mixed >>> 12)) >>> 0;
  }
}

const wordOf = (text: string) => {
  const bytes = assemble(text, 0);
  return bytes.reduce((word, byte, i) => (word | (byte << (8 * i))) >>> 0, 0);
};

/** Quick, so that a loop asks vitest only about what differs. */
const same = (a: Operands | undefined, b: Operands) =>
  a !== undefined && a.rd === b.rd && a.rs1 === b.rs1 && a.rs2 === b.rs2 && a.rs3 === b.rs3 && a.imm === b.imm;

/** Pairs that share a word although neither is a special case of the other. */
function ambiguous(rows: readonly Encoding[]): string[] {
  const found: string[] = [];
  rows.forEach((a, i) => {
    for (const b of rows.slice(i + 1)) {
      const overlap = ((a.match ^ b.match) & a.mask & b.mask) === 0;
      const special = a.mask !== b.mask && ((a.mask & b.mask) === a.mask || (a.mask & b.mask) === b.mask);
      if (overlap && !special) found.push(`${a.name} ${b.name}`);
    }
  });
  return found;
}

describe('the instruction table', () => {
  it('has no two rows that claim the same word, except a special case of a wider row', () => {
    expect(ambiguous(INSTRUCTIONS)).toEqual([]);
    expect(ambiguous(COMPRESSED)).toEqual([]);
  });

  it('finds such a pair where there is one', () => {
    const [first] = INSTRUCTIONS;
    expect(first && ambiguous([first, { ...first, name: 'twin' }])).toEqual([`${first?.name} twin`]);
  });

  it('names each row once', () => {
    const names = [...INSTRUCTIONS, ...COMPRESSED].map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('keeps match inside mask, and operand fields outside it', () => {
    for (const { name, match, mask, format } of [...INSTRUCTIONS, ...COMPRESSED] as Encoding[]) {
      expect((match & ~mask) >>> 0, name).toBe(0);
      const at = (['rd', 'rs1', 'rs2', 'rs3'] as const).flatMap((field) => {
        const place = format[field];
        return place === undefined || 'is' in place ? [] : [((1 << place.width) - 1) << place.at];
      });
      const imm = (format.imm?.bits ?? []).map(([high, low]) =>
        high - low === 31 ? -1 : ((1 << (high - low + 1)) - 1) << low,
      );
      const fields = [...at, ...imm].reduce((all, bits) => all | bits, 0);
      expect((fields & mask) >>> 0, name).toBe(0);
    }
  });

  it('reaches every row', () => {
    const reached = new Set<string>();
    const random = words(1);
    for (const { match, mask } of [...INSTRUCTIONS, ...COMPRESSED]) {
      for (let i = 0; i < 64; i++) {
        const word = ((match | (Number(random.next().value) & ~mask)) >>> 0) & ((match & 3) === 3 ? -1 : 0xffff);
        const found = decode(word);
        const name = found?.compressed?.name ?? INSTRUCTIONS[found?.index ?? -1]?.name;
        if (name !== undefined) reached.add(name);
      }
    }
    const all = [...INSTRUCTIONS, ...COMPRESSED].map((row) => row.name);
    expect(all.filter((name) => !reached.has(name))).toEqual([]);
  });

  it('places operands where it finds them', () => {
    const random = words(2);
    for (const { name, match, mask, format } of [...INSTRUCTIONS, ...COMPRESSED] as Encoding[]) {
      for (let i = 0; i < 200; i++) {
        const word = match | (Number(random.next().value) & ~mask);
        const operands = operandsOf(format, word);
        const placed = placeOperands(format, operands);
        const again = placed === undefined ? undefined : operandsOf(format, match | placed);
        if (!same(again, operands)) expect(again, name).toEqual(operands);
      }
    }
  });

  it('assembles what it disassembles, for every row and random operands', () => {
    const random = words(3);
    for (const { name, match, mask } of [...INSTRUCTIONS, ...COMPRESSED]) {
      let texts = 0;
      for (let i = 0; i < 200; i++) {
        const word = ((match | (Number(random.next().value) & ~mask)) >>> 0) & ((match & 3) === 3 ? -1 : 0xffff);
        const text = disassemble(word >>> 0);
        if (text.replace(/^.* # /, '').startsWith(name)) texts++;
        const again = wordOf(text);
        if (again !== word >>> 0) expect(again, text).toBe(word >>> 0);
      }
      // Words with free bits set are written as data, with the text beside them.
      expect(texts, name).toBeGreaterThan(0);
    }
  });

  it('gives back any word, known or not', () => {
    const random = words(4);
    for (let half = 0; half < 0x10000; half++) {
      if ((half & 3) !== 3 && wordOf(disassemble(half)) !== half) expect(disassemble(half)).toBe(half);
    }
    for (let i = 0; i < 5000; i++) {
      const word = (Number(random.next().value) | 3) >>> 0;
      expect(wordOf(disassemble(word))).toBe(word);
    }
  });

  it('abbreviates by a compressed row only what the full row can say', () => {
    for (let half = 0; half < 0x10000; half++) {
      const found = (half & 3) === 3 ? undefined : decode(half);
      if (found?.compressed === undefined) continue;
      const row = INSTRUCTIONS[found.index];
      if (row === undefined || row.name === 'ebreak') continue;
      const word = placeOperands(row.format, found.operands);
      const full = word === undefined ? undefined : decode((row.match | word) >>> 0);
      if (!same(full?.operands, found.operands)) expect(full?.operands, disassemble(half)).toEqual(found.operands);
    }
  });

  it('decodes immediates by the figures of the manual', () => {
    const immediate = (text: string) => {
      const word = wordOf(text);
      const found = decode(word);
      const row = found?.compressed ?? INSTRUCTIONS[found?.index ?? -1];
      return row === undefined ? undefined : immediateOf(row.format, word);
    };
    expect(wordOf('beq a0, a1, .-4')).toBe(0xfeb50ee3);
    expect(wordOf('jal ra, .-2')).toBe(0xfffff0ef);
    expect(wordOf('sd ra, -8(sp)')).toBe(0xfe113c23);
    expect(wordOf('lui a0, 0x80000')).toBe(0x80000537);
    expect(wordOf('c.addi16sp sp, -64')).toBe(0x7139);
    expect(wordOf('c.j .-2')).toBe(0xbffd);
    expect(immediate('lui a0, 0x80000')).toBe(-0x80000000);
    expect(immediate('beq a0, a1, .-4096')).toBe(-4096);
    expect(immediate('c.bnez a0, .-256')).toBe(-256);
    expect(immediate('c.sdsp s0, 504(sp)')).toBe(504);
  });

  it('says the same of a word whatever it was asked before', () => {
    const list = words(7);
    const some = Array.from({ length: 40_000 }, () => list.next().value as number);
    // Twice as many as it remembers, so that most were forgotten for another.
    const first = some.map((word) => JSON.stringify(decode(word)));
    const again = [...some].reverse().map((word) => JSON.stringify(decode(word)));
    expect(again.reverse()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(5_000);
  });

  it('knows the number of a row by its name', () => {
    expect(INSTRUCTIONS[instructionIndex('hlvx.wu')]?.name).toBe('hlvx.wu');
    expect(() => instructionIndex('fadd.q')).toThrow('fadd.q');
  });
});

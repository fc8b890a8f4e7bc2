import { describe, expect, it } from 'vitest';
import { assemble } from '../isa/assemble.ts';
import { INSTRUCTIONS } from '../isa/table.ts';
import { PAGE } from '../memory.ts';
import { INORDER } from '../timing.ts';
import { regionOf } from './region.ts';
import { type Item, structure } from './structure.ts';

function page(text: string): DataView {
  const view = new DataView(new ArrayBuffer(PAGE));
  assemble(text, 0)
    .slice(0, PAGE)
    .forEach((byte, i) => {
      view.setUint8(i, byte);
    });
  return view;
}

const always = (_offset: number): boolean => true;

/** Offset, names, and E where it can be entered, of each block. */
function blocks(text: string, hot: readonly number[], cap = 500, ran = always): string[] {
  const region = regionOf(page(text), hot, INORDER, cap, ran);
  return region.blocks.map(({ instructions }, i) => {
    const names = instructions.map(({ row }) => row.name).join(' ');
    return `${instructions[0]?.offset}${region.entries.has(i) ? 'E' : ''} ${names}`;
  });
}

/** Loops as nested lists; a head that deals is marked. */
function shape(text: string, hot: readonly number[]): string {
  const show = (item: Item): string =>
    typeof item === 'number' ? String(item) : `(${item.dealt ? '*' : ''}${item.items.map(show).join(' ')})`;
  return show(structure(regionOf(page(text), hot, INORDER, 500, always)));
}

describe('a region', () => {
  it('begins blocks where something goes to, and is entered where it is hot, called or returned to, and at the heads of loops', () => {
    const text = `
      addi a0, a0, 1
      beqz a0, 1f
      jal ra, 2f
      j 1f
    1: j .
    2: addi a1, a1, 1
      ret`;
    expect(blocks(text, [0])).toEqual(['0E addi beq', '8 jal', '12E jal', '16E jal', '20E addi jalr']);
  });

  it('ends before what only the interpreter does, and is entered behind it', () => {
    const text = 'addi a0, a0, 1\n ecall\n addi a1, a1, 1\n sfence.vma\n fence\n mret\n nop';
    expect(blocks(text, [0])).toEqual(['0E addi', '8E addi', '16E fence']);
  });

  it('goes on behind what calls the core and seldom traps', () => {
    const text = 'csrw mscratch, a0\n amoadd.d a0, a1, (a2)\n lr.d a0, (a2)\n sc.d a1, a0, (a2)\n cbo.zero (a2)\n mret';
    expect(blocks(text, [0])).toEqual(['0E csrrw amoadd.d lr.d sc.d cbo.zero']);
  });

  it('ends before an illegal word, the end of the page, and an instruction that crosses it', () => {
    expect(blocks('nop\n .half 0', [0])).toEqual(['0E addi']);
    expect(blocks('.org 0xffc\n c.nop\n c.nop', [0xffc])).toEqual(['4092E addi addi']);
    expect(blocks('.org 0xffc\n c.nop\n nop', [0xffc])).toEqual(['4092E addi']);
    expect(blocks('.half 0', [0])).toEqual([]);
  });

  it('has no more instructions than its cap, but for the rest of its last block', () => {
    const text = Array.from({ length: 40 }, (_, i) => `addi a0, a0, 1\n bnez a0, ${i * 8}`).join('\n');
    expect(blocks(text, [0], 10).length).toBeLessThanOrEqual(10);
    expect(blocks(text, [0]).length).toBe(40);
  });

  it('leaves out what has never run', () => {
    const text = 'beqz a0, 8\n addi a1, a1, 1\n bnez a1, 16\n addi a2, a2, 1\n j 0';
    expect(blocks(text, [0])).toEqual(['0E beq', '4 addi', '8 bne', '12 addi', '16 jal']);
    expect(blocks(text, [0], 500, (offset) => offset !== 4)).toEqual(['0E beq', '8 bne', '12 addi', '16 jal']);
    expect(blocks(text, [0], 500, (offset) => offset < 12)).toEqual(['0E beq', '4 addi', '8 bne']);
  });

  it('may jump into the middle of an instruction', () => {
    const text = 'j 4\n .word 0x00010001 | 0x13 << 16\n nop';
    expect(() => blocks(text, [0, 4, 6])).not.toThrow();
  });

  it('leaves to the interpreter every row that traps, returns, waits, orders translations, or reaches into a guest', () => {
    const compiled = (word: number) =>
      regionOf(page(`.word ${word}`), [0], INORDER, 9, always).blocks[0]?.instructions[0] !== undefined;
    const left = INSTRUCTIONS.filter(({ match }) => !compiled(match)).map(({ name }) => name.replace(/[._].*|i$/, ''));
    expect([...new Set(left)].sort()).toEqual(
      ['ecall', 'ebreak', 'mret', 'sret', 'wf', 'sfence', 'hfence', 'sinval', 'hinval', 'hlv', 'hlvx', 'hsv'].sort(),
    );
  });
});

describe('the structure of a region', () => {
  it('nests loops, whose heads deal only where control comes to their middle', () => {
    const text = `
    1: addi a0, a0, 1
    2: addi a1, a1, 1
      bnez a1, 2b
      bnez a0, 1b
      j .`;
    expect(shape(text, [0])).toBe('(*(*0 (1) 2) (3))');
    // What is entered in the middle: the inner loop, and where a call comes back to.
    expect(shape('1: addi a0, a0, 1\n bnez a0, 1b\n j .', [0])).toBe('(*(0) (1))');
    expect(shape('1: jal ra, 2f\n bnez a0, 1b\n j .\n 2: ret', [0])).toBe('(*(*0 1) (2) 3)');
  });

  it('widens loops that overlap, and deals into a loop that is jumped into', () => {
    const text = `
    1: bnez a3, 3f
    2: addi a0, a0, 1
      bnez a0, 1b
    3: addi a1, a1, 1
      bnez a1, 2b
      j .`;
    expect(shape(text, [0])).toBe('(*(*0 (*1 2)) (3))');
  });
});

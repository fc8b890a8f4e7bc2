import { describe, expect, it } from 'vitest';
import { assembleProgram } from '../../machine/index.ts';
import { type Mutant, mutantsOf, type OperatorName } from './operators.ts';

/** An image with one function per label pair: from `name:` to `name_end:`. */
function imageOf(source: string, names: readonly string[]) {
  const { bytes, symbols } = assembleProgram(source, 0);
  const at = (name: string) => Number(symbols.get(name) ?? -1n);
  const elf = {
    segments: [
      {
        virtualAddress: 0,
        physicalAddress: 0,
        bytes,
        memorySize: bytes.length,
        readable: true,
        writable: false,
        executable: true,
      },
    ],
    sections: [],
    symbols: names.map((name) => ({
      name,
      address: at(name),
      size: at(`${name}_end`) - at(name),
      type: 'function' as const,
      section: '.text',
    })),
  };
  return { at, mutants: mutantsOf(elf) };
}

/** Places of one operator in a function `f`, by the labels that stand there. */
function placesOf(operator: OperatorName, body: string): { labels: string[]; found: readonly Mutant[] } {
  const source = `f:\n${body}\nf_end:\ng:\n  ret\ng_end:\n`;
  const { bytes: _bytes, symbols } = assembleProgram(source, 0);
  const { mutants } = imageOf(source, ['f', 'g']);
  const found = (mutants.get(operator) ?? []).filter(({ at }) => at < Number(symbols.get('f_end')));
  const labelOf = (at: number) =>
    [...symbols].find(([name, value]) => Number(value) === at && name !== 'f')?.[0] ?? '?';
  return { labels: found.map(({ at }) => labelOf(at)), found };
}

const text = (mutant: Mutant | undefined): string =>
  (mutant?.patches ?? []).map(({ bytes }) => Buffer.from(bytes).toString('hex')).join(' ');

const assembled = (line: string, at = 0): string => Buffer.from(assembleProgram(line, at).bytes).toString('hex');

describe('MFC takes calls away', () => {
  it('whose result nobody uses, and no others', () => {
    const { labels, found } = placesOf(
      'MFC',
      `sd a1, 0(s1)
       unused: call g
       li a0, 1
       used: call g
       sd a0, 0(s1)
       li a0, 2
       passed: call g
       ret`,
    );
    // The place is the jump of the pair, 4 bytes behind the label.
    expect(found.map(({ at }) => at)).toEqual([8]);
    expect(labels).toHaveLength(1);
    expect(text(found[0])).toBe('13000000');
  });

  it('unless it is the only statement of its block (C2)', () => {
    expect(placesOf('MFC', 'beqz a1, over\ncall g\nover: li a0, 0\nret').found).toEqual([]);
  });
});

describe('an assignment is missing', () => {
  const body = `
    zeroth: li s2, 5
    first: li s3, 7
    sd a1, 8(a2)
    li t0, 9
    constant: sw t0, 0(a1)
    computed: sw a3, 4(a1)
    again: c.li s3, 1
    add a0, s2, s3
    ret`;
  it.each<[OperatorName, string[]]>([
    ['MVIV', ['zeroth', 'first']],
    ['MVAV', ['constant', 'again']],
  ])('%s', (operator, labels) => {
    expect(placesOf(operator, body).labels).toEqual(labels);
  });

  it('MVAE: where the value is computed', () => {
    expect(placesOf('MVAE', body).labels).toContain('computed');
    expect(placesOf('MVAE', body).labels).not.toContain('constant');
  });

  it('and compressed code stays compressed', () => {
    expect(text(placesOf('MVAV', body).found.at(-1))).toBe('0100');
  });

  it('but never what a prologue keeps and an epilogue gives back', () => {
    const body =
      'addi sp, sp, -32\nsd s1, 8(sp)\nsd ra, 24(sp)\nsd a0, 0(a1)\nld s1, 8(sp)\nld ra, 24(sp)\naddi sp, sp, 32\nret';
    for (const operator of ['MVIV', 'MVAV', 'MVAE'] as const) expect(placesOf(operator, body).found).toEqual([]);
  });
});

describe('conditions', () => {
  const plain = 'here: beqz a0, over\nsd a1, 0(a2)\nover: ret';
  it('MIA: the body is always executed', () => {
    const { labels, found } = placesOf('MIA', plain);
    expect(labels).toEqual(['here']);
    expect(text(found[0])).toBe('13000000');
  });

  it('MIFS: it never is', () => {
    const { labels, found } = placesOf('MIFS', plain);
    expect(labels).toEqual(['here']);
    expect(text(found[0])).toBe(assembled('j 8'));
  });

  it('MIFS in two bytes', () => {
    expect(text(placesOf('MIFS', 'c.beqz a0, over\nc.sd a1, 0(a2)\nover: ret').found[0])).toBe(assembled('c.j 4'));
  });

  it('are left alone around a loop, or around more than five statements (C9)', () => {
    const store = 'sd a1, 0(a2)\n';
    expect(placesOf('MIA', `beqz a0, over\n${store.repeat(5)}over: ret`).found).toHaveLength(1);
    expect(placesOf('MIA', `beqz a0, over\n${store.repeat(6)}over: ret`).found).toEqual([]);
    expect(placesOf('MIA', `beqz a0, over\nback: ${store}bnez a3, back\nover: ret`).found).toEqual([]);
  });

  const both = 'here: beqz a0, no\nsd a1, 0(a2)\nj over\nno: sd a3, 0(a2)\nover: ret';
  it('MIEB goes to the else, MIES behind both; neither is a MIA', () => {
    expect(text(placesOf('MIEB', both).found[0])).toBe(assembled('j 12'));
    expect(text(placesOf('MIES', both).found[0])).toBe(assembled('j 16'));
    expect(placesOf('MIA', both).found).toEqual([]);
  });

  it('an else that a compiler moved out of line is found, too', () => {
    const moved = 'here: beqz a0, no\nsd a1, 0(a2)\nover: ret\nno: sd a3, 0(a2)\nj over';
    expect(text(placesOf('MIEB', moved).found[0])).toBe(assembled('j 12'));
    expect(text(placesOf('MIES', moved).found[0])).toBe(assembled('j 8'));
  });

  it('MLAC: either part of an and', () => {
    expect(placesOf('MLAC', 'one: beqz a0, over\ntwo: beqz a1, over\nsd a1, 0(a2)\nover: ret').labels).toEqual([
      'one',
      'two',
    ]);
    expect(placesOf('MLAC', 'beqz a0, over\nsd a3, 0(a2)\nbeqz a1, over\nsd a1, 0(a2)\nover: ret').found).toEqual([]);
  });

  it('MLOC: the first part of an or', () => {
    expect(placesOf('MLOC', 'one: bnez a0, body\nbeqz a1, over\nbody: sd a1, 0(a2)\nover: ret').labels).toEqual([
      'one',
    ]);
  });

  it('WLEC: the opposite', () => {
    expect(text(placesOf('WLEC', 'blt a0, a1, over\nsd a1, 0(a2)\nover: ret').found[0])).toBe(
      assembled('bge a0, a1, 8'),
    );
  });

  it('EIFS: a jump that depends on something', () => {
    expect(text(placesOf('EIFS', 'c.j over\nsd a1, 0(a2)\nover: ret').found[0])).toBe(assembled('c.bnez a0, 6'));
  });
});

describe('values', () => {
  it('WVAV: off by one, down where there is no up', () => {
    expect(text(placesOf('WVAV', 'li t0, 9\nsd t0, 0(a1)\nret').found[0])).toBe(assembled('li t0, 10'));
    expect(text(placesOf('WVAV', 'c.li s1, 31\nret').found[0])).toBe(assembled('c.li s1, 30'));
    expect(placesOf('WVAV', 'li t0, 9\nadd a0, a0, t0\nret').found).toEqual([]);
  });

  it('WPFV: another argument’s variable', () => {
    expect(text(placesOf('WPFV', 'mv a0, s1\nc.mv a1, s2\ncall g\nret').found[0])).toBe(assembled('mv a0, s2'));
    expect(text(placesOf('WPFV', 'mv a0, s1\nc.mv a1, s2\ncall g\nret').found[1])).toBe(assembled('c.mv a1, s1'));
  });

  it('WAEP: another operator, or off by one, and no pointers', () => {
    expect(text(placesOf('WAEP', 'add a0, s1, s2\ncall g\nret').found[0])).toBe(assembled('sub a0, s1, s2'));
    expect(text(placesOf('WAEP', 'c.addi a0, 4\ncall g\nret').found[0])).toBe(assembled('c.addi a0, 5'));
    expect(placesOf('WAEP', 'la a0, f\ncall g\nret').found).toEqual([]);
  });

  it('MLPA: two to five statements, never all of the block', () => {
    const store = 'sd a1, 0(a2)\n';
    const count = (stores: number) => placesOf('MLPA', `${store.repeat(stores)}ret`).found[0]?.patches.length ?? 0;
    expect([1, 2, 3, 5, 6, 9].map(count)).toEqual([0, 0, 2, 4, 5, 5]);
  });

  it('WALR: an instruction after the one that needed it', () => {
    const { found } = placesOf('WALR', 'addi a1, a1, 1\nsd a1, 0(a2)\nret');
    expect(text(found[0])).toBe(`${assembled('sd a1, 0(a2)')} ${assembled('addi a1, a1, 1')}`);
    expect(placesOf('WALR', 'addi a3, a3, 1\nsd a1, 0(a2)\nret').found).toEqual([]);
  });
});

describe('returns', () => {
  it('MRS: before the end of the function, never at it', () => {
    expect(placesOf('MRS', 'beqz a0, on\nearly: ret\non: sd a1, 0(a2)\nret').labels).toEqual(['early']);
  });

  it('EFC: the return goes through a function in reach', () => {
    expect(text(placesOf('EFC', 'sd a1, 0(a2)\nret').found[0])).toBe(assembled('j 8', 4));
  });
});

describe('hostile code', () => {
  it.each([
    ['zeros', '.space 64'],
    ['a branch out of the function', 'beqz a0, . + 0x800\nret'],
    ['a jump into the middle of an instruction', 'j . + 6\nli a0, 5\nret'],
    ['no end', 'here: j here'],
  ])('%s', (_, body) => {
    expect(() => placesOf('MIA', body)).not.toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import { decode } from '../../src/machine/isa/table.ts';
import { NO_LIMITS } from '../../tools/conform/csr-rules.ts';
import { sortForms } from '../../tools/conform/forms.ts';
import { generate, MODES } from '../../tools/conform/generate.ts';
import { regionOf } from '../../tools/conform/layout.ts';
import { place } from '../../tools/conform/program.ts';
import { POINTERS } from '../../tools/conform/words.ts';

describe('a random program', () => {
  const shape = { modes: MODES, forms: [sortForms(NO_LIMITS, { sstc: false, adue: true })] };
  const programs = Array.from({ length: 60 }, (_, i) => generate(7, i, shape));

  it('loads every pointer before a body runs: the one before may have ended amid loading one', () => {
    const loaded = programs.flatMap((program) =>
      place(program, regionOf(0)).placed.map((items, s) => {
        const setup = items.slice(0, program.segments[s]?.setup).flatMap(({ words }) => words);
        const written = new Set(setup.map((word) => decode(word)?.operands.rd));
        return POINTERS.filter((pointer) => !written.has(pointer));
      }),
    );
    expect(loaded.length).toBeGreaterThan(100);
    expect(loaded.flat()).toEqual([]);
  });
});

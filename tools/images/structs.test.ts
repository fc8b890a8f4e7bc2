import { describe, expect, it } from 'vitest';
import { readConstants, readStructs } from './structs.ts';

const header = `
#pragma once
#define LIMIT 4 /* of them */
#define NAME "text"
#define CALL(x) (x)
enum kind { KIND_A = 1, KIND_B };
struct inner { uint32_t a, b; /* both */ };
struct outer {
  uint64_t first; // comment; with a semicolon
  struct inner many[LIMIT];
};`;

describe('names read from a C header', () => {
  it('are fields with their counts and structs', () => {
    expect(readStructs(header)).toEqual([
      {
        name: 'inner',
        fields: [
          { name: 'a', count: '1' },
          { name: 'b', count: '1' },
        ],
      },
      {
        name: 'outer',
        fields: [
          { name: 'first', count: '1' },
          { name: 'many', count: 'LIMIT', struct: 'inner' },
        ],
      },
    ]);
  });

  it('are macros with a value and enumerators', () => {
    expect(readConstants(header)).toEqual(['LIMIT', 'KIND_A', 'KIND_B']);
  });
});

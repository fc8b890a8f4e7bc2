import { describe, expect, it } from 'vitest';
import { countReachable, readInstructions, readReferences } from './reachable.ts';

describe('reachable instructions', () => {
  const places = [
    { name: 'start', address: 0x00, size: 8 },
    { name: 'trap', address: 0x08, size: 0 },
    { name: 'trap_tail', address: 0x10, size: 8 },
    { name: 'handler', address: 0x18, size: 8 },
    { name: 'unused', address: 0x20, size: 8 },
    { name: 'table', address: 0x1000, size: 8 },
  ];
  const instructions = [0, 4, 8, 12, 16, 20, 24, 28, 32, 36];

  it('follow references through tables of pointers and falls into the next label', () => {
    const references = [
      { from: 0x12, to: 0x1000 },
      { from: 0x1000, to: 0x18 },
      { from: 0x00, to: 0x20 },
    ];
    expect(countReachable(places, references, instructions, 'trap')).toBe(6);
    expect(countReachable(places, references, instructions, 'start')).toBe(4);
  });

  it('need their entrance', () => {
    expect(() => countReachable(places, [], instructions, 'nowhere')).toThrow('there is no nowhere to start from');
  });

  it('are read from the listings of the tools', () => {
    const relocations = '0000000080000018  0000000500000013 R_RISCV_CALL_PLT       0000000080000040 handler + 0\n';
    expect(readReferences(relocations)).toEqual([{ from: 0x8000_0018, to: 0x8000_0040 }]);
    const listing =
      '0000000080000000 <_start>:\n    80000000:\t10401073          \tcsrw\tsie,zero\n    80000004:\t8082  \tret\n';
    expect(readInstructions(listing)).toEqual([0x8000_0000, 0x8000_0004]);
  });
});

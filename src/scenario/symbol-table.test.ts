import { expect, it } from 'vitest';
import type { Elf } from '../machine/elf.ts';
import { SymbolTable } from './symbol-table.ts';

const segment = { virtualAddress: 0, physicalAddress: 0, bytes: new Uint8Array(), memorySize: 0x300 };
const symbol = (name: string, address: number, size: number) =>
  ({ name, address, size, type: 'function', section: undefined }) as const;
const elf: Elf = {
  entry: 0,
  segments: [{ ...segment, readable: true, writable: true, executable: true }],
  symbols: [symbol('trap_entry', 0, 0), symbol('board_read', 0x100, 0x20)],
  sections: [
    { name: '.text', address: 0, size: 0x120, allocated: true },
    { name: '.rodata', address: 0x140, size: 0x80, allocated: true },
    { name: '.comment', address: 0x1c0, size: 0x80, allocated: false },
  ],
};

it('names a place by what it belongs to, not by whatever lies before it', () => {
  const table = new SymbolTable('rtos', elf, 0x8000_0000);
  const names = [0x1c, 0x100, 0x11f, 0x148, 0x1d0, 0x300].map((at) => table.describe(0x8000_0000 + at));
  expect(names).toEqual([
    // Of no size: a label.
    'rtos:trap_entry+0x1c',
    'rtos:board_read',
    'rtos:board_read+0x1f',
    'rtos:.rodata+0x8',
    // In no section that is loaded.
    'rtos:board_read+0xd0',
    undefined,
  ]);
});

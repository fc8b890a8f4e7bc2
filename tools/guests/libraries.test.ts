import { describe, expect, it } from 'vitest';
import { needsOf } from './libraries.ts';

const BASE = 0x10000;

/** An ELF file with one loadable segment that holds all of it, a dynamic section, and a loader's path. */
function elf(
  dynamic: readonly (readonly [tag: number, value: number])[],
  strings: string,
  interpreter?: string,
): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  const parts = { strings: 512, dynamic: 640, interpreter: 900 };
  put(parts.strings, strings);
  dynamic.forEach(([tag, value], i) => {
    view.setBigUint64(parts.dynamic + 16 * i, BigInt(tag), true);
    view.setBigUint64(parts.dynamic + 16 * i + 8, BigInt(value), true);
  });
  put(parts.interpreter, `${interpreter ?? ''}\0`);
  const segments = [
    [1, 0, bytes.length],
    [2, parts.dynamic, 16 * dynamic.length],
    ...(interpreter === undefined ? [] : [[3, parts.interpreter, interpreter.length + 1]]),
  ];
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach(([type = 0, offset = 0, size = 0], i) => {
    const at = 64 + 56 * i;
    view.setUint32(at, type, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BigInt(BASE + offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
  });
  return bytes;
}

describe('needsOf', () => {
  it('reads names by way of the string table, and the loader', () => {
    const strings = '\0libc.so.6\0libm.so.6\0';
    const dynamic = [
      [1, 1],
      [5, BASE + 512],
      [1, 11],
      [0, 0],
      [1, 1],
    ] as const;
    expect(needsOf(elf(dynamic, strings, '/lib/ld.so'))).toEqual({
      libraries: ['libc.so.6', 'libm.so.6'],
      interpreter: '/lib/ld.so',
    });
  });

  it('finds nothing in a static program', () => {
    expect(needsOf(elf([], ''))).toEqual({ libraries: [], interpreter: undefined });
  });
});

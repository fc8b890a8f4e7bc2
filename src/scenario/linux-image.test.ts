import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readBuiltImage } from '../../test/built-images.ts';
import { planBoots } from './boot.ts';
import { openImages } from './image-set.ts';
import { linuxAsElf, readLinuxImage } from './linux-image.ts';
import { loadScenario } from './load.ts';
import { findMode } from './modes.ts';

/** A header as boot-image-header describes it, and a little behind it. */
function kernel(size: bigint, length = 0x1000): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x13);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, 0x20_0000n, true);
  view.setBigUint64(16, size, true);
  bytes.set(new TextEncoder().encode('RISCV\0\0\0RSC\x05'), 48);
  return bytes;
}

const text = (guest: string) => `machine: { ram: 64M }
guests:
  linux: { ${guest}, memory: 0x81000000+4M, args: "console=ttyS0" }
  rtos: { image: rtos, memory: 0x80400000+4M, priority: 2 }
factors: { restart: never }
`;

function open(guest: string, files: Readonly<Record<string, Uint8Array>>) {
  const loaded = loadScenario('x.yaml', text(guest));
  const images = openImages(loaded, (source) => {
    if (source.kind === 'built') return readBuiltImage(source);
    const bytes = files[source.path];
    return bytes ? { bytes, sha256: source.path } : { problem: 'does not exist' };
  });
  return { ...loaded, images };
}

function refusal(...args: Parameters<typeof open>): string {
  try {
    open(...args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

describe('a Linux Image', () => {
  it('is known by its magic number', () => {
    expect(readLinuxImage(kernel(0x5000n))).toEqual({ textOffset: 0x20_0000, size: 0x5000 });
    expect(readLinuxImage(kernel(0n))?.size, 'it takes what it has').toBe(0x1000);
    expect(readLinuxImage(kernel(0x5000n).subarray(0, 63))).toBeUndefined();
    expect(readLinuxImage(new Uint8Array(0x1000))).toBeUndefined();
  });

  it('is all one segment from its entry on', () => {
    const bytes = kernel(0x5000n);
    const { entry, segments } = linuxAsElf(bytes, { textOffset: 0, size: 0x5000 });
    expect([entry, segments.map((segment) => [segment.virtualAddress, segment.memorySize, segment.bytes])]).toEqual([
      0,
      [[0, 0x5000, bytes]],
    ]);
  });
});

describe('a guest with one', () => {
  const files = { 'guests/vmlinux': kernel(0x5000n), 'guests/initrd': new Uint8Array(0x1001).fill(7) };
  const both = 'kernel: guests/vmlinux, initrd: guests/initrd';

  it('finds it at its slot, and its initial file system just below its device tree, in every mode', () => {
    const { scenario, images } = open(both, files);
    const seen = ['native', 'colocated', 'partitioned', 'open', 'virtualized'].map((name) => {
      const [plan] = planBoots(findMode(name), scenario, images);
      const loads = plan?.loads.filter((load) => load.name.startsWith('linux')) ?? [];
      return loads.map(({ name: load, base, bytes }) => [load, base.toString(16), bytes.length]);
    });
    const tree = seen[0]?.[2]?.[2];
    for (const loads of seen) {
      expect(loads).toEqual([
        ['linux', '81000000', 0x1000],
        ['linux.initrd', '813ee000', 0x1001],
        ['linux.dtb', '813f0000', tree],
      ]);
    }
  });

  it('has a script of the scenario for its first process', () => {
    const script = new TextEncoder().encode('#!/bin/busybox sh\n');
    const { scenario, images } = open(`${both}, init: own.sh`, { ...files, 'own.sh': script });
    const [plan] = planBoots(findMode('native'), scenario, images);
    const load = plan?.loads.find(({ name }) => name === 'linux.initrd');
    expect(load?.bytes.subarray(0, 0x1001)).toEqual(files['guests/initrd']);
    expect(Buffer.from(load?.bytes ?? []).includes('#!/bin/busybox sh\n')).toBe(true);
    expect(refusal(`${both}, init: none.sh`, files)).toContain('init does not exist');
  });

  it.each<[string, string, Record<string, Uint8Array>, string]>([
    ['no kernel', both, {}, 'image does not exist\n  fetch it with `npm run guests:debian`'],
    ['no file system', both, { ...files, 'guests/initrd': undefined as never }, 'initrd does not exist\n  fetch it'],
    ['one outside', `${both.slice(0, -13)}../initrd`, files, 'initrd is not beside the scenario'],
    ['a kernel too large', both, { ...files, 'guests/vmlinux': kernel(0x40_0000n) }, 'takes 4M of memory'],
    ['an absurd kernel', both, { ...files, 'guests/vmlinux': kernel(1n << 63n) }, 'make the slot larger'],
    ['a file system too large', both, { ...files, 'guests/initrd': new Uint8Array(0x50_0000) }, 'make the slot larger'],
  ])('is told of %s', (_, guest, given, message) => {
    const refused = refusal(guest, given);
    expect(refused).toContain(message);
    expect(refused.split('\n')).toHaveLength(2);
  });
});

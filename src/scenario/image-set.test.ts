import { describe, expect, it } from 'vitest';
import { constants, images } from '../../images/index.ts';
import { readBuiltImage } from '../../test/built-images.ts';
import type { ImageFile, ImageReader } from './image-set.ts';
import { openImages } from './image-set.ts';
import { loadScenario } from './load.ts';

const scenario = (image: string, size = '4M'): string =>
  `machine: { ram: 64M }\nguests:\n  rtos: { image: ${image}, memory: 0x80400000+${size} }\n`;

function rtosWith(change: (bytes: Uint8Array, view: DataView) => void): ImageFile {
  const file = readBuiltImage({ kind: 'built', name: 'rtos' });
  if ('problem' in file) throw new Error(`rtos ${file.problem}`);
  const bytes = new Uint8Array(file.bytes);
  change(bytes, new DataView(bytes.buffer));
  return { bytes, sha256: 'changed' };
}

function refusal(file: ReturnType<ImageReader>, size = '4M'): string {
  const loaded = loadScenario('x.yaml', scenario('mine.elf', size));
  try {
    openImages(loaded, (source) => (source.kind === 'file' ? file : readBuiltImage(source)));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

// Offsets in the ELF header: e_machine 18, e_entry 24; p_memsz of the first program headers.
const firstLoad = (view: DataView): number => {
  const table = Number(view.getBigUint64(32, true));
  for (let at = table; ; at += 56) if (view.getUint32(at, true) === 1) return at;
};

describe('an image that does not fit ends in two lines', () => {
  const place = 'x.yaml:3:18  guests.rtos.image ';

  it('accepts one that does', () => {
    expect(refusal(rtosWith(() => {}))).toBe('accepted');
  });

  it.each<[string, ReturnType<ImageReader>, RegExp]>([
    ['missing', { problem: 'does not exist' }, /image does not exist\n {2}check its path$/],
    ['empty', { bytes: new Uint8Array(), sha256: '' }, /ELF.*\n {2}copy or build the file again$/],
    [
      'truncated',
      { bytes: rtosWith(() => {}).bytes.subarray(0, 5000), sha256: '' },
      /\n {2}copy or build the file again$/,
    ],
    ['no ELF file', { bytes: new TextEncoder().encode('#!/bin/sh\n'.repeat(20)), sha256: '' }, /not an ELF file/],
    ['of another architecture', rtosWith((_, view) => view.setUint16(18, 62, true)), /\n {2}build it for RISC-V$/],
    ['entered elsewhere', rtosWith((_, view) => view.setBigUint64(24, 0x8000_0000n, true)), /is not linked at 0/],
    [
      'too large',
      rtosWith((_, view) => view.setBigUint64(firstLoad(view) + 40, 5n << 20n, true)),
      /takes 5M of memory, the slot of rtos has room for 4032K\n {2}make the slot larger$/,
    ],
    ['absurd', rtosWith((_, view) => view.setBigUint64(firstLoad(view) + 40, 1n << 60n, true)), /\n {2}\S/],
  ])('%s', (_, file, expected) => {
    const message = refusal(file);
    expect(message.startsWith(place)).toBe(true);
    expect(message).toMatch(expected);
    expect(message.split('\n')).toHaveLength(2);
  });

  it('has room for its copy behind all slots, unless it is never restarted', () => {
    const { bytes } = rtosWith(() => {});
    const large = new Uint8Array(bytes.length + constants.PRISTINE_SIZE);
    large.set(bytes);
    const view = new DataView(large.buffer);
    for (const field of [32, 40]) view.setBigUint64(firstLoad(view) + field, BigInt(constants.PRISTINE_SIZE), true);
    const file = { bytes: large, sha256: '' };
    expect(refusal(file)).toBe('accepted');
    expect(refusal(file, '60M')).toMatch(
      /^x\.yaml:\d+:\d+ {2}factors\.restart needs \d+K for copies of the images, and neither .*\n {2}use restart: never/,
    );
    expect(refusal(file, '60M }\nfactors: { restart: never')).toBe('accepted');
  });

  it('refuses a built image that is not the one described', () => {
    const loaded = loadScenario('x.yaml', scenario('rtos'));
    const swapped = rtosWith((bytes) => bytes.fill(0, 0x1800, 0x1810));
    const read = (): string => {
      openImages(loaded, (source) =>
        source.kind === 'built' && source.name === 'rtos' ? swapped : readBuiltImage(source),
      );
      return 'accepted';
    };
    expect(read).toThrow(/is not the image that images\/index.ts describes\n {2}run `npm run images`/);
  });
});

describe('where layers lie', () => {
  it('is where they are linked', () => {
    expect(images.firmware.linkedAt).toBe(0x8000_0000);
    expect(images.nanokernel.linkedAt).toBe(0x8000_0000);
    expect(images.hypervisor.linkedAt).toBe(0x8020_0000);
  });
});

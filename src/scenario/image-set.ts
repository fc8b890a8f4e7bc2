// The images of a scenario, read and checked. Files are handed in, and may be hostile: what does not fit its place ends
// in an InputError, never in a guest that overwrites its neighbour before it runs.
import type { Image } from '../../images/index.ts';
import { constants, images } from '../../images/index.ts';
import type { Elf } from '../machine/elf.ts';
import { ElfError, parseElf } from '../machine/elf.ts';
import { InputError } from './document.ts';
import type { LoadedScenario } from './load.ts';
import { findMode } from './modes.ts';
import { roomForCopies } from './pristine.ts';
import { formatSize } from './quantities.ts';
import type { Guest, ImageSource } from './scenario.ts';

/** The end of a slot holds the guest's device tree. */
export const DEVICE_TREE_ROOM = 0x1_0000;

export interface ImageFile {
  readonly bytes: Uint8Array;
  /** In hexadecimal, of these bytes. */
  readonly sha256: string;
}

/** Gives a built image by name or a file beside the scenario, or says in words why not. */
export type ImageReader = (source: ImageSource) => ImageFile | { readonly problem: string };

export interface LoadedImage {
  readonly name: string;
  readonly sha256: string;
  readonly elf: Elf;
}

export interface ImageSet {
  readonly layers: ReadonlyMap<string, LoadedImage>;
  /** By the guest's number. */
  readonly guests: readonly LoadedImage[];
}

type Refuse = (what: string, remedy: string) => never;

const REMEDIES: Readonly<Partial<Record<ElfError['problem'], string>>> = {
  truncated: 'copy or build the file again',
  'wrong-class': 'build it for RV64',
  'wrong-endianness': 'build it for little-endian RISC-V',
  'wrong-machine': 'build it for RISC-V',
};

function readImage(source: ImageSource, name: string, read: ImageReader, refuse: Refuse): LoadedImage {
  const file = read(source);
  if ('problem' in file) {
    return refuse(file.problem, source.kind === 'built' ? 'run `npm run images`' : 'check its path');
  }
  const built: Readonly<Record<string, Image>> = images;
  if (source.kind === 'built' && built[source.name]?.sha256 !== file.sha256) {
    return refuse('is not the image that images/index.ts describes', 'run `npm run images`, or restore images/');
  }
  try {
    return { name, sha256: file.sha256, elf: parseElf(file.bytes) };
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    return refuse(error.message, REMEDIES[error.problem] ?? 'give a statically linked ELF file for RV64');
  }
}

function checkGuestImage(guest: Guest, { elf }: LoadedImage, refuse: Refuse): void {
  const room = guest.memory.size - DEVICE_TREE_ROOM;
  if (elf.segments.length === 0) refuse('has nothing to load', 'give an executable, not an object file');
  const start = Math.min(...elf.segments.map(({ virtualAddress }) => virtualAddress));
  const end = Math.max(...elf.segments.map(({ virtualAddress, memorySize }) => virtualAddress + memorySize));
  if (start !== 0 || elf.entry !== 0) {
    refuse('is not linked at 0 with its entry first', 'link it at 0 and let it relocate itself: it runs at its slot');
  }
  if (end > room) {
    const what = `takes ${formatSize(end)} of memory, the slot of ${guest.name} has room for ${formatSize(room)}`;
    refuse(what, 'make the slot larger');
  }
}

/** End of what the file gives; the rest of a slot is zero. */
const fileEnd = ({ elf }: LoadedImage): number =>
  Math.max(0, ...elf.segments.map(({ virtualAddress, bytes }) => virtualAddress + bytes.length));

function checkCopies({ scenario, source }: LoadedScenario, guests: readonly LoadedImage[]): void {
  const room = roomForCopies(guests.map(fileEnd));
  if (scenario.factors.restart === 'never' || room <= constants.PRISTINE_SIZE) return;
  const what = `needs ${formatSize(room)} for copies of the images, there are ${formatSize(constants.PRISTINE_SIZE)}`;
  source.fail(['factors', 'restart'], what, 'use restart: never, or smaller images');
}

export function openImages(loaded: LoadedScenario, read: ImageReader): ImageSet {
  const { scenario, source } = loaded;
  const guests = scenario.guests.map((guest) => {
    const refuse: Refuse = (what, remedy) => source.fail(['guests', guest.name, 'image'], what, remedy);
    const name = guest.image.kind === 'built' ? guest.image.name : guest.image.path;
    const image = readImage(guest.image, name, read, refuse);
    checkGuestImage(guest, image, refuse);
    return image;
  });
  checkCopies(loaded, guests);
  const names = scenario.modes.flatMap((mode) => findMode(mode).components.map(({ image }) => image));
  const layers = [...new Set(names)].map((name): [string, LoadedImage] => {
    const refuse: Refuse = (what, remedy) => {
      throw new InputError(`images/${name}.elf`, what, remedy);
    };
    return [name, readImage({ kind: 'built', name }, name, read, refuse)];
  });
  return { layers: new Map(layers), guests };
}

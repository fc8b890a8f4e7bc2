// The images of a scenario, read and checked. Files are handed in, and may be hostile: what does not fit its place ends
// in an InputError, never in a guest that overwrites its neighbour before it runs.
import type { Image } from '../../images/index.ts';
import { images } from '../../images/index.ts';
import type { Elf } from '../machine/elf.ts';
import { ElfError, parseElf } from '../machine/elf.ts';
import { EXECUTABLE, withFile } from './cpio.ts';
import type { SourceDocument } from './document.ts';
import { InputError } from './document.ts';
import { LINUX_BASE, linuxAsElf, readLinuxImage } from './linux-image.ts';
import type { LoadedScenario } from './load.ts';
import type { Component } from './mode.ts';
import { findMode } from './modes.ts';
import { placeForCopies, roomForCopies } from './pristine.ts';
import type { Range } from './quantities.ts';
import { formatAddress, formatRange, formatSize } from './quantities.ts';
import type { Guest, ImageSource, Scenario } from './scenario.ts';

/** The end of a slot holds the guest's device tree. */
export const DEVICE_TREE_ROOM = 0x1_0000;
const PAGE = 0x1000;
/** Where `npm run guests:debian` puts what it fetches. */
export const FETCHED = 'guests/';

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
  /** Set for a kernel that wants to be told what ours need not know, and that runs at addresses of its own: that of its
   * first byte. */
  readonly linux?: { readonly base: bigint };
  readonly initrd?: ImageFile;
  readonly init?: ImageFile;
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

function readFile(source: ImageSource, read: ImageReader, refuse: Refuse): ImageFile {
  const file = read(source);
  if ('problem' in file) {
    const fetched = source.kind === 'file' && source.path.startsWith(FETCHED);
    const given = fetched ? 'fetch it with `npm run guests:debian`' : 'check its path';
    return refuse(file.problem, source.kind === 'built' ? 'run `npm run images`' : given);
  }
  return file;
}

function readImage(source: ImageSource, name: string, read: ImageReader, refuse: Refuse): LoadedImage {
  const file = readFile(source, read, refuse);
  const built: Readonly<Record<string, Image>> = images;
  if (source.kind === 'built' && built[source.name]?.sha256 !== file.sha256) {
    return refuse('is not the image that images/index.ts describes', 'run `npm run images`, or restore images/');
  }
  const linux = readLinuxImage(file.bytes);
  if (linux) return { name, sha256: file.sha256, elf: linuxAsElf(file.bytes, linux), linux: { base: LINUX_BASE } };
  try {
    return { name, sha256: file.sha256, elf: parseElf(file.bytes) };
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    return refuse(error.message, REMEDIES[error.problem] ?? 'give a statically linked ELF file for RV64');
  }
}

/** From the start of the slot to where its initial file system lies, just below the device tree. */
export function initrdOffset(guest: Guest, image: LoadedImage): number {
  return guest.memory.size - DEVICE_TREE_ROOM - Math.ceil(fileSystemOf(image).length / PAGE) * PAGE;
}

type More = 'initrd' | 'init';

/** What a kernel has besides itself, where it has it. */
function readMore(
  field: More,
  guest: Guest,
  source: SourceDocument,
  read: ImageReader,
): Partial<Record<More, ImageFile>> {
  const path = guest[field];
  if (path === undefined) return {};
  const refuse: Refuse = (what, remedy) => source.fail(['guests', guest.name, field], what, remedy);
  return { [field]: readFile({ kind: 'file', path }, read, refuse) };
}

/** Its initial file system; empty where it has none. */
export function fileSystemOf({ initrd, init }: LoadedImage): Uint8Array {
  const archive = initrd?.bytes ?? new Uint8Array();
  return init === undefined ? archive : withFile(archive, { path: 'init', mode: EXECUTABLE, bytes: init.bytes });
}

function checkGuestImage(guest: Guest, image: LoadedImage, refuse: Refuse): void {
  const { elf } = image;
  const room = initrdOffset(guest, image);
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

/** It must lie in its part of layer RAM, and tell which guest runs in the words that the oracle reads. */
function checkLayerImage({ scenario }: LoadedScenario, name: string, { elf }: LoadedImage, refuse: Refuse): void {
  const arrangements = scenario.modes.flatMap((mode) => findMode(mode).arrange(scenario));
  for (const { layers, worlds } of arrangements) {
    const place = layers.find((layer) => layer.name === name);
    if (place === undefined) continue;
    const part = formatRange({ base: place.base, size: place.size });
    const start = Math.min(...elf.segments.map(({ virtualAddress }) => virtualAddress));
    const end = Math.max(...elf.segments.map(({ virtualAddress, memorySize }) => virtualAddress + memorySize));
    if (!(start >= place.base && end <= place.base + place.size)) {
      refuse('does not lie in its part of memory', `link it within ${part}`);
    }
    if (elf.entry !== place.base)
      refuse('does not start where it is entered', `put its entry at ${formatAddress(place.base)}`);
    if (worlds.symbols?.image !== name) continue;
    const { currentGuest, gstageRoots } = worlds.symbols;
    for (const symbol of [currentGuest, ...(gstageRoots === undefined ? [] : [gstageRoots])]) {
      if (elf.symbols.some((candidate) => candidate.name === symbol)) continue;
      refuse(`has no symbol ${symbol}, by which worlds are told apart`, 'define it; see docs/bring-your-own.md');
    }
  }
}

/** End of what the file gives; the rest of a slot is zero. */
const fileEnd = ({ elf }: LoadedImage): number =>
  Math.max(0, ...elf.segments.map(({ virtualAddress, bytes }) => virtualAddress + bytes.length));

function checkCopies({ scenario, source }: LoadedScenario, guests: readonly LoadedImage[]): void {
  if (scenario.factors.restart === 'never') return;
  if (copiesPlace(scenario, guests) !== undefined) return;
  const what = `needs ${formatSize(roomOf(guests))} for copies of the images, and neither the layer nor the end of RAM has them`;
  source.fail(['factors', 'restart'], what, 'use restart: never, or raise machine.ram');
}

const roomOf = (guests: readonly LoadedImage[]): number =>
  roomForCopies(guests.map((image) => ({ image: fileEnd(image), fileSystem: fileSystemOf(image).length })));

/** Where copies of these images lie for restarts; undefined where there are to be none, or is no room. */
export function copiesPlace({ factors, guests, machine }: Scenario, images: readonly LoadedImage[]): Range | undefined {
  if (factors.restart === 'never') return undefined;
  const slots = guests.map(({ physicalBase, memory }) => ({ base: physicalBase, size: memory.size }));
  return placeForCopies(roomOf(images), slots, machine.ramSize);
}

/** The image that serves as this layer. */
export function builtFor({ factors }: Pick<Scenario, 'factors'>, { image, dedicated }: Component): string {
  return factors.cpus === 'dedicated' ? (dedicated ?? image) : image;
}

export function openImages(loaded: LoadedScenario, read: ImageReader): ImageSet {
  const { scenario, source } = loaded;
  const guests = scenario.guests.map((guest) => {
    const refuse: Refuse = (what, remedy) => source.fail(['guests', guest.name, 'image'], what, remedy);
    const name = guest.image.kind === 'built' ? guest.image.name : guest.image.path;
    const kernel = readImage(guest.image, name, read, refuse);
    const image = { ...kernel, ...readMore('initrd', guest, source, read), ...readMore('init', guest, source, read) };
    checkGuestImage(guest, image, refuse);
    return image;
  });
  checkCopies(loaded, guests);
  const components = scenario.modes.flatMap((mode) => findMode(mode).components);
  const byName = new Map(components.map((component) => [component.image, builtFor(scenario, component)]));
  const layers = [...byName].map(([name, built]): [string, LoadedImage] => {
    const refuse: Refuse = (what, remedy) => {
      throw new InputError(`images/${built}.elf`, what, remedy);
    };
    const own = scenario.layers?.[name];
    if (own === undefined) return [name, readImage({ kind: 'built', name: built }, name, read, refuse)];
    const refuseOwn: Refuse = (what, remedy) => source.fail(['layer', name], what, remedy);
    const image = readImage(own, name, read, refuseOwn);
    checkLayerImage(loaded, name, image, refuseOwn);
    return [name, image];
  });
  return { layers: new Map(layers), guests };
}

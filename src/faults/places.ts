// Places in a guest that directed acts aim at: symbols of its image, and words that only the harness gives a name.

import type { ImageSet, LoadedImage } from '../scenario/image-set.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { SymbolTable } from '../scenario/symbol-table.ts';
import { ANALYSED } from './classes/software.ts';
import { isOperator } from './software/operators.ts';
import { type Space, spaceOf } from './space.ts';

interface Slot {
  readonly base: number;
  readonly size: number;
}

/** A guest's image where it is loaded. */
export interface Located {
  readonly symbols: SymbolTable;
  readonly loadedImage: LoadedImage;
  readonly memory: { readonly base: number };
}

/** Is there such a place in the guest of that name? A kernel without paging has no page table. */
export type HasPlace = (guest: string, place: string) => boolean;

const STACK_BYTES = 4096;
/** Of the trap frame, src/guests/common/frame.h: its first word is sepc. */
const FRAME_BYTES = 288;
/** From the top of a task's stack: the frames of task_begin and control_task, and the return address below them. */
const RETURN_OF_CALLEE = 16 + 64 + 8;
const GIGAPAGE = 2 ** 30;
const ENTRIES = 512;

/** A word of a suspended thread's stack that decides where it goes on. */
const STACK_WORDS: readonly { readonly symbol: string; readonly offset: number }[] = [
  // Where process 1 of unix, at the end of its line of pipes and mostly waiting, returns to in U-mode.
  { symbol: 'kernel_stacks', offset: 2 * STACK_BYTES - FRAME_BYTES },
  // Where the control task of rtos returns to from what it called: the wait for its release, or the job.
  { symbol: 'task_stacks', offset: STACK_BYTES - RETURN_OF_CALLEE },
];

function workData({ symbols, loadedImage, memory }: Located): number {
  const section = loadedImage.elf.sections.find(({ name }) => name === '.work');
  return symbols.has('work_state') ? symbols.address('work_state') : memory.base + (section?.address ?? 0);
}

function stackWord({ symbols }: Located): number | undefined {
  const word = STACK_WORDS.find(({ symbol }) => symbols.has(symbol));
  return word && symbols.address(word.symbol) + word.offset;
}

/** The entry of the kernel's root table through which it reaches its own slot, text and all. */
function rootEntry({ symbols, memory }: Located): number | undefined {
  if (!symbols.has('kernel_pagetable')) return undefined;
  return symbols.address('kernel_pagetable') + 8 * (Math.floor(memory.base / GIGAPAGE) % ENTRIES);
}

const NAMED: Readonly<Record<string, (guest: Located) => number | undefined>> = {
  work_data: workData,
  stack_word: stackWord,
  root_entry: rootEntry,
};

/** Physical address; undefined in a guest that has no such place. */
export function findPlace(guest: Located, name: string): number | undefined {
  const find = NAMED[name];
  if (find !== undefined) return find(guest);
  return guest.symbols.has(name) ? guest.symbols.address(name) : undefined;
}

/** A kind of memory, or an operator with something to mutate. */
function isPart(space: Space, place: string): boolean {
  if (isOperator(place)) return space.mutants.has(place);
  return space.regions.some(({ name }) => name === place);
}

/** A device that a scenario may leave out, as a place that a guest has. */
const DMA_CHANNEL = 'dma_channel';

/** Where another guest's slot is next to this one's: behind its end, or before its beginning. */
const NEIGHBOURS: Readonly<Record<string, (own: Slot, other: Slot) => boolean>> = {
  slot_behind_another: (own, other) => other.base + other.size === own.base,
  slot_before_another: (own, other) => own.base + own.size === other.base,
};

/** Of each guest by its name. */
export function regionsIn(scenario: Scenario, images: ImageSet): ReadonlyMap<string, Space['regions']> {
  return new Map(
    scenario.guests.flatMap(({ name, memory }, index) => {
      const image = images.guests[index];
      if (image === undefined) return [];
      const symbols = new SymbolTable(name, image.elf, memory.base);
      return [[name, spaceOf(image, symbols, memory.base).regions] as const];
    }),
  );
}

/** For what is asked before anything boots. */
export function placesOf(scenario: Scenario, images: ImageSet): HasPlace {
  const guests = new Map(
    scenario.guests.flatMap(({ name, memory }, index) => {
      const loadedImage = images.guests[index];
      if (loadedImage === undefined) return [];
      const symbols = new SymbolTable(name, loadedImage.elf, memory.base);
      const space = spaceOf(loadedImage, symbols, memory.base);
      return [[name, { symbols, loadedImage, memory, space }] as const];
    }),
  );
  return (name, place) => {
    const guest = guests.get(name);
    if (guest === undefined) return false;
    if (place === DMA_CHANNEL) return scenario.guests.some(({ name: own, dma }) => own === name && dma);
    const isNext = NEIGHBOURS[place];
    if (isNext !== undefined) return scenario.guests.some((other) => isNext(guest.memory, other.memory));
    if (place === ANALYSED) return guest.loadedImage.linux === undefined;
    return isPart(guest.space, place) || findPlace(guest, place) !== undefined;
  };
}

// HWF: bits that flip by themselves.

import type { Act } from '../fault.ts';
import { type BitOfMemory, bitsOf, drawBit, drawWeighted, type Region, type RegionName } from '../fault-space.ts';
import type { Random } from '../random.ts';
import type { Space } from '../space.ts';
import { awaiting, type Draw, type FaultClass, random, randomAt } from './fault-class.ts';

const CORRUPTION = 'corruption of content';
const FLOW = 'incorrect execution flow';

/** Registers x1 to x31, of 64 bits. */
const REGISTERS = 31;
const BITS = 64;
const WORD_BYTES = 8;

/** What a trap leaves behind for its handler, and what decides how the guest runs on. */
const TRAP_CSRS = ['sscratch', 'sepc', 'scause', 'stval'] as const;
const CONTROL_CSRS = ['sstatus', 'sie', 'stvec', 'satp', 'scounteren', 'senvcfg'] as const;
/** Software, timer, external: their numbers in sip. */
const INTERRUPTS = [1, 5, 9] as const;
/** Cycles between two flips of an intermittent fault: shorter than a job of rtos, longer than its whole control loop. */
const PERIODS = { least: 10_000, most: 2_000_000 } as const;

function pick<T>(items: readonly T[], random: Random): T {
  return drawWeighted(items, () => 1, random);
}

/** Uniform over the bits of these regions. */
function drawFrom(regions: readonly Region[], random: Random): BitOfMemory {
  return drawBit(drawWeighted(regions, bitsOf, random), random);
}

const flipIn =
  (name: RegionName): Draw =>
  (space, random) => ({ kind: 'flip-memory', bits: [drawFrom(only(space, name), random)] });

function only(space: Space, name: RegionName): Region[] {
  return space.regions.filter((region) => region.name === name);
}

/** Hardware, not instructions, writes page tables, and nobody sees that. */
const seenWrites = ({ regions }: Space): Region[] => regions.filter(({ name }) => name !== 'page tables');

/** Two to four bits of the word that the drawn one lies in. */
function severalBits(space: Space, random: Random): Act {
  const first = drawFrom(space.regions, random);
  const word = first.address - (first.address % WORD_BYTES);
  const wanted = 2 + random.below(3);
  const bits = new Map([[`${first.address} ${first.bit}`, first]]);
  while (bits.size < wanted) {
    const at = { address: word + random.below(WORD_BYTES), bit: random.below(8) };
    bits.set(`${at.address} ${at.bit}`, at);
  }
  return { kind: 'flip-memory', bits: [...bits.values()] };
}

/** The same bit of two to four words one after the other, as far as the region goes. */
function burst(space: Space, random: Random): Act {
  const region = drawWeighted(space.regions, bitsOf, random);
  const first = drawBit(region, random);
  const range = region.ranges.find(({ base, size }) => first.address >= base && first.address < base + size);
  const end = range === undefined ? first.address + 1 : range.base + range.size;
  const words = Array.from({ length: 2 + random.below(3) }, (_, index) => first.address + WORD_BYTES * index);
  return {
    kind: 'flip-memory',
    bits: words.filter((address) => address < end).map((address) => ({ address, bit: first.bit })),
  };
}

const flipCsr =
  (names: readonly string[]): Draw =>
  (_, random) => ({ kind: 'flip-csr', csr: pick(names, random), bit: random.below(BITS) });

/** Bits that the classes may hit of which every guest has as many. */
export const REGISTER_BITS: Readonly<Record<string, number>> = {
  'HWF-1': REGISTERS * BITS,
  'HWF-3': TRAP_CSRS.length * BITS,
  'HWF-3-control': CONTROL_CSRS.length * BITS,
};

export const hardware: readonly FaultClass[] = [
  random('HWF-1', 'bit of a general register flips', CORRUPTION, (_, random) => ({
    kind: 'flip',
    register: 1 + random.below(REGISTERS),
    bit: random.below(BITS),
  })),
  // Bit 0 of a program counter does not exist.
  random('HWF-2', 'bit of the program counter flips', FLOW, (_, random) => ({
    kind: 'flip-pc',
    bit: 1 + random.below(BITS - 1),
  })),
  random('HWF-3', 'bit of a trap register flips', FLOW, flipCsr(TRAP_CSRS)),
  random('HWF-3-control', 'bit of a control register flips', FLOW, flipCsr(CONTROL_CSRS)),
  random('HWF-4', 'bit of memory flips', CORRUPTION, ({ regions }, random) => ({
    kind: 'flip-memory',
    bits: [drawFrom(regions, random)],
  })),
  randomAt('text', 'HWF-4-text', 'bit of code flips', CORRUPTION, flipIn('text')),
  randomAt('data', 'HWF-4-data', 'bit of data flips', CORRUPTION, flipIn('data')),
  randomAt('stack', 'HWF-4-stack', 'bit of a stack flips', CORRUPTION, flipIn('stack')),
  randomAt('page tables', 'HWF-4-tables', 'bit of a page table flips', CORRUPTION, flipIn('page tables')),
  random('HWF-5', 'several bits of one word flip', CORRUPTION, severalBits),
  random('HWF-6', 'burst over several words', CORRUPTION, burst),
  random('HWF-7', 'bit stuck at 0 or 1', CORRUPTION, (space, random) => ({
    kind: 'stuck',
    at: drawFrom(seenWrites(space), random),
    value: random.below(2) === 0 ? 0 : 1,
  })),
  awaiting('random', 'HWF-8', 'bit of a TLB entry flips', CORRUPTION, 'needs injection into the modelled TLB'),
  random('HWF-9', 'instruction word flips at decode', FLOW, (_, random) => ({
    kind: 'flip-instruction',
    bit: random.below(32),
  })),
  awaiting('random', 'HWF-10', 'instruction skipped', FLOW, 'a later class of the random campaign'),
  awaiting('random', 'HWF-11', 'address decoder picks a wrong cell', CORRUPTION, 'needs a decoder that can be bent'),
  awaiting('random', 'HWF-12', 'coupled cells', CORRUPTION, 'needs faults that follow accesses elsewhere'),
  random('HWF-13', 'intermittent fault', CORRUPTION, ({ regions }, random) => ({
    kind: 'intermittent',
    at: drawFrom(regions, random),
    period: PERIODS.least + random.below(PERIODS.most - PERIODS.least),
    times: 2 + random.below(9),
  })),
  random('HWF-14', 'pending bit of an interrupt flips', 'insertion of information', (_, random) => ({
    kind: 'flip-csr',
    csr: 'sip',
    bit: pick(INTERRUPTS, random),
  })),
  random('HWF-15', 'bit of a timer compare flips', 'delay of information', flipCsr(['stimecmp'])),
  awaiting(
    'random',
    'HWF-16',
    'neighbouring cell flips',
    CORRUPTION,
    'needs a model of rows and of what disturbs them',
  ),
];

// MEM: one guest and memory that is not its own.

import { PROCESS_POLL } from '../processes.ts';
import { BUG, PRIVILEGED } from '../saboteur.ts';
import { awaiting, directed, directedAt, directedBy, type FaultClass } from './fault-class.ts';

const ACCESS = 'read or write access to memory of another element';
const CORRUPTION = 'corruption of content';

/** No instruction: the pattern is illegal in RV64GC whatever its alignment. */
const ILLEGAL = 0n;
/** What a wild write leaves behind; odd, so that a corrupted pointer or counter shows. */
const STRAY = 0x7ac07ac07ac07ac1n;
/** An overrun begins in its own buffer, and goes on for so many bytes. */
const OWN_BYTES = 64n;
const BEYOND = 0x1_0000n;
const NULL_FIELD = 8n;
const PAGE = 4096n;
/** Mode field of satp. */
const SATP_SV39 = 8n << 60n;
/** An entry of a page table that maps nothing. */
const UNMAPPED = 0n;

export const memory: readonly FaultClass[] = [
  directed('MEM-1', 'wild write', ACCESS, ({ to }) => ({
    bug: BUG.STORE64,
    target: BigInt(to.symbol('work_data')),
    value: STRAY,
  })),
  // On the regular path: every change of thread executes it.
  directedAt('context_switch', 'MEM-1-text', 'wild write into code', ACCESS, ({ to }) => ({
    bug: BUG.STORE64,
    target: BigInt(to.symbol('context_switch')),
    value: ILLEGAL,
  })),
  directedAt('stack_word', 'MEM-1-stack', 'wild write into a stack', ACCESS, ({ to }) => ({
    bug: BUG.STORE64,
    target: BigInt(to.symbol('stack_word')),
    value: STRAY,
  })),
  directedAt('root_entry', 'MEM-1-table', 'wild write into a page table', ACCESS, ({ to }) => ({
    bug: BUG.STORE64,
    target: BigInt(to.symbol('root_entry')),
    value: UNMAPPED,
  })),
  directed('MEM-2', 'wild read', ACCESS, ({ to }) => ({
    bug: BUG.LOAD64,
    target: BigInt(to.symbol('canary')),
    value: 0n,
  })),
  directed('MEM-3', 'content corruption, own', CORRUPTION, ({ from }) => ({
    bug: BUG.STORE64,
    target: BigInt(from.symbol('work_data')),
    value: STRAY,
  })),
  awaiting('random', 'MEM-4', 'content corruption, shared', CORRUPTION, 'guests share no memory in any mode'),
  awaiting(
    'directed',
    'MEM-5',
    'inconsistent data (double fetch)',
    'inconsistent data',
    'guests share no memory in any mode',
  ),
  directedAt('slot_before_another', 'MEM-6', 'stack overflow', 'stack overflow/underflow', ({ to }) => ({
    bug: BUG.FILL_DOWN,
    target: BigInt(to.memory.base + to.memory.size) + OWN_BYTES,
    value: STRAY,
    args: [OWN_BYTES + BEYOND],
  })),
  directedAt('slot_behind_another', 'MEM-7', 'buffer overrun', ACCESS, ({ to }) => ({
    bug: BUG.FILL,
    target: BigInt(to.memory.base) - OWN_BYTES,
    value: STRAY,
    args: [OWN_BYTES + BEYOND],
  })),
  awaiting('directed', 'MEM-8', 'use after free, stale pointer', ACCESS, 'no memory changes its owner'),
  directed('MEM-9', 'null pointer with an offset', ACCESS, () => ({
    bug: BUG.STORE64,
    target: NULL_FIELD,
    value: STRAY,
  })),
  awaiting('directed', 'MEM-10', 'memory depletion', 'memory depletion', 'guests share no pool of memory'),
  directedBy(PROCESS_POLL, 'MEM-10-own', 'memory depletion, own', 'memory depletion', () => ({
    bug: BUG.DEPLETE_MEMORY,
    target: 0n,
    value: 0n,
  })),
  directedBy('kernel_pagetable', 'MEM-11', 'own page-table entry corrupted', ACCESS, ({ to }) => ({
    bug: BUG.PAGE_TABLE,
    target: BigInt(to.symbol('work_data')),
    value: STRAY,
  })),
  directedAt('kernel_pagetable', 'MEM-12', 'page-table root hijacked', ACCESS, ({ to }) => ({
    bug: BUG.PRIVILEGED,
    target: BigInt(PRIVILEGED.SATP),
    value: SATP_SV39 | (BigInt(to.symbol('kernel_pagetable')) / PAGE),
  })),
  awaiting('directed', 'MEM-13', 'stale TLB entry', ACCESS, 'no mapping of a guest ever leads to what is given away'),
  directed('MEM-14', "neighbour's trap handler overwritten", CORRUPTION, ({ to }) => ({
    bug: BUG.STORE64,
    target: BigInt(to.symbol('trap_entry')),
    value: ILLEGAL,
  })),
  directed('MEM-15', "layer's trap handler overwritten", CORRUPTION, ({ layerTrapHandler }) => ({
    bug: BUG.STORE64,
    target: BigInt(layerTrapHandler),
    value: ILLEGAL,
  })),
];

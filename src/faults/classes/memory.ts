// MEM: one guest and memory that is not its own.

import { BUG } from '../saboteur.ts';
import { awaiting, directed, directedAt, type FaultClass } from './fault-class.ts';

const ACCESS = 'read or write access to memory of another element';
const CORRUPTION = 'corruption of content';

/** No instruction: the pattern is illegal in RV64GC whatever its alignment. */
const ILLEGAL = 0n;
/** What a wild write leaves behind; odd, so that a corrupted pointer or counter shows. */
const STRAY = 0x7ac07ac07ac07ac1n;
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
  awaiting('random', 'MEM-3', 'content corruption, own', CORRUPTION, 'needs injection into memory'),
  awaiting('random', 'MEM-4', 'content corruption, shared', CORRUPTION, 'needs a shared ring'),
  awaiting('directed', 'MEM-5', 'inconsistent data (double fetch)', 'inconsistent data', 'needs a shared ring'),
  awaiting(
    'directed',
    'MEM-6',
    'stack overflow or underflow',
    'stack overflow/underflow',
    'needs a neighbour placed next to a stack',
  ),
  awaiting('directed', 'MEM-7', 'buffer overrun', ACCESS, 'needs a buffer at the end of the slot'),
  awaiting('directed', 'MEM-8', 'use after free, stale pointer', ACCESS, 'needs memory that changes its owner'),
  awaiting('random', 'MEM-9', 'uninitialised pointer', ACCESS, 'needs the software-fault mutator'),
  awaiting('directed', 'MEM-10', 'memory depletion', 'memory depletion', 'needs a shared pool'),
  awaiting('directed', 'MEM-11', 'own page-table entry corrupted', ACCESS, 'needs bug 16 of the saboteur'),
  awaiting('directed', 'MEM-12', 'page-table root hijacked', ACCESS, 'needs a bug that writes satp'),
  awaiting('directed', 'MEM-13', 'stale TLB entry', ACCESS, 'needs mappings that change at run time'),
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

// Follows descriptor chains (VIRTIO 1.2, 2.7.5). Everything here is the driver's word: whatever is wrong with it comes
// back as text, after work bounded by the queue's size.

import { Chain, type Segment } from './chain.ts';
import type { RamPort } from '../ram-port.ts';

/** Bytes one chain may carry. The manual's bound is 2^32; a boot loader reads a whole kernel with one request. */
const CHAIN_BYTES_MAX = 0x1000_0000;
export const DESCRIPTOR_BYTES = 16;
/** Bits of a descriptor's flags. */
export const DESCRIPTOR = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;

/** Who reads and writes the queue. */
export interface Access {
  readonly port: RamPort;
  readonly world: number;
}

interface Descriptor extends Segment {
  readonly flags: number;
  readonly next: number;
}

interface Table {
  readonly paddr: number;
  readonly entries: number;
}

/** The chain that begins at descriptor `head`, or what is wrong with it. A chain that goes in a circle is one that is
 * longer than its queue. */
export function walkChain(access: Access, descriptors: Table, head: number): Chain | string {
  const readable: Segment[] = [];
  const writable: Segment[] = [];
  let table = descriptors;
  let index = head;
  let bytes = 0;
  for (let count = 0; count < descriptors.entries; count++) {
    let descriptor = readDescriptor(access, table, index);
    if (typeof descriptor !== 'string' && (descriptor.flags & DESCRIPTOR.INDIRECT) !== 0) {
      if (table !== descriptors) return 'an indirect table in an indirect table';
      const inner = indirectTable(descriptor, descriptors.entries);
      if (typeof inner === 'string') return inner;
      table = inner;
      descriptor = readDescriptor(access, table, 0);
    }
    if (typeof descriptor === 'string') return descriptor;
    const { paddr, length, flags, next } = descriptor;
    if ((flags & DESCRIPTOR.INDIRECT) !== 0) return 'an indirect table in an indirect table';
    bytes += length;
    if (bytes > CHAIN_BYTES_MAX) return `a chain of more than ${CHAIN_BYTES_MAX} bytes`;
    const isWritable = (flags & DESCRIPTOR.WRITE) !== 0;
    if (length > 0 && !access.port.covers(paddr, length, isWritable)) {
      return `a buffer at 0x${paddr.toString(16)}, outside RAM`;
    }
    if (!isWritable && writable.length > 0) return 'a readable buffer behind a writable one';
    (isWritable ? writable : readable).push({ paddr, length });
    if ((flags & DESCRIPTOR.NEXT) === 0) return new Chain(head, readable, writable, access);
    index = next;
  }
  return `a chain of more than ${descriptors.entries} descriptors`;
}

/** 2.7.5.3.1: an indirect table ends its chain and is no longer than the queue. */
function indirectTable({ paddr, length, flags }: Descriptor, queueEntries: number): Table | string {
  if ((flags & DESCRIPTOR.NEXT) !== 0) return 'an indirect table in the middle of a chain';
  const entries = length / DESCRIPTOR_BYTES;
  const isSound = Number.isInteger(entries) && entries >= 1 && entries <= queueEntries;
  return isSound ? { paddr, entries } : `an indirect table of ${length} bytes`;
}

function readDescriptor({ port, world }: Access, table: Table, index: number): Descriptor | string {
  if (index >= table.entries) return `descriptor ${index} of a table of ${table.entries}`;
  const bytes = port.read(table.paddr + index * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES, world);
  if (bytes === undefined) return `a descriptor table at 0x${table.paddr.toString(16)}, outside RAM`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, DESCRIPTOR_BYTES);
  return {
    // Inexact beyond 2^53, where there is no RAM.
    paddr: view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32,
    length: view.getUint32(8, true),
    flags: view.getUint16(12, true),
    next: view.getUint16(14, true),
  };
}

// What the IOMMU reads and writes by itself: tables and queues, little-endian (fctl.BE is 0), by physical addresses. These
// accesses are the layer's, whichever device they serve.

import { LAYER } from '../device.ts';
import type { RamPort } from '../ram-port.ts';

const DOUBLEWORD_BYTES = 8;
const PAGE_SHIFT = 12n;

/** The doublewords at `paddr`; undefined where one is not in RAM. */
export function readDoublewords(ram: RamPort, paddr: number, count: number): bigint[] | undefined {
  const bytes = ram.read(paddr, count * DOUBLEWORD_BYTES, LAYER);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, index) => view.getBigUint64(index * DOUBLEWORD_BYTES, true));
}

/** False, and nothing stored, where one is not in RAM. */
export function writeDoublewords(ram: RamPort, paddr: number, values: readonly bigint[]): boolean {
  const view = new DataView(new ArrayBuffer(values.length * DOUBLEWORD_BYTES));
  values.forEach((value, index) => {
    view.setBigUint64(index * DOUBLEWORD_BYTES, value, true);
  });
  return ram.write(paddr, new Uint8Array(view.buffer), LAYER);
}

/** Bits `low` to `high` of a doubleword, both included. */
export function bits(value: bigint, high: number, low: number): bigint {
  return (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
}

export const bit = (value: bigint, at: number): boolean => bits(value, at, at) === 1n;

/** The address of a page. Inexact beyond 2^53, where there is no RAM. */
export const pageAddress = (ppn: bigint): number => Number(ppn << PAGE_SHIFT);

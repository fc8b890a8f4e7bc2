// RAM as a device behind the IOMMU reaches it: each page of an access is translated by itself. An access of several pages
// takes place only if all of them may be touched; the first that may not is the one that is reported.

import type { RamPort } from '../ram-port.ts';
import type { Iommu } from './iommu.ts';

/** What walks of tables cost a device, in cycles. */
export interface WalkCost {
  readonly walkStart: number;
  readonly walkReference: number;
}

export interface Behind {
  readonly iommu: Iommu;
  /** As its device context is looked up. */
  readonly device: number;
  /** By physical addresses. */
  readonly ram: RamPort;
  readonly cost: WalkCost;
  /** Hears of each access that is refused. */
  readonly onRefused: (address: number, write: boolean, cause: number) => void;
}

/** A run of bytes of an access: `at` counts from its first. */
interface Piece {
  readonly paddr: number;
  readonly length: number;
  readonly at: number;
}

export function translatedRam({ iommu, device, ram, cost, onRefused }: Behind): RamPort {
  let cycles = 0;
  /** What this event has translated already: an access that was asked about before it takes place is walked for once. */
  const known = new Map<string, readonly Piece[]>();

  const piecesOf = (iova: number, length: number, write: boolean): readonly Piece[] | undefined => {
    const key = `${iova} ${length} ${write}`;
    const pieces = known.get(key) ?? translate(iova, length, write);
    if (pieces !== undefined) known.set(key, pieces);
    return pieces;
  };

  /** Undefined where a byte may not be touched, or is not RAM. */
  const translate = (iova: number, length: number, write: boolean): readonly Piece[] | undefined => {
    const pieces: Piece[] = [];
    let at = 0;
    do {
      const { result, references } = iommu.translate({ device, iova: iova + at, write });
      if (references > 0) cycles += cost.walkStart + references * cost.walkReference;
      if (result.kind === 'fault') {
        onRefused(iova + at, write, result.cause);
        return undefined;
      }
      const piece = { paddr: result.paddr, length: Math.min(result.length, length - at), at };
      // Translated, but to no RAM: nothing that the IOMMU would know of.
      if (!ram.covers(piece.paddr, piece.length, write)) return undefined;
      pieces.push(piece);
      at += piece.length;
    } while (at < length);
    return pieces;
  };

  return {
    covers: (iova, length, write) => piecesOf(iova, length, write) !== undefined,
    read(iova, length, world) {
      const pieces = piecesOf(iova, length, false);
      if (pieces === undefined) return undefined;
      const bytes = new Uint8Array(length);
      for (const piece of pieces) bytes.set(ram.read(piece.paddr, piece.length, world) ?? [], piece.at);
      return bytes;
    },
    write(iova, bytes, world) {
      const pieces = piecesOf(iova, bytes.length, true);
      if (pieces === undefined) return false;
      for (const piece of pieces) ram.write(piece.paddr, bytes.subarray(piece.at, piece.at + piece.length), world);
      return true;
    },
    takeCycles() {
      const taken = cycles;
      cycles = 0;
      known.clear();
      return taken;
    },
  };
}

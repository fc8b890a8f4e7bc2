// What an entry of the command queue asks for ("Command-Queue").

import { bit, bits } from './memory.ts';

export type Command =
  /** IOTINVAL.VMA: of first stages, which there are none of. */
  | { readonly kind: 'invalidate-first-stage' }
  /** IOTINVAL.GVMA: of one guest or all, of one address or all. */
  | { readonly kind: 'invalidate-second-stage'; readonly gscid?: number; readonly address?: number }
  /** IODIR.INVAL_DDT: of one device or all. */
  | { readonly kind: 'invalidate-directory'; readonly device?: number }
  /** IOFENCE.C: all before it is done. */
  | {
      readonly kind: 'fence';
      readonly store?: { readonly paddr: number; readonly data: number };
      readonly interrupt: boolean;
    }
  | { readonly kind: 'illegal' };

export const COMMAND_DOUBLEWORDS = 2;

const OPCODE = { IOTINVAL: 1n, IOFENCE: 2n, IODIR: 3n } as const;
const ILLEGAL: Command = { kind: 'illegal' };

/** "illegal if it uses a reserved encoding or if a reserved bit is set to 1"; what this IOMMU has not counts as such, too:
 * process directories, ATS, ranges of addresses, pointers of page tables by themselves. */
export function decodeCommand(first: bigint, second: bigint): Command {
  switch (bits(first, 6, 0)) {
    case OPCODE.IOTINVAL:
      return decodeInvalidate(first, second);
    case OPCODE.IOFENCE:
      return decodeFence(first, second);
    case OPCODE.IODIR:
      return decodeDirectory(first, second);
    default:
      return ILLEGAL;
  }
}

function decodeInvalidate(first: bigint, second: bigint): Command {
  const isReserved = [
    bits(first, 11, 11),
    bits(first, 43, 34),
    bits(first, 63, 60),
    bits(second, 9, 0),
    bits(second, 63, 62),
  ].some((field) => field !== 0n);
  if (isReserved) return ILLEGAL;
  const [hasAddress, hasProcess, hasGuest] = [bit(first, 10), bit(first, 32), bit(first, 33)];
  switch (bits(first, 9, 7)) {
    case 0n:
      return { kind: 'invalidate-first-stage' };
    case 1n:
      if (hasProcess) return ILLEGAL;
      // "GV = 0, AV ignored": all guests.
      if (!hasGuest) return { kind: 'invalidate-second-stage' };
      return {
        kind: 'invalidate-second-stage',
        gscid: Number(bits(first, 59, 44)),
        ...(hasAddress && { address: Number(bits(second, 61, 10) << 12n) }),
      };
    default:
      return ILLEGAL;
  }
}

function decodeFence(first: bigint, second: bigint): Command {
  if (bits(first, 9, 7) !== 0n || bits(first, 31, 14) !== 0n || bits(second, 63, 62) !== 0n) return ILLEGAL;
  // PR and PW ask for an order of accesses that is kept here anyway.
  const store = { paddr: Number(bits(second, 61, 0) << 2n), data: Number(bits(first, 63, 32)) };
  return { kind: 'fence', interrupt: bit(first, 11), ...(bit(first, 10) && { store }) };
}

function decodeDirectory(first: bigint, second: bigint): Command {
  // The process id is reserved in the one function there is.
  const isReserved =
    bits(first, 9, 7) !== 0n || bits(first, 32, 10) !== 0n || bits(first, 39, 34) !== 0n || second !== 0n;
  if (isReserved) return ILLEGAL;
  return { kind: 'invalidate-directory', ...(bit(first, 33) && { device: Number(bits(first, 63, 40)) }) };
}

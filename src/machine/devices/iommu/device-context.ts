// Finds the device context of a device ("Process to locate the Device-context", whose steps are numbered below) and checks
// it ("Device-context configuration checks"). Base format, of 32 bytes.

import type { RamPort } from '../ram-port.ts';
import { CAUSE, type Fault, fault } from './fault.ts';
import { bit, bits, pageAddress, readDoublewords } from './memory.ts';
import { DDTP_MODE } from './registers.ts';

/** What hgatp is to a hart. `root` is a physical address. */
export interface SecondStage {
  /** Sv39x4 or Sv48x4: 8 or 9. */
  readonly mode: number;
  readonly gscid: number;
  readonly root: number;
}

export interface DeviceContext {
  readonly kind: 'context';
  /** DTF: faults of translation are not reported. */
  readonly silent: boolean;
  /** Undefined: bare, so that addresses pass unchanged. */
  readonly secondStage: SecondStage | undefined;
}

const CONTEXT_BYTES = 32;
const ENTRY_BYTES = 8;
/** Bits of a device id that are resolved at each level, from the leaf up: 7, 9 and 8. */
const INDEX_LOW = [0, 7, 16, 24] as const;
const ROOT_ALIGNMENT = 0x4000;

/** Of tc. All others ask for what this IOMMU has not, or are reserved. */
const TC_VALID = 1n << 0n;
const TC_SILENT = 1n << 4n;
/** fsc leads to processes; the only supported mode of that is bare, and the default process then means nothing. */
const TC_PROCESSES = 1n << 5n;
const TC_DEFAULT_PROCESS = 1n << 9n;
const TC_CUSTOM = 0xffn << 24n;
const TC_KNOWN = TC_VALID | TC_SILENT | TC_PROCESSES | TC_DEFAULT_PROCESS | TC_CUSTOM;

/** Levels of the directory in that mode; 0 where there is none. */
export const directoryLevels = (mode: number): number => Math.max(0, mode - DDTP_MODE.BARE);
/** Device ids that the directory has room for. */
export const deviceIdLimit = (mode: number): number => 2 ** (INDEX_LOW[directoryLevels(mode)] ?? 0);

export interface Directory {
  readonly mode: number;
  readonly root: number;
}

export interface Located {
  readonly found: DeviceContext | Fault;
  /** Accesses to memory that it took. */
  readonly references: number;
}

/** Mode and size of `device` were checked. */
export function locateContext(ram: RamPort, directory: Directory, device: number): Located {
  let references = 0;
  const stop = (cause: number): Located => ({ found: fault(cause), references });
  let table = directory.root;
  for (let level = directoryLevels(directory.mode) - 1; level > 0; level--) {
    const [low = 0, high = 0] = INDEX_LOW.slice(level);
    references++;
    const [entry] =
      readDoublewords(ram, table + (Math.floor(device / 2 ** low) % 2 ** (high - low)) * ENTRY_BYTES, 1) ?? [];
    if (entry === undefined) return stop(CAUSE.DIRECTORY_ACCESS); // 3
    if (!bit(entry, 0)) return stop(CAUSE.DIRECTORY_INVALID); // 5
    if (bits(entry, 9, 1) !== 0n || bits(entry, 63, 54) !== 0n) return stop(CAUSE.DIRECTORY_MISCONFIGURED); // 6
    table = pageAddress(bits(entry, 53, 10)); // 7
  }
  references++;
  const words = readDoublewords(ram, table + (device % 2 ** INDEX_LOW[1]) * CONTEXT_BYTES, 4);
  if (words === undefined) return stop(CAUSE.DIRECTORY_ACCESS); // 8
  return { found: readContext(words), references };
}

function readContext([tc = 0n, iohgatp = 0n, ta = 0n, fsc = 0n]: readonly bigint[]): DeviceContext | Fault {
  if ((tc & TC_VALID) === 0n) return fault(CAUSE.DIRECTORY_INVALID); // 9
  const mode = Number(bits(iohgatp, 63, 60));
  const root = pageAddress(bits(iohgatp, 43, 0));
  const isBare = mode === 0;
  // 10: the checks that are left where the capabilities are those of registers.ts. All of ta but PSCID is reserved,
  // and fsc may name the root of tables that nobody walks, but no mode.
  const isSound =
    (tc & ~TC_KNOWN) === 0n &&
    ((tc & TC_DEFAULT_PROCESS) === 0n || (tc & TC_PROCESSES) !== 0n) &&
    (isBare || (mode >= 8 && mode <= 9)) &&
    (isBare || root % ROOT_ALIGNMENT === 0) &&
    bits(ta, 11, 0) === 0n &&
    bits(ta, 63, 32) === 0n &&
    bits(fsc, 63, 44) === 0n;
  if (!isSound) return fault(CAUSE.DIRECTORY_MISCONFIGURED);
  const secondStage = { mode, gscid: Number(bits(iohgatp, 59, 44)), root };
  return { kind: 'context', silent: (tc & TC_SILENT) !== 0n, secondStage: isBare ? undefined : secondStage };
}

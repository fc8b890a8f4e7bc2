// What becomes of an access of a device: the "Process to translate an IOVA", whose steps are numbered below, with the
// caches of "Caching in-memory data structures". They do not observe stores: a translation stays until a command takes it, or room is needed.

import type { RamPort } from '../ram-port.ts';
import { Cache } from './cache.ts';
import { type DeviceContext, type Directory, deviceIdLimit, locateContext } from './device-context.ts';
import { CAUSE, type Fault, fault, type Transaction } from './fault.ts';
import { DDTP_MODE } from './registers.ts';
import { guestPageFault, type Leaf, walkSecondStage } from './second-stage.ts';

const CONTEXTS = 16;
const LEAVES = 32;

/** The address that the memory sees, and how many bytes from there belong to the same page. */
export interface Translated {
  readonly kind: 'translated';
  readonly paddr: number;
  readonly length: number;
}

export interface Outcome {
  readonly result: Translated | Fault;
  /** Accesses to tables that it took. */
  readonly references: number;
  /** Faults of translation are not to be reported. */
  readonly silent: boolean;
}

interface CachedContext {
  readonly device: number;
  readonly context: DeviceContext;
}
interface CachedLeaf {
  readonly gscid: number;
  readonly leaf: Leaf;
}

export interface TranslatorState {
  contexts: readonly CachedContext[];
  leaves: readonly CachedLeaf[];
}

const covers = ({ base, size }: Leaf, address: number): boolean => base <= address && address < base + size;

export class Translator {
  readonly #ram: RamPort;
  readonly #contexts = new Cache<CachedContext>(CONTEXTS);
  readonly #leaves = new Cache<CachedLeaf>(LEAVES);

  constructor(ram: RamPort) {
    this.#ram = ram;
  }

  translate(directory: Directory, transaction: Transaction): Outcome {
    const { device, iova, write } = transaction;
    const refuse = (cause: number): Outcome => ({ result: fault(cause), references: 0, silent: false });
    if (directory.mode === DDTP_MODE.OFF) return refuse(CAUSE.ALL_DISALLOWED); // 1
    if (directory.mode === DDTP_MODE.BARE) return { result: unchanged(iova), references: 0, silent: false }; // 2
    if (device >= deviceIdLimit(directory.mode)) return refuse(CAUSE.TYPE_DISALLOWED); // 5
    const located = this.#locate(directory, device); // 6
    if (located.found.kind === 'fault') return { result: located.found, references: located.references, silent: false };
    const { silent, secondStage } = located.found;
    if (secondStage === undefined) return { result: unchanged(iova), references: located.references, silent };
    // 17 is bare; 19: the second stage.
    const { gscid } = secondStage;
    const known = this.#leaves.find((entry) => entry.gscid === gscid && covers(entry.leaf, iova));
    const walked = known ? { found: known.leaf, references: 0 } : walkSecondStage(this.#ram, secondStage, iova, write);
    const { found } = walked;
    const references = located.references + walked.references;
    if (found.kind === 'fault') return { result: found, references, silent };
    if (known === undefined) this.#leaves.add({ gscid, leaf: found });
    if (!(write ? found.writable : found.readable)) return { result: guestPageFault(write), references, silent };
    const offset = iova - found.base;
    const result = { kind: 'translated', paddr: found.target + offset, length: found.size - offset } as const;
    return { result, references, silent };
  }

  /** A context that is not valid is never kept. */
  #locate(directory: Directory, device: number) {
    const known = this.#contexts.find((entry) => entry.device === device);
    if (known !== undefined) return { found: known.context, references: 0 };
    const located = locateContext(this.#ram, directory, device);
    if (located.found.kind === 'context') this.#contexts.add({ device, context: located.found });
    return located;
  }

  /** All where no device is named. */
  dropContexts(device?: number): void {
    this.#contexts.drop((entry) => device === undefined || entry.device === device);
  }

  /** Those of all guests, of one, or of one address in one. */
  dropLeaves(gscid?: number, address?: number): void {
    this.#leaves.drop(
      (entry) =>
        (gscid === undefined || entry.gscid === gscid) && (address === undefined || covers(entry.leaf, address)),
    );
  }

  save(): TranslatorState {
    return { contexts: this.#contexts.save(), leaves: this.#leaves.save() };
  }

  restore(state: TranslatorState): void {
    this.#contexts.restore(state.contexts);
    this.#leaves.restore(state.leaves);
  }
}

function unchanged(iova: number): Translated {
  return { kind: 'translated', paddr: iova, length: Number.MAX_SAFE_INTEGER };
}

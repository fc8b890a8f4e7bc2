import { CACHES } from './hart/layout.ts';
import type { MachineMemory } from './memory.ts';

/** How a machine remembers translations. The finite TLBs are timed; the adversarial caches are for isolation. */
export type Translation = { readonly kind: 'finite' } | AdversarialTranslation;

/** The worst the manual permits; what falls under which switch is said in `hart/adversarial.ts`. */
export interface AdversarialTranslation {
  readonly kind: 'adversarial';
  readonly seed: number;
  readonly layer: boolean;
  readonly guest: boolean;
  /** Entries of each hart. Once they do not suffice, the machine is `translationCapped`: no verdict can rest on its run. */
  readonly capacity?: number;
}

/** Some ten thousand do for the processes of a Linux guest in 50 ms, forty thousand for those of a fork bomb. */
const CAPACITY = 131_072;
/** 32 MiB of the machine's memory for each hart. */
const CAPACITY_MAX = 1 << 20;

const capacityOf = ({ capacity = CAPACITY }: AdversarialTranslation): number => capacity;

/** Bytes that the caches of one hart take. Throws RangeError for a capacity that none can have. */
export function cacheBytes(translation: Translation): number {
  if (translation.kind === 'finite') return 0;
  const capacity = capacityOf(translation);
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > CAPACITY_MAX) {
    throw new RangeError(`translation caches of ${capacity} entries: there can be 1 to ${CAPACITY_MAX}`);
  }
  return CACHES.entries + capacity * CACHES.entry;
}

/** The adversarial translation caches of all harts: guest-visible state, in the machine's memory beside the harts. */
export class TranslationCaches {
  private readonly memory: MachineMemory;
  private readonly seed: number;
  private readonly bytes: number;

  constructor(memory: MachineMemory, translation: AdversarialTranslation) {
    this.memory = memory;
    this.seed = translation.seed;
    this.bytes = cacheBytes(translation);
    memory.harts.forEach((hart, index) => {
      hart.set('caches', this.base(index));
      hart.set('cache_room', capacityOf(translation));
      hart.set('stale_layer', translation.layer ? 1 : 0);
      hart.set('stale_guest', translation.guest ? 1 : 0);
    });
  }

  private base(hart: number): number {
    return this.memory.map.caches + hart * this.bytes;
  }

  private word(hart: number, offset: number): number {
    return this.memory.view.getUint32(this.base(hart) + offset, true);
  }

  /** Empty, the generators at their seed. */
  reset(): void {
    const { memory } = this;
    memory.harts.forEach((_, index) => {
      const base = this.base(index);
      memory.bytes.fill(0, base, base + CACHES.entries);
    });
    this.reseed(this.seed);
  }

  /** Empty, as after the widest of all fences; whose tables are whose stays known. */
  forget(): void {
    const { memory } = this;
    memory.harts.forEach((_, index) => {
      const base = this.base(index);
      memory.bytes.fill(0, base + CACHES.used, base + CACHES.roots);
      memory.bytes.fill(0, base + CACHES.recent, base + CACHES.entries);
    });
  }

  reseed(seed: number): void {
    const { memory } = this;
    memory.harts.forEach((_, index) => {
      const base = this.base(index);
      // Never 0, and far apart for seeds and harts that are near.
      memory.view.setUint32(base + CACHES.random, Math.imul(seed + 1, 0x9e3779b1) >>> 0, true);
      memory.view.setUint32(base + CACHES.random + 4, (Math.imul(seed ^ index, 0x85ebca6b) | 1) >>> 0, true);
    });
  }

  /** Something could not be kept for want of room. */
  get capped(): boolean {
    return this.memory.harts.some((_, hart) => this.word(hart, CACHES.capped) !== 0);
  }

  /** Of each hart, up to its last entry. */
  save(): Uint8Array[] {
    return this.memory.harts.map((_, hart) => {
      const base = this.base(hart);
      const used = CACHES.entries + this.word(hart, CACHES.used) * CACHES.entry;
      return this.memory.bytes.slice(base, base + used);
    });
  }

  restore(saved: readonly Uint8Array[]): void {
    saved.forEach((bytes, hart) => {
      this.memory.bytes.set(bytes, this.base(hart));
    });
  }
}

import { HART_LIMIT } from './board.ts';
import { RTC_EPOCH } from './devices/goldfish-rtc.ts';
import type { VirtioSlot } from './devices/virtio/slots.ts';
import type { Tuning } from './jit/regions.ts';
import type { Schedule } from './schedule.ts';
import type { Timing } from './timing.ts';
import type { Translation } from './translation.ts';

/** Regions are compiled of what the interpreter finds hot. */
export type EngineChoice = { readonly kind: 'interpreter' } | ({ readonly kind: 'regions' } & Partial<Tuning>);

export interface MachineOptions {
  /** Bytes, a multiple of 64 KiB, at most 1 GiB. */
  readonly ram: number;
  /** A model by its name, or one of one's own. */
  readonly timing: Timing['name'] | Timing;
  readonly guests: number;
  /** 1 to 4; one by default. */
  readonly harts?: number;
  /** How several harts take turns; coarse by default. */
  readonly schedule?: Schedule;
  /** What is in the virtio slots. Given, if only as an empty list, the machine has all slots and the RTC; without it,
   * their addresses belong to nobody. */
  readonly virtio?: readonly VirtioSlot[];
  /** Has it an IOMMU before its DMA channels and virtio slots? None by default. */
  readonly iommu?: boolean;
  /** What becomes of translations that no fence has taken; finite by default. */
  readonly translation?: Translation;
  /** What the RTC says at cycle 0: seconds since 1970. */
  readonly epoch?: number;
  /** What runs the code; the interpreter by default. Both give the same results. */
  readonly engine?: EngineChoice;
  /** The harts' core, where it is not the one of `buildCore()`. */
  readonly core?: WebAssembly.Module;
}

/** How to tell which world runs, by the mode. Addresses are physical. */
export interface WorldsRule {
  readonly machineMode: 'firmware' | 'layer';
  readonly supervisorMode: 'guest' | 'layer';
  readonly only?: number;
  /** A word for each hart, one after the other. */
  readonly currentGuest?: number;
  readonly roots?: readonly { readonly paddr: number; readonly guest: number }[];
}

/** The options with their defaults. Throws RangeError for what no machine can have. */
export function completeOptions(options: MachineOptions) {
  const { ram, harts = 1, schedule = { kind: 'coarse' }, epoch = RTC_EPOCH, virtio, iommu = false } = options;
  const { translation = { kind: 'finite' }, engine = { kind: 'interpreter' } } = options;
  if (!(ram > 0 && ram <= 2 ** 30 && ram % 0x10000 === 0)) {
    throw new RangeError(`RAM of ${ram} bytes: it must be a multiple of 64 KiB, at most 1 GiB`);
  }
  if (!Number.isInteger(harts) || harts < 1 || harts > HART_LIMIT) {
    throw new RangeError(`${harts} harts: there can be 1 to ${HART_LIMIT}`);
  }
  return { harts, schedule, translation, engine, iommu, strangers: virtio && { virtio, epoch } };
}

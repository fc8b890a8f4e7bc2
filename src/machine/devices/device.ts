// What the bus asks of a device. A device gets capabilities (an interrupt line, the clock, a DMA port) from whoever
// composes the machine, never the machine itself, and keeps its guest-visible state in one named State record.

/** Bytes of an access. */
export type Width = 1 | 2 | 4 | 8;

/** Refused access: the hart takes an access fault. */
export const REFUSED = -1;

/** The world number of the layer: all code more privileged than the guests. Guests are 0, 1, ... */
export const LAYER = -1;

/** Owner of a register that is the layer's. */
export const OWNER_LAYER = -1;
/** Owner of a register that is whichever world runs: its own S-context threshold and claim. */
export const OWNER_RUNNING = -2;

/** Who makes an access: a guest's index, or LAYER. */
export interface Access {
  readonly world: number;
}

export interface Device {
  readonly name: string;
  /** Bytes of address space decoded, from the base of the board's row. */
  readonly size: number;
  /** The value as an unsigned 32-bit number, or REFUSED. The bus has checked alignment and split 64-bit accesses into
   * two of 4 bytes, low half first. */
  read(offset: number, width: 1 | 2 | 4, world: number): number;
  /** False when refused. `value` is an unsigned number of `width` bytes. */
  write(offset: number, width: 1 | 2 | 4, value: number, world: number): boolean;
  /** Plain data, sharing nothing with the device: comparable, hashable, structured-cloneable. */
  save(): unknown;
  restore(state: unknown): void;
  /** The owners an access touches, where the board's row cannot say it for the whole device: guest indices,
   * OWNER_LAYER, OWNER_RUNNING. `value` is the word stored; asked before the access takes effect. */
  owners?(offset: number, width: 1 | 2 | 4, value: number, write: boolean): number[];
  /** Would that store leave everything as it is? Where a device does not say, it would not. */
  keeps?(offset: number, width: 1 | 2 | 4, value: number): boolean;
  /** A register's name for messages and traces; offsets that hold none say so. */
  registerName?(offset: number): string;
}

export interface InterruptLine {
  set(high: boolean): void;
}

// A kernel in Linux's own boot format, which is no ELF file: "Boot image header in RISC-V Linux", kernel documentation
// arch/riscv/boot-image-header. Its first instruction is its first byte, at any 2 MiB boundary of RAM.
import type { Elf } from '../machine/elf.ts';

const HEADER = { size: 64, textOffset: 8, imageSize: 16, magic: 56 } as const;
const MAGIC = 0x0543_5352; // "RSC\x05"

/** COMMAND_LINE_SIZE of a Linux kernel for RISC-V, less its terminator. */
export const MAX_ARGS = 1023;
/** A kernel without a seed waits for entropy that a machine without chance never has. */
export const SEED = new TextEncoder().encode('a seed for kernels, always equal');

export interface LinuxImage {
  /** From the start of RAM to where it likes to lie. */
  readonly textOffset: number;
  /** Memory that it takes, with what is zero at its end. */
  readonly size: number;
}

/** What its header says; undefined: it has none. */
export function readLinuxImage(bytes: Uint8Array): LinuxImage | undefined {
  if (bytes.length < HEADER.size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(HEADER.magic, true) !== MAGIC) return undefined;
  return {
    textOffset: Number(view.getBigUint64(HEADER.textOffset, true)),
    size: Math.max(Number(view.getBigUint64(HEADER.imageSize, true)), bytes.length),
  };
}

/** The same in the terms of an ELF file linked at 0: all of it in one segment. */
export function linuxAsElf(bytes: Uint8Array, { size }: LinuxImage): Elf {
  const segment = {
    virtualAddress: 0,
    physicalAddress: 0,
    bytes,
    memorySize: size,
    readable: true,
    writable: true,
    executable: true,
  };
  return { entry: 0, segments: [segment], symbols: [], sections: [] };
}

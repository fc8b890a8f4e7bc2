// A kernel in Linux's own boot format, which is no ELF file: "Boot image header in RISC-V Linux", kernel documentation
// arch/riscv/boot-image-header. Its first instruction is its first byte, at any 2 MiB boundary of RAM.
import type { Elf, ElfSection, ElfSymbol } from '../machine/elf.ts';
import { readKernelSymbols } from './kallsyms.ts';

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

/** Where its own page tables have the first byte of the image, unless it is told to move. */
export const LINUX_BASE = 0xffff_ffff_8000_0000n;

/** Entries of `sys_call_table` are 8 bytes; read() has this number. */
const READ_CALL = 63 * 8;

/** Names by which acts know places in any guest: its trap handler, text that never changes, the change of thread, data that
 * whatever it does depends on, and what /init calls before each unit of its work. */
const KNOWN_AS: readonly (readonly [name: string, as: string, offset: number])[] = [
  ['handle_exception', 'trap_entry', 0],
  ['linux_banner', 'canary', 0],
  ['__switch_to', 'context_switch', 0],
  ['sys_call_table', 'work_state', READ_CALL],
  // sync(2): nobody else calls it.
  ['ksys_sync', 'process_poll', 0],
];

/** Parts of the image between two names. */
const PARTS = [
  { name: '.text', from: '_stext', to: '_etext' },
  { name: '.data', from: '_data', to: '_edata' },
  { name: '.bss', from: '__bss_start', to: '__bss_stop' },
  { name: '.stacks', from: '__start_init_stack', to: '__end_init_stack' },
] as const;

function symbolsOf(bytes: Uint8Array, size: number): ElfSymbol[] {
  const found = readKernelSymbols(bytes).filter(({ address }) => address < size);
  // Names of one place come one after the other; what follows them is where it ends.
  let end = size;
  const backwards = found.toReversed().map(({ name, kind, address }, index, reversed): ElfSymbol => {
    const behind = reversed[index - 1]?.address;
    if (behind !== undefined && behind > address) end = behind;
    const type = kind.toLowerCase() === 't' ? 'function' : 'object';
    return { name, address, size: end - address, type, section: undefined };
  });
  const own = backwards.toReversed();
  const aliases = KNOWN_AS.flatMap(([name, as, offset]) =>
    own
      .filter((symbol) => symbol.name === name)
      .map((symbol): ElfSymbol => ({ ...symbol, name: as, address: symbol.address + offset, size: 0 })),
  );
  return [...own, ...aliases];
}

function sectionsOf(symbols: readonly ElfSymbol[]): ElfSection[] {
  const addresses = new Map(symbols.map(({ name, address }) => [name, address]));
  return PARTS.flatMap(({ name, from, to }): ElfSection[] => {
    const [start, end] = [addresses.get(from), addresses.get(to)];
    if (start === undefined || end === undefined || end <= start) return [];
    return [{ name, address: start, size: end - start, allocated: true }];
  });
}

/** The same in the terms of an ELF file linked at 0: all of it in one segment, its names read when first asked for. */
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
  let symbols: ElfSymbol[] | undefined;
  let sections: ElfSection[] | undefined;
  const elf: Elf = {
    entry: 0,
    segments: [segment],
    get symbols() {
      symbols ??= symbolsOf(bytes, size);
      return symbols;
    },
    get sections() {
      sections ??= sectionsOf(elf.symbols);
      return sections;
    },
  };
  return elf;
}

// Names of places in physical memory: the symbols of one image where it is loaded.
import type { Elf } from '../machine/elf.ts';

interface Entry {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

interface Entries {
  readonly byName: ReadonlyMap<string, Entry>;
  readonly byAddress: readonly Entry[];
}

function indexed(elf: Elf, bias: number): Entries {
  const entries = elf.symbols.map(({ name, address, size }) => ({ name, address: address + bias, size }));
  const byName = new Map<string, Entry>();
  const byAddress = entries.sort((a, b) => a.address - b.address || a.size - b.size);
  for (const entry of byAddress) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return { byName, byAddress };
}

export class SymbolTable {
  /** Whose symbols these are: a guest's name, or a layer's. */
  readonly owner: string;
  readonly #elf: Elf;
  readonly #bias: number;
  readonly #end: number;
  #entries: Entries | undefined;

  /** `bias` is what loading adds to the addresses of the file. */
  constructor(owner: string, elf: Elf, bias: number) {
    this.owner = owner;
    this.#elf = elf;
    this.#bias = bias;
    this.#end = Math.max(0, ...elf.segments.map((segment) => segment.virtualAddress + segment.memorySize)) + bias;
  }

  /** Made when first asked for: a stranger's kernel has a hundred thousand of them. */
  get #index(): Entries {
    this.#entries ??= indexed(this.#elf, this.#bias);
    return this.#entries;
  }

  has(name: string): boolean {
    return this.#index.byName.has(name);
  }

  /** Physical address of a symbol that must be there. */
  address(name: string): number {
    const entry = this.#index.byName.get(name);
    if (entry === undefined) throw new RangeError(`${this.owner} has no symbol ${name}`);
    return entry.address;
  }

  size(name: string): number {
    return this.#index.byName.get(name)?.size ?? 0;
  }

  /** "unix:trap_entry" or "unix:trap_entry+0x1c", and behind the end of what has a name "unix:.rodata+0x8"; undefined outside
   * the image. */
  describe(address: number): string | undefined {
    const found = this.find(address);
    if (found === undefined) return undefined;
    const isBehind = found.size > 0 && found.offset >= found.size;
    const { name, offset } = (isBehind ? this.#section(address) : undefined) ?? found;
    return `${this.owner}:${name}${offset === 0 ? '' : `+0x${offset.toString(16)}`}`;
  }

  #section(address: number): { readonly name: string; readonly offset: number } | undefined {
    const at = address - this.#bias;
    const found = this.#elf.sections.find(
      (section) => section.allocated && section.address <= at && at < section.address + section.size,
    );
    return found && { name: found.name, offset: at - found.address };
  }

  /** The last symbol at or below the address, of several there the one with the largest size; undefined outside the image. */
  find(address: number): { readonly name: string; readonly offset: number; readonly size: number } | undefined {
    if (address >= this.#end) return undefined;
    const { byAddress } = this.#index;
    let low = 0;
    let high = byAddress.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((byAddress[middle]?.address ?? Number.POSITIVE_INFINITY) <= address) low = middle + 1;
      else high = middle;
    }
    const found = byAddress[low - 1];
    return found && { name: found.name, offset: address - found.address, size: found.size };
  }
}

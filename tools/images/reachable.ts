// Counts the instructions of a layer that a guest's acts can reach: those of every function that its trap entry refers
// to, and what these refer to, data with pointers included. An upper bound: no path is excluded by a value.

export interface Place {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

/** One reference in the linked file: the word or instruction at `from` means the address `to`. */
export interface Reference {
  readonly from: number;
  readonly to: number;
}

/** `readelf -rW` of a file linked with its relocations kept. */
export function readReferences(listing: string): Reference[] {
  const references: Reference[] = [];
  for (const line of listing.split('\n')) {
    const match = /^([0-9a-f]{8,16})\s+[0-9a-f]+\s+R_RISCV_\w+\s+([0-9a-f]{16})\s+\S+ \+ ([0-9a-f]+)\s*$/.exec(line);
    if (!match) continue;
    const [, from = '', symbol = '', addend = ''] = match;
    references.push({ from: Number.parseInt(from, 16), to: Number.parseInt(symbol, 16) + Number.parseInt(addend, 16) });
  }
  return references;
}

/** Addresses of the instructions in `objdump -d`. */
export function readInstructions(listing: string): number[] {
  return [...listing.matchAll(/^\s*([0-9a-f]+):\t[0-9a-f]{4}/gm)].map(([, address = '']) =>
    Number.parseInt(address, 16),
  );
}

/** The index of the last of these ascending addresses that is not above `address`. */
function indexBelow(addresses: readonly number[], address: number): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((addresses[middle] ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function countReachable(
  places: readonly Place[],
  references: readonly Reference[],
  instructions: readonly number[],
  entrance: string,
): number {
  const starts = [...new Set(places.map(({ address }) => address))].sort((a, b) => a - b);
  const edges = new Map<number, Set<number>>();
  const connect = (from: number, to: number): void => {
    const known = edges.get(from);
    if (known) known.add(to);
    else edges.set(from, new Set([to]));
  };
  for (const { from, to } of references) connect(indexBelow(starts, from), indexBelow(starts, to));
  // Assembly has labels without a size; control may run from one into the next.
  for (const { address, size } of places) {
    const index = indexBelow(starts, address);
    if (size === 0 && index + 1 < starts.length) connect(index, index + 1);
  }
  const root = places.find(({ name }) => name === entrance);
  if (root === undefined) throw new RangeError(`there is no ${entrance} to start from`);
  const reached = new Set<number>();
  const open = [indexBelow(starts, root.address)];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    open.push(...(edges.get(index) ?? []));
  }
  return instructions.filter((address) => reached.has(indexBelow(starts, address))).length;
}

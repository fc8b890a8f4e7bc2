/** Bytes of a sector: the unit of all requests, whatever the disk's own block size. */
export const SECTOR_BYTES = 512;
/** What was written is kept in pieces of this size: eight sectors. */
const CLUSTER_BYTES = 4096;

/** A cluster that was written to. Its bytes are never changed again: a later write makes a new piece. */
interface Cluster {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** What differs from the image, by rising index. */
export interface DiskState {
  clusters: readonly Cluster[];
}

/** A disk over an image that is never written to: states hold the clusters that were, and share their bytes, so that a
 * snapshot costs no more than its list. */
export class Disk {
  readonly sectors: number;
  readonly #image: Uint8Array;
  readonly #written = new Map<number, Uint8Array>();
  /** The state as last saved or restored, until the next write. */
  #saved: DiskState | undefined;

  /** Bytes missing in the last sector are zeros. */
  constructor(image: Uint8Array) {
    this.#image = image;
    this.sectors = Math.ceil(image.length / SECTOR_BYTES);
  }

  /** Do these bytes, from the start of that sector, make up whole sectors of the disk? */
  holds(sector: number, length: number): boolean {
    return length % SECTOR_BYTES === 0 && sector + length / SECTOR_BYTES <= this.sectors;
  }

  read(sector: number, into: Uint8Array): void {
    eachCluster(sector, into.length, (index, offset, size, at) => {
      const bytes = this.#written.get(index) ?? this.#pristine(index);
      into.set(bytes.subarray(offset, offset + size), at);
    });
  }

  write(sector: number, bytes: Uint8Array): void {
    this.#saved = undefined;
    eachCluster(sector, bytes.length, (index, offset, size, at) => {
      const cluster = new Uint8Array(CLUSTER_BYTES);
      cluster.set(this.#written.get(index) ?? this.#pristine(index));
      cluster.set(bytes.subarray(at, at + size), offset);
      this.#written.set(index, cluster);
    });
  }

  /** The image's bytes of a cluster; fewer at its end. */
  #pristine(index: number): Uint8Array {
    return this.#image.subarray(index * CLUSTER_BYTES, (index + 1) * CLUSTER_BYTES);
  }

  save(): DiskState {
    this.#saved ??= {
      clusters: [...this.#written]
        .map(([index, bytes]) => ({ index, bytes }))
        .sort((one, other) => one.index - other.index),
    };
    return this.#saved;
  }

  restore(state: DiskState): void {
    if (state === this.#saved) return;
    this.#written.clear();
    for (const { index, bytes } of state.clusters) this.#written.set(index, bytes);
    this.#saved = state;
  }
}

function eachCluster(
  sector: number,
  length: number,
  visit: (index: number, offset: number, size: number, at: number) => void,
): void {
  const start = sector * SECTOR_BYTES;
  for (let at = 0; at < length; ) {
    const offset = (start + at) % CLUSTER_BYTES;
    const size = Math.min(length - at, CLUSTER_BYTES - offset);
    visit((start + at - offset) / CLUSTER_BYTES, offset, size, at);
    at += size;
  }
}

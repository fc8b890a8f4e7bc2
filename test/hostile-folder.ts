// A campaign's folder in memory that fails as disks do: full at any byte, short writes, no right to write, torn and
// flipped bytes.

import type { Folder } from '../src/campaign/folder.ts';

export class HostileFolder implements Folder {
  readonly name = 'shards';
  readonly files = new Map<string, Uint8Array>();
  /** Bytes that still fit. */
  room = Number.POSITIVE_INFINITY;
  /** The most that one write takes. */
  mouthful = Number.POSITIVE_INFINITY;
  /** What every write fails with. */
  refusal: string | undefined;

  #fail(code: string): never {
    throw Object.assign(new Error(code), { code });
  }

  names(): string[] {
    return [...this.files.keys()];
  }

  read(name: string): Uint8Array {
    return this.files.get(name)?.slice() ?? this.#fail('ENOENT');
  }

  append(name: string, bytes: Uint8Array): number {
    if (this.refusal !== undefined) this.#fail(this.refusal);
    if (this.room === 0) this.#fail('ENOSPC');
    const part = bytes.subarray(0, Math.min(this.room, this.mouthful));
    this.room -= part.length;
    const old = this.files.get(name) ?? new Uint8Array();
    const grown = new Uint8Array(old.length + part.length);
    grown.set(old);
    grown.set(part, old.length);
    this.files.set(name, grown);
    return part.length;
  }

  truncate(name: string, size: number): void {
    if (this.refusal !== undefined) this.#fail(this.refusal);
    this.files.set(name, this.read(name).slice(0, size));
  }

  replace(name: string, bytes: Uint8Array): void {
    if (this.refusal !== undefined) this.#fail(this.refusal);
    if (this.room < bytes.length) this.#fail('ENOSPC');
    this.files.set(name, bytes.slice());
  }

  text(name: string): string {
    return new TextDecoder().decode(this.read(name));
  }

  copy(): HostileFolder {
    const copy = new HostileFolder();
    for (const [name, bytes] of this.files) copy.files.set(name, bytes.slice());
    return copy;
  }
}

/** Guest RAM as a bus master reaches it: physical addresses, no translation. Accesses are those of a world: the ledger
 * hears of pages that are another's. */
export interface RamPort {
  /** Is every byte of it RAM? Any numbers may be asked for. */
  covers(paddr: number, length: number): boolean;
  /** A copy; undefined where a byte is not RAM. */
  read(paddr: number, length: number, world: number): Uint8Array | undefined;
  /** False, and nothing stored, where a byte is not RAM. */
  write(paddr: number, bytes: Uint8Array, world: number): boolean;
}
